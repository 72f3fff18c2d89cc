/** Shows the record that a derived one was made of: its header names it; where it has none, it is looked for. */

import { useEffect, useState } from "preact/hooks";
import { useLocation } from "preact-iso/router";
import { idOf, type Message } from "../../data/message.ts";
import { parseId, type RecordPlace, recordHref } from "../../data/record-link.ts";
import { Dialog } from "../../parts/dialog.tsx";
import { Empty, ErrorState, Loading } from "../../parts/states.tsx";
import { type Causes, findCauses } from "./cause.ts";

/** More than these are not looked through one by one. */
const SHOWN = 20;

export function CauseDialog({ derived, onClose }: { derived: Message; onClose: () => void }) {
  const { route } = useLocation();
  const [causes, setCauses] = useState<Causes | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const open = (place: RecordPlace): void => {
    onClose();
    route(recordHref(place));
  };
  useEffect(() => {
    const named = parseId(derived.headers["ksp.cause"]);
    if (named) return open(named);
    const own = new AbortController();
    findCauses(derived, own.signal).then(
      (found) => {
        if (found.candidates.length !== 1) return setCauses(found);
        open(found.candidates[0]!);
      },
      (cause: Error) => {
        if (!own.signal.aborted) setError(cause);
      },
    );
    return () => own.abort();
  }, []);
  return (
    <Dialog title="Which record it was made of" onClose={onClose}>
      {error && <ErrorState error={error} />}
      {!causes && !error && <Loading lines={3} label="Looking for its cause" />}
      {causes && <Found causes={causes} />}
    </Dialog>
  );
}

function Found({ causes: { topics, candidates } }: { causes: Causes }) {
  if (candidates.length === 0) {
    return (
      <Empty title="It is not there any more.">
        {topics.length === 0
          ? "No function that is known here derives this topic from another."
          : `No record of its time is on ${topics.join(" or ")}: it may have been deleted as too old.`}
      </Empty>
    );
  }
  return (
    <div class="stack">
      <p>
        These have the very time of the derived record, which carries its cause's. The first have most in
        common with it.
      </p>
      <ol class="cause-list">
        {candidates.slice(0, SHOWN).map((one) => (
          <li key={idOf(one)}>
            <a href={recordHref(one)}>{idOf(one)}</a>
            <span class="mono quiet">{one.valueJson.slice(0, 300)}</span>
          </li>
        ))}
      </ol>
      {candidates.length > SHOWN && (
        <p class="quiet">And {candidates.length - SHOWN} more at the same time.</p>
      )}
    </div>
  );
}
