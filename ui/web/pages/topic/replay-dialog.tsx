/** One record through a function, and what it would do. Nothing is written and no state is kept. */
import { useEffect, useState } from "preact/hooks";
import { apiPath, postText } from "../../data/api.ts";
import { formatDuration, plural } from "../../data/format.ts";
import { pagePath } from "../../data/location.ts";
import { rawItems, rawMembers } from "../../data/raw-json.ts";
import type { RecordPlace } from "../../data/record-link.ts";
import { Dialog } from "../../parts/dialog.tsx";
import { JsonTree } from "../../parts/json-tree.tsx";
import { ErrorState, Loading } from "../../parts/states.tsx";
import { Status } from "../../parts/status.tsx";

export interface ReplayDialogProps {
  readonly name: string;
  readonly place: RecordPlace;
  readonly onClose: () => void;
}

export function ReplayDialog({ name, place: { topic, partition, offset }, onClose }: ReplayDialogProps) {
  const [answer, setAnswer] = useState<string | null>(null);
  const [error, setError] = useState<Error | null>(null);
  useEffect(() => {
    const own = new AbortController();
    const body = JSON.stringify({ topic, partition, offset });
    postText(`${apiPath("functions", name)}/replay`, body, own.signal).then(setAnswer, (cause: Error) => {
      if (!own.signal.aborted) setError(cause);
    });
    return () => own.abort();
  }, []);
  return (
    <Dialog title={`Replay through ${name}`} size="large" onClose={onClose}>
      <div class="stack">
        <p>
          <a href={pagePath("functions", name)}>{name}</a> as it is now, given this one record, with empty
          state. What it emits is shown and not written.
        </p>
        {error && <ErrorState error={error} />}
        {!answer && !error && <Loading lines={6} label="Running the function" />}
        {answer && <Result json={answer} />}
      </div>
    </Dialog>
  );
}

function Result({ json }: { json: string }) {
  const result = rawMembers(rawItems(rawMembers(json).get("results") ?? "[]")[0] ?? "{}");
  const invocation = rawMembers(result.get("invocation") ?? "{}");
  const outcome = rawMembers(invocation.get("outcome") ?? "{}");
  const kind = JSON.parse(outcome.get("kind") ?? '"unknown"') as string;
  const output = rawMembers(outcome.get("output") ?? "{}");
  const lists = {
    "Emitted records": rawItems(output.get("emit") ?? "[]"),
    "Changes of state": rawItems(output.get("state") ?? "[]"),
    "Records it could not handle": rawItems(output.get("failures") ?? outcome.get("records") ?? "[]"),
    Logs: rawItems(invocation.get("logs") ?? "[]"),
    Metrics: rawItems(invocation.get("metrics") ?? "[]"),
  };
  const problem = outcome.get("error") ?? outcome.get("message");
  return (
    <>
      <p role="status">
        <Status value={kind} /> in {formatDuration(Number(invocation.get("durationMs") ?? 0))}:{" "}
        {plural(lists["Emitted records"].length, "record")} emitted
      </p>
      {problem && <JsonTree json={problem} />}
      {Object.entries(lists).map(
        ([title, items]) =>
          items.length > 0 && (
            <section key={title} class="record-part" aria-label={title}>
              <h3>
                {title} <span class="quiet">{items.length}</span>
              </h3>
              <JsonTree json={`[${items.join()}]`} open={2} />
            </section>
          ),
      )}
    </>
  );
}
