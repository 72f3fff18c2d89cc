/** Asks before dead letters are written once more, and tells of each what became of it. */
import { useEffect, useRef, useState } from "preact/hooks";
import { formatCount, plural } from "../../data/format.ts";
import { idOf } from "../../data/message.ts";
import { recordHref } from "../../data/record-link.ts";
import { useResource } from "../../data/resource.ts";
import type { AppConfig } from "../../data/types.ts";
import { Dialog } from "../../parts/dialog.tsx";
import { Icon } from "../../parts/icon.tsx";
import type { Letter } from "./letter.ts";
import { type Redriven, redrive } from "./redrive.ts";

/** Of each kind; more are counted. */
const SHOWN = 20;

export function RedriveDialog({ letters, onClose }: { letters: readonly Letter[]; onClose: () => void }) {
  // What it was opened with: those that fail again come in meanwhile.
  const all = useRef(letters).current;
  const readOnly = useResource<AppConfig>("/api/config").data?.read_only ?? false;
  const [validate, setValidate] = useState(true);
  const [results, setResults] = useState<readonly Redriven[]>([]);
  const [state, setState] = useState<"asking" | "running" | "done">("asking");
  const running = useRef(new AbortController());
  useEffect(() => () => running.current.abort(), []);

  const start = async () => {
    setState("running");
    const onDone = (result: Redriven) => setResults((before) => [...before, result]);
    await redrive(all, { validate }, onDone, running.current.signal);
    setState("done");
  };
  const topics = [...new Set(all.flatMap(({ origin }) => (origin ? [origin.topic] : [])))];
  return (
    <Dialog
      title={`Produce ${plural(all.length, "record")} again`}
      onClose={onClose}
      footer={
        state === "asking" ? (
          <>
            <button type="button" class="button" onClick={onClose}>
              Cancel
            </button>
            <button type="button" class="button primary" disabled={readOnly} onClick={() => void start()}>
              <Icon name="replay" /> Produce {plural(all.length, "record")}
            </button>
          </>
        ) : (
          <button
            type="button"
            class="button"
            onClick={state === "running" ? () => running.current.abort() : onClose}
          >
            {state === "running" ? "Stop" : "Close"}
          </button>
        )
      }
    >
      {state === "asking" ? (
        <div class="stack">
          <p>
            {all.length === 1 ? "This record is" : "These records are"} written once more to{" "}
            <b>{topics.join(", ") || "no topic that is known"}</b>, with the same key, value, headers and
            time. All functions that read {topics.length === 1 ? "it" : "them"} get{" "}
            {all.length === 1 ? "it" : "them"} again, those that had handled{" "}
            {all.length === 1 ? "it" : "them"} before too. The dead{" "}
            {all.length === 1 ? "letter stays" : "letters stay"} where{" "}
            {all.length === 1 ? "it is" : "they are"}.
          </p>
          <label class="check">
            <input
              type="checkbox"
              checked={validate}
              onChange={(event) => setValidate(event.currentTarget.checked)}
            />
            Only what the topic's schema takes
          </label>
          {readOnly && <p class="field-error">The platform is read-only: nothing can be written.</p>}
        </div>
      ) : (
        <Results results={results} total={all.length} />
      )}
    </Dialog>
  );
}

function Results({ results, total }: { results: readonly Redriven[]; total: number }) {
  const written = results.filter((one) => "written" in one);
  const not = results.filter((one) => "problem" in one);
  return (
    <div class="stack">
      <progress aria-label="How many have been tried" max={total} value={results.length} />
      <p role="status">
        {formatCount(written.length)} of {plural(total, "record")} written
        {not.length > 0 && `, ${formatCount(not.length)} not`}.
      </p>
      {not.length > 0 && (
        <section aria-label="Not written">
          <h3>Not written</h3>
          <ul class="redriven">
            {not.slice(0, SHOWN).map(({ letter, problem }) => (
              <li key={idOf(letter.message)}>
                <a href={recordHref(letter.message)}>{idOf(letter.message)}</a> {problem}
              </li>
            ))}
            {not.length > SHOWN && <li class="quiet">and {formatCount(not.length - SHOWN)} more</li>}
          </ul>
        </section>
      )}
      {written.length > 0 && (
        <section aria-label="Written">
          <h3>Written</h3>
          <ul class="redriven">
            {written.slice(0, SHOWN).map(({ letter, written: place }) => (
              <li key={idOf(letter.message)}>
                <a href={recordHref(place)}>{idOf(place)}</a>
              </li>
            ))}
            {written.length > SHOWN && <li class="quiet">and {formatCount(written.length - SHOWN)} more</li>}
          </ul>
        </section>
      )}
    </div>
  );
}
