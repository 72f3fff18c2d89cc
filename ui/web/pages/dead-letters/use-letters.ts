/** The dead letters of all topics: what is there, and what comes. */
import { useEffect, useState } from "preact/hooks";
import { getText } from "../../data/api.ts";
import { idOf, type Message, parsePage } from "../../data/message.ts";
import { useResource } from "../../data/resource.ts";
import { listen } from "../../data/stream.ts";
import type { Topic } from "../../data/types.ts";
import { fromAddress, pageUrl } from "../topic/browse-query.ts";
import { type Letter, toLetter } from "./letter.ts";

/** How many of the newest letters of each topic are looked at: enough to see which faults there are. */
const EACH = 1000;
/** While the page is open. */
const KEPT = 5000;

export interface Letters {
  /** Null until the first have come. */
  readonly letters: readonly Letter[] | null;
  readonly topics: readonly Topic[];
  /** Whether a topic has more letters than are looked at. */
  readonly isPart: boolean;
  readonly error: Error | null;
  reload(): void;
}

export function useLetters(): Letters {
  const all = useResource<{ topics: Topic[] }>("/api/topics", { everyMs: 10_000 });
  const topics = (all.data?.topics ?? []).filter(({ role }) => role === "dlq");
  const names = topics.map(({ name }) => name).join(",");
  const [letters, setLetters] = useState<ReadonlyMap<string, Letter> | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const [tries, setTries] = useState(0);
  const known = all.data !== null;

  useEffect(() => {
    if (!known) return;
    const own = new AbortController();
    const each = names === "" ? [] : names.split(",");
    let waiting: Message[] = [];
    let frame = 0;
    const flush = () => {
      frame = 0;
      const batch = waiting;
      waiting = [];
      setLetters((before) => withLetters(before ?? new Map(), batch));
    };
    const stop = listen({
      topics: each,
      onMessage(message) {
        if (!each.includes(message.topic)) return;
        waiting.push(message);
        if (frame === 0) frame = requestAnimationFrame(flush);
      },
    });
    const newest = fromAddress({ limit: String(EACH) });
    Promise.all(each.map((topic) => getText(pageUrl(topic, newest, null), own.signal))).then(
      (pages) => {
        setError(null);
        setLetters((before) =>
          withLetters(
            before ?? new Map(),
            pages.flatMap((text) => parsePage(text).messages),
          ),
        );
      },
      (cause: Error) => {
        if (!own.signal.aborted) setError(cause);
      },
    );
    return () => {
      own.abort();
      stop();
      cancelAnimationFrame(frame);
    };
  }, [known, names, tries]);

  return {
    letters: letters && [...letters.values()],
    topics,
    isPart: topics.some(({ message_count }) => message_count > EACH),
    error: error ?? (known ? null : all.error),
    reload: () => setTries(tries + 1),
  };
}

function withLetters(
  before: ReadonlyMap<string, Letter>,
  messages: readonly Message[],
): ReadonlyMap<string, Letter> {
  const after = new Map(before);
  for (const message of messages) after.set(idOf(message), toLetter(message));
  // A map keeps the order in which keys came: the first to come are the first to go.
  for (const id of after.keys()) {
    if (after.size <= KEPT) break;
    after.delete(id);
  }
  return after;
}
