/** The records of topics of the last minutes: loaded when the page is opened, then live. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { apiPath, getText, withQuery } from "../../data/api.ts";
import { type Message, parsePage } from "../../data/message.ts";
import { listen } from "../../data/stream.ts";
import { timeOf } from "./fields.ts";
import { addTo, emptyWindow, MOST, type RecordWindow } from "./window.ts";

const PAGE = 1000;
/** How often what has come in is shown, and the window moves on. */
const SHOW_EVERY_MS = 1000;

export interface LiveWindow<T> {
  readonly records: readonly T[];
  /** ms since 1970: the end of the window. */
  readonly now: number;
  /** Since when all records are here, where that is less than was asked for; null otherwise. */
  readonly cutAt: number | null;
  /** Records that are not of the shape that is charted. */
  readonly skipped: number;
  /** Records that came live and were left out, as there were too many. */
  readonly dropped: number;
  readonly loading: boolean;
  readonly error: Error | null;
  retry(): void;
}

/**
 * `topics` null: not known yet. `read` gives what is charted of a record, or null for one that is not of that shape;
 * it must be the same function at every render.
 */
export function useWindow<T>(
  topics: readonly string[] | null,
  minutes: number,
  read: (message: Message) => T | null,
): LiveWindow<T> {
  const [window, setWindow] = useState<RecordWindow<T>>(emptyWindow);
  const [now, setNow] = useState(Date.now);
  const [dropped, setDropped] = useState(0);
  const [loading, setLoading] = useState(true);
  const [error, setError] = useState<Error | null>(null);
  const [tries, setTries] = useState(0);
  const incoming = useRef<Message[]>([]);
  const key = topics?.join();

  useEffect(() => {
    if (topics === null) return;
    const leaving = new AbortController();
    const start = () => Date.now() - minutes * 60_000;
    incoming.current = [];
    setWindow(emptyWindow);
    setDropped(0);
    setLoading(true);
    setError(null);
    const show = () => {
      const from = start();
      const messages = incoming.current.splice(0);
      setNow(Date.now());
      setWindow((before) => addTo(before, messages, read, from));
    };
    const stop =
      topics.length === 0
        ? () => {}
        : listen({
            topics,
            onMessage: (message) => incoming.current.push(message),
            onDropped: (lost) => {
              if (lost.topic === null || topics.includes(lost.topic))
                setDropped((count) => count + lost.count);
            },
          });
    Promise.all(topics.map((topic) => loadBack(topic, start(), leaving.signal, incoming.current)))
      .then(
        () => show(),
        (cause: Error) => !leaving.signal.aborted && setError(cause),
      )
      .finally(() => !leaving.signal.aborted && setLoading(false));
    const timer = setInterval(show, SHOW_EVERY_MS);
    return () => {
      leaving.abort();
      stop();
      clearInterval(timer);
    };
  }, [key, minutes, read, tries]);

  const records = useMemo(() => window.kept.map(({ record }) => record), [window]);
  const cut = window.since > now - minutes * 60_000 + SHOW_EVERY_MS * 2;
  return {
    records,
    now,
    cutAt: cut ? window.since : null,
    skipped: window.skipped.size,
    dropped,
    loading,
    error,
    retry: () => setTries((count) => count + 1),
  };
}

/** Loads a topic's records back to `from`, the newest first, into `into`. */
async function loadBack(topic: string, from: number, signal: AbortSignal, into: Message[]): Promise<void> {
  let token: string | null = null;
  for (let loaded = 0; loaded <= MOST; ) {
    const path = withQuery(apiPath("messages", topic), { mode: "newest", limit: PAGE, page_token: token });
    const page = parsePage(await getText(path, signal));
    into.push(...page.messages);
    loaded += page.messages.length;
    token = page.nextPageToken;
    const oldest = page.messages[0] && timeOf(page.messages[0]);
    if (token === null || (oldest != null && oldest < from)) return;
  }
}
