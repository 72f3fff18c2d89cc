/** Follows a topic: what is there, and then what comes, a few times a second in a frame that the browser draws. */
import { type Signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { getText } from "../../data/api.ts";
import { type Message, parsePage } from "../../data/message.ts";
import { connection, listen } from "../../data/stream.ts";
import { fromAddress, pageUrl } from "./browse-query.ts";
import { addDropped, addToTail, EMPTY_TAIL, KEPT, startTail, type Tail } from "./tail.ts";

/** Between two changes of what is shown: faster than this nobody reads, and each costs a layout. */
const PAUSE_MS = 80;

/** How many of the newest records are there from the start, so that a quiet topic shows something. */
const AT_FIRST = "100";

export interface Followed {
  readonly tail: Signal<Tail>;
  /** False until what was there is shown; it may have been nothing. */
  readonly started: Signal<boolean>;
  /** Why what was there could not be had; what comes is shown nevertheless. */
  readonly error: Signal<Error | null>;
}

export function useTail(topic: string): Followed {
  const tail = useSignal<Tail>(EMPTY_TAIL);
  const started = useSignal(false);
  const error = useSignal<Error | null>(null);
  useEffect(() => {
    const loading = new AbortController();
    let waiting: Message[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    let frame = 0;
    tail.value = EMPTY_TAIL;
    started.value = false;
    error.value = null;

    const flush = () => {
      timer = undefined;
      const batch = waiting;
      waiting = [];
      tail.value = addToTail(tail.peek(), batch);
    };
    const schedule = () => {
      if (!started.peek() || timer !== undefined) return;
      timer = setTimeout(() => {
        frame = requestAnimationFrame(flush);
      }, PAUSE_MS);
    };
    const stop = listen({
      topics: [topic],
      onMessage(message) {
        // No frame is drawn, for whatever reason: what would not be kept in the end need not wait for it.
        if (waiting.length >= KEPT) waiting = waiting.slice(KEPT / 2);
        waiting.push(message);
        schedule();
      },
      onDropped(dropped) {
        const own = dropped.event === "message" && (dropped.topic === topic || dropped.topic === null);
        if (own) tail.value = addDropped(tail.peek(), dropped.count);
      },
    });
    const load = () =>
      getText(pageUrl(topic, fromAddress({ limit: AT_FIRST }), null), loading.signal)
        .then((text) => {
          const before = tail.peek();
          const { received, dropped } = before;
          const joined = addToTail(startTail(parsePage(text).messages), [...before.rows].reverse());
          tail.value = { ...joined, received, dropped };
          error.value = null;
        })
        .catch((cause: Error) => {
          if (!loading.signal.aborted) error.value = cause;
        })
        .finally(() => {
          if (loading.signal.aborted) return;
          started.value = true;
          schedule();
        });
    void load();
    // What could not be had while the platform was away is there again when it is.
    const unsubscribe = connection.subscribe(({ state }) => {
      if (state === "live" && error.peek() !== null) void load();
    });
    return () => {
      loading.abort();
      unsubscribe();
      stop();
      clearTimeout(timer);
      cancelAnimationFrame(frame);
    };
  }, [topic]);
  return { tail, started, error };
}
