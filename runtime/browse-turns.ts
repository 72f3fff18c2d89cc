/** Sharing: how many may read at a time, and when a long reading lets others have their turn. */
import { BrowseRefusal } from "./browse-refusal.ts";

export interface Slots {
  /** Returns what gives it back. Throws a refusal when all are taken. */
  take(): () => void;
}

export function createSlots(what: string, most: number): Slots {
  let taken = 0;
  return {
    take() {
      if (taken >= most) {
        throw new BrowseRefusal(`Expected at most ${most} ${what} at a time, got one more: try again`, {
          kind: "busy",
        });
      }
      taken += 1;
      return () => {
        taken -= 1;
      };
    },
  };
}

/** How long records are looked through before others have a turn. */
const TURN_MS = 8;

/** What it returns is awaited now and then: a promise when the time is up, and others have had their turn by then. */
export function createBreather(now: () => number): () => Promise<void> | null {
  let since = now();
  return () => {
    if (now() - since < TURN_MS) return null;
    return new Promise((resolve) =>
      setImmediate(() => {
        since = now();
        resolve();
      }),
    );
  };
}
