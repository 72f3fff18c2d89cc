/** Keyboard shortcuts: `/`, `j`, `Escape`, `mod+k` (Ctrl or Cmd), `g t` (one after the other). */
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { createSequence } from "./key-sequence.ts";

export interface Shortcut {
  /** What it does, for the help that `?` shows. */
  readonly label: string;
  /** Under which heading the help shows it. */
  readonly group?: string;
  run(event: KeyboardEvent): void;
}

export type Shortcuts = Readonly<Record<string, Shortcut>>;

/** All that are in force, the newest last: what a dialog or page binds hides the same key of what is behind it. */
export const bindings = signal<readonly { readonly current: Shortcuts }[]>([]);

/** Binds keys for as long as the component is shown. `enabled: false` unbinds them. */
export function useKeys(shortcuts: Shortcuts, enabled = true): void {
  const latest = useRef(shortcuts);
  latest.current = shortcuts;
  useEffect(() => {
    if (!enabled) return;
    bindings.value = [...bindings.peek(), latest];
    return () => {
      bindings.value = bindings.peek().filter((one) => one !== latest);
    };
  }, [enabled]);
}

/** Whether what is typed goes into a field. */
const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    target.matches(
      "textarea, select, input:not([type=checkbox], [type=radio], [type=range], [type=button])",
    ));

const sequence = createSequence();

function find(keys: string): Shortcut | undefined {
  return bindings
    .peek()
    .map((one) => one.current[keys])
    .findLast((shortcut) => shortcut !== undefined);
}

addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.altKey) return;
  const mod = event.ctrlKey || event.metaKey;
  // An open dialog owns the keyboard; it closes by Escape itself.
  if (document.querySelector("dialog:modal") && !mod) return;
  if (isTyping(event.target) && !mod && event.key !== "Escape") return;
  const keys = mod ? `mod+${event.key.toLowerCase()}` : sequence(event.key, event.timeStamp);
  const shortcut = find(keys) ?? (mod ? undefined : find(event.key));
  if (!shortcut) return;
  event.preventDefault();
  shortcut.run(event);
});
