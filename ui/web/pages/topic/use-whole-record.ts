/** One record whole, loaded when it is first shown: what is on a topic does not change. */
import { useEffect, useState } from "preact/hooks";
import { apiPath, getText } from "../../data/api.ts";
import type { RecordPlace } from "../../data/record-link.ts";
import { parseWholeRecord, type WholeRecord } from "./whole-record.ts";

export const loadWholeRecord = async (place: RecordPlace, signal?: AbortSignal): Promise<WholeRecord> =>
  parseWholeRecord(await getText(apiPath("records", place.topic, place.partition, place.offset), signal));

export type Loading =
  | { readonly kind: "loading" }
  | { readonly kind: "loaded"; readonly whole: WholeRecord }
  | { readonly kind: "failed"; readonly error: Error; readonly retry: () => void };

export function useWholeRecord(place: RecordPlace): Loading {
  const { topic, partition, offset } = place;
  const [state, setState] = useState<{ readonly of: string; readonly loading: Loading } | null>(null);
  const [tries, setTries] = useState(0);
  const of = `${topic}/${partition}:${offset}`;
  useEffect(() => {
    const own = new AbortController();
    const retry = () => {
      setState(null);
      setTries(tries + 1);
    };
    loadWholeRecord({ topic, partition, offset }, own.signal).then(
      (whole) => setState({ of, loading: { kind: "loaded", whole } }),
      (error: Error) => {
        if (!own.signal.aborted) setState({ of, loading: { kind: "failed", error, retry } });
      },
    );
    return () => own.abort();
  }, [topic, partition, offset, tries]);
  return state?.of === of ? state.loading : { kind: "loading" };
}
