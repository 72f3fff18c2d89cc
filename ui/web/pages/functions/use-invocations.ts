/** A function's invocations: those that the platform keeps, and those to come. */
import { useEffect, useRef, useState } from "preact/hooks";
import { apiPath, getJson, withQuery } from "../../data/api.ts";
import { listen } from "../../data/stream.ts";
import type { InvocationEvent } from "../../data/types.ts";
import { type Invocation, mergeSummaries, summaryOf } from "./invocation.ts";

/** More than these are not walked through; older ones are forgotten. */
const MOST = 500;
/** Live ones are shown this often: an eye needs no more, and a busy page less. */
const SHOW_EVERY_MS = 250;

export interface Invocations {
  /** Newest first. */
  readonly list: readonly InvocationEvent[];
  readonly loading: boolean;
  readonly error: Error | null;
  /** How many the server left out, as there were too many to read. */
  readonly dropped: number;
  readonly paused: boolean;
  pause(paused: boolean): void;
}

/** The invocations that the platform keeps of a function, oldest first, whole. */
export const fetchInvocations = async (
  name: string,
  limit: number,
  signal?: AbortSignal,
): Promise<readonly Invocation[]> => {
  const path = withQuery(`${apiPath("functions", name)}/invocations`, { limit });
  return (await getJson<{ invocations: Invocation[] }>(path, signal)).invocations;
};

/**
 * `isKnown`: whether there is such a function. Until that is told nothing is asked for: the tab's one stream is refused
 * as a whole where it names an unknown one.
 */
export function useInvocations(name: string, isKnown: boolean): Invocations {
  const [list, setList] = useState<readonly InvocationEvent[]>([]);
  const [load, setLoad] = useState<{ loading: boolean; error: Error | null }>({ loading: true, error: null });
  const [dropped, setDropped] = useState(0);
  const [paused, setPaused] = useState(false);
  const waiting = useRef<InvocationEvent[]>([]);

  useEffect(() => {
    if (!isKnown) return;
    const own = new AbortController();
    fetchInvocations(name, MOST, own.signal).then(
      (kept) => {
        setList((live) => mergeSummaries(live, kept.map(summaryOf), MOST));
        setLoad({ loading: false, error: null });
      },
      (error: Error) => !own.signal.aborted && setLoad({ loading: false, error }),
    );
    const stop = listen({
      invocations: [name],
      onInvocation(invocation) {
        waiting.current.push(invocation);
        if (waiting.current.length > MOST) waiting.current.shift();
      },
      onDropped({ event, count, function: of }) {
        if (event === "invocation" && (of === null || of === name)) setDropped((before) => before + count);
      },
    });
    return () => {
      own.abort();
      stop();
    };
  }, [name, isKnown]);

  useEffect(() => {
    if (paused) return;
    const timer = setInterval(() => {
      const came = waiting.current.splice(0);
      if (came.length > 0) setList((before) => mergeSummaries(before, came, MOST));
    }, SHOW_EVERY_MS);
    return () => clearInterval(timer);
  }, [paused]);

  return { list, ...load, dropped, paused, pause: setPaused };
}
