import { useEffect, useState } from "preact/hooks";
import { apiPath, getJson } from "../../data/api.ts";
import { listen } from "../../data/stream.ts";
import { fromHistory, type LagHistory, type LagPoint, withEvent } from "./lag-series.ts";

/** A group's lag over the last 15 minutes, going on live. */
export function useLagPoints(id: string): readonly LagPoint[] {
  const [points, setPoints] = useState<readonly LagPoint[]>([]);
  useEffect(() => {
    const gone = new AbortController();
    getJson<LagHistory>(`${apiPath("groups", id)}/lag`, gone.signal).then(
      (history) =>
        setPoints((live) => {
          const past = fromHistory(history);
          const since = past.at(-1)?.at ?? 0;
          return [...past, ...live.filter(({ at }) => at > since)];
        }),
      () => {}, // without its past the graph begins now; that the group is not there is told by the page
    );
    const stop = listen({
      lag: true,
      onLag: (event) => setPoints((before) => withEvent(before, id, event, Date.now())),
    });
    return () => {
      gone.abort();
      stop();
    };
  }, [id]);
  return points;
}
