/** Recorded invocations run again, by the code as it is now: what gives the same, what does not, and why. */
import { useState } from "preact/hooks";
import { formatCount, formatTime, plural } from "../../data/format.ts";
import { useResource } from "../../data/resource.ts";
import type { AppConfig, FunctionInfo } from "../../data/types.ts";
import { Card } from "../../parts/card.tsx";
import { Drawer } from "../../parts/drawer.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Empty, ErrorState } from "../../parts/states.tsx";
import { Badge } from "../../parts/status.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { readCaptureFile } from "./capture-file.ts";
import { describeDiff } from "./diff-summary.ts";
import { DiffView } from "./diff-view.tsx";
import type { Invocation } from "./invocation.ts";
import { fetchInvocations } from "./use-invocations.ts";
import { MOST_SHOWN, type Replay, type Replayed, type ReplayRun } from "./use-replay.ts";

/** More than the platform keeps of a function. */
const ALL_KEPT = 1000;

export function ReplayTab({ fn, replay }: { fn: FunctionInfo; replay: Replay }) {
  const readOnly = useResource<AppConfig>("/api/config").data?.read_only ?? false;
  const [error, setError] = useState<Error | null>(null);
  const { run, start, stop } = replay;
  const busy = run?.running ?? false;

  const begin = async (label: (count: number) => string, load: () => Promise<readonly string[]>) => {
    setError(null);
    try {
      const texts = await load();
      await start(label(texts.length), texts);
    } catch (cause) {
      setError(cause as Error);
    }
  };
  const replayKept = () =>
    begin(
      (count) => `the last ${plural(count, "invocation")}`,
      async () => (await fetchInvocations(fn.name, ALL_KEPT)).map((one) => JSON.stringify(one)),
    );
  const replayFile = (file: File) =>
    begin(
      () => file.name,
      async () => (await readCaptureFile(await file.text(), fn.name)).invocations,
    );

  return (
    <div class="stack">
      <Card title="Run again what is recorded">
        <div class="stack">
          <p class="prose">
            Each invocation gets the very input, time, chance and configuration it had, and what the function
            gives now is compared with what it gave then. Nothing is written and no state is kept.
          </p>
          <div class="actions">
            <button
              type="button"
              class="button primary"
              disabled={busy || readOnly}
              title={readOnly ? "The platform is read-only" : undefined}
              onClick={() => void replayKept()}
            >
              <Icon name="replay" /> Replay the last ones
            </button>
            <label class={`button ${busy || readOnly ? "disabled" : ""}`}>
              <Icon name="upload" /> Replay a capture…
              <input
                type="file"
                class="visually-hidden"
                accept=".ndjson,.jsonl,.json,.ksp,application/x-ndjson"
                disabled={busy || readOnly}
                onChange={(event) => {
                  const file = event.currentTarget.files?.[0];
                  event.currentTarget.value = "";
                  if (file) void replayFile(file);
                }}
              />
            </label>
            {busy && (
              <button type="button" class="button" onClick={stop}>
                <Icon name="stop" /> Stop
              </button>
            )}
          </div>
          <p class="quiet prose">
            <code>{`ksp capture ${fn.name} --out file`}</code> writes a capture; a single invocation is
            replayed from the list of invocations.
          </p>
        </div>
      </Card>
      {error && <ErrorState error={error} />}
      {run && <Run run={run} />}
    </div>
  );
}

function Run({ run }: { run: ReplayRun }) {
  const done = run.same + run.different + run.problems;
  const [opened, setOpened] = useState<Row | null>(null);
  return (
    <Card title={`Replay of ${run.label}`} flush aside={<Progress run={run} done={done} />}>
      {run.shown.length === 0 ? (
        <Empty title={run.running ? "So far all give the same." : verdict(run)}>
          {!run.running &&
            run.total > 0 &&
            (run.codeChanged
              ? "The code is not what it was: the change makes no difference to these."
              : "The code is what it was.")}
        </Empty>
      ) : (
        <Table
          label="Invocations that give something else now"
          columns={COLUMNS}
          rows={run.shown.map((replayed, index): Row => ({ replayed, index }))}
          keyOf={({ index }) => String(index)}
          sortParam="replay"
          selectedKey={opened ? String(opened.index) : null}
          onOpen={setOpened}
        />
      )}
      {run.different + run.problems > MOST_SHOWN && (
        <p class="quiet replay-more">Only the first {formatCount(MOST_SHOWN)} are shown.</p>
      )}
      {opened && (
        <Drawer title="What is different" onClose={() => setOpened(null)}>
          <Opened key={opened.index} replayed={opened.replayed} />
        </Drawer>
      )}
    </Card>
  );
}

function verdict({ total, same }: ReplayRun): string {
  if (total === 0) return "There is nothing to replay.";
  return same === total
    ? `All ${formatCount(total)} give the same as they did.`
    : `${formatCount(same)} of ${formatCount(total)} were replayed and give the same.`;
}

function Progress({ run, done }: { run: ReplayRun; done: number }) {
  return (
    <div class="filters" role="status">
      {run.running && <progress max={run.total} value={done} aria-label="Replayed" />}
      <span class="number quiet">
        {formatCount(done)} of {formatCount(run.total)}
      </span>
      <Badge tone={run.same > 0 ? "good" : "neutral"}>{`${formatCount(run.same)} the same`}</Badge>
      {run.different > 0 && <Badge tone="warn">{`${formatCount(run.different)} different`}</Badge>}
      {run.problems > 0 && <Badge tone="bad">{`${formatCount(run.problems)} not replayed`}</Badge>}
    </div>
  );
}

interface Row {
  readonly replayed: Replayed;
  readonly index: number;
}

const recordedOf = ({ text }: Replayed): Invocation => JSON.parse(text) as Invocation;

const COLUMNS: readonly Column<Row>[] = [
  {
    id: "at",
    label: "Its time",
    value: ({ index }) => index,
    render: ({ replayed }) => {
      if (replayed.kind === "problem") return `No. ${recordedOf(replayed).id.slice(0, 8)}`;
      return (
        <span class="mono">
          {formatTime(new Date(replayed.result.invocation.now).toISOString(), new Date())}
        </span>
      );
    },
  },
  {
    id: "input",
    label: "Input",
    wide: true,
    render: ({ replayed }) => (replayed.kind === "result" ? inputOf(replayed.result.invocation) : "–"),
  },
  {
    id: "difference",
    label: "Difference",
    render: ({ replayed }) =>
      replayed.kind === "result" ? (
        describeDiff(replayed.result.diff)
      ) : (
        <Badge tone="bad">not replayed</Badge>
      ),
  },
];

const inputOf = ({ input }: Invocation): string =>
  input.kind === "tick"
    ? `tick ${input.seq}`
    : `${plural(input.records.length, "record")} of ${input.topic}/${input.partition}`;

function Opened({ replayed }: { replayed: Replayed }) {
  if (replayed.kind === "problem") return <ErrorState error={replayed.error} />;
  const { diff, invocation, code_changed } = replayed.result;
  return (
    <div class="stack">
      <p>
        {describeDiff(diff)}
        <span class="quiet">{code_changed ? ", by other code than recorded" : ", by the same code"}</span>
      </p>
      <DiffView diff={diff} input={invocation.input} />
    </div>
  );
}
