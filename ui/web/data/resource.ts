/** What GET answers, kept fresh while it is shown: shared by all who show it, and kept on an error. */
import { type ReadonlySignal, signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ApiError, getJson, signedOut } from "./api.ts";

export interface Resource<T> {
  /** The last good answer. */
  readonly data: T | null;
  /** Why the last try failed; null once one succeeds. */
  readonly error: Error | null;
  readonly loading: boolean;
  /** When `data` came, ms since 1970. */
  readonly at: number | null;
}

interface Entry {
  readonly state: ReturnType<typeof signal<Resource<unknown>>>;
  users: number;
  timer: ReturnType<typeof setTimeout> | undefined;
  everyMs: number;
  reload(): Promise<void>;
}

const NOTHING: Resource<never> = { data: null, error: null, loading: true, at: null };
const entries = new Map<string, Entry>();

/** One entry a path, kept when nobody shows it: coming back to a page shows what it had, and then what is new. */
function entryOf(path: string): Entry {
  const known = entries.get(path);
  if (known) return known;
  const state = signal<Resource<unknown>>(NOTHING);
  let running: Promise<void> | null = null;
  const load = async () => {
    try {
      state.value = { data: await getJson(path), error: null, loading: false, at: Date.now() };
    } catch (error) {
      // It is asked for again once there is a session.
      if (error instanceof ApiError && error.status === 401) return;
      state.value = { ...state.peek(), error: error as Error, loading: false };
    } finally {
      running = null;
      plan(entry);
    }
  };
  const entry: Entry = {
    state,
    users: 0,
    timer: undefined,
    everyMs: Number.POSITIVE_INFINITY,
    reload: () => {
      if (signedOut.peek()) return Promise.resolve();
      running ??= load();
      return running;
    },
  };
  entries.set(path, entry);
  return entry;
}

/** Plans the next load: as often as was asked for, and soon after a failure. */
function plan(entry: Entry): void {
  clearTimeout(entry.timer);
  if (entry.users === 0 || document.hidden || signedOut.peek()) return;
  const wait = entry.state.peek()?.error ? Math.min(entry.everyMs, 3000) : entry.everyMs;
  if (Number.isFinite(wait)) entry.timer = setTimeout(() => void entry.reload(), wait);
}

document.addEventListener("visibilitychange", () => {
  for (const entry of entries.values()) {
    if (!document.hidden && entry.users > 0 && Number.isFinite(entry.everyMs)) void entry.reload();
    else plan(entry);
  }
});

signedOut.subscribe((out) => {
  if (out) return;
  for (const entry of entries.values()) if (entry.users > 0) void entry.reload();
});

/**
 * The JSON at an API path (null: none yet), loaded when first shown and then every `everyMs` (default: once).
 * Re-renders the component that reads it. `reload()` loads at once.
 */
export function useResource<T>(
  path: string | null,
  { everyMs = Number.POSITIVE_INFINITY }: { everyMs?: number } = {},
): Resource<T> & { reload(): void } {
  useEffect(() => {
    if (path === null) return;
    const entry = entryOf(path);
    entry.users++;
    entry.everyMs = entry.users === 1 ? everyMs : Math.min(entry.everyMs, everyMs);
    void entry.reload();
    return () => {
      entry.users--;
      plan(entry);
    };
  }, [path, everyMs]);
  if (path === null) return { ...NOTHING, loading: false, reload: () => {} };
  const entry = entryOf(path);
  const state = entry.state as unknown as ReadonlySignal<Resource<T>>;
  return { ...state.value, reload: () => void entry.reload() };
}
