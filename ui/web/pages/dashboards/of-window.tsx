/** What is drawn of a window of records, with what is missing from it said above. */
import type { ComponentChildren } from "preact";
import { formatCount, formatTime, plural } from "../../data/format.ts";
import { Icon } from "../../parts/icon.tsx";
import { ErrorState, Loading } from "../../parts/states.tsx";
import type { LiveWindow } from "./use-window.ts";
import { MOST } from "./window.ts";

export function OfWindow<T>({ window, children }: { window: LiveWindow<T>; children: ComponentChildren }) {
  const { loading, error, records, retry } = window;
  if (error && records.length === 0) return <ErrorState error={error} onRetry={retry} />;
  if (loading && records.length === 0) return <Loading lines={12} />;
  const notes = notesOf(window);
  return (
    <>
      {error && <ErrorState error={error} onRetry={retry} />}
      {notes.length > 0 && (
        <p class="stale">
          <Icon name="warning" /> {notes.join(" ")}
        </p>
      )}
      {children}
    </>
  );
}

function notesOf<T>({ cutAt, skipped, dropped }: LiveWindow<T>): string[] {
  const notes: string[] = [];
  if (cutAt !== null) {
    const since = formatTime(new Date(cutAt).toISOString(), new Date());
    notes.push(`Only the newest ${formatCount(MOST)} records are counted: all since ${since}.`);
  }
  if (dropped > 0)
    notes.push(`${plural(dropped, "record")} came faster than can be shown and are not counted.`);
  if (skipped > 0) notes.push(`Not counted, as they are of another shape: ${plural(skipped, "record")}.`);
  return notes;
}
