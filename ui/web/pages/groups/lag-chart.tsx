import { formatCount } from "../../data/format.ts";
import { useUrlState } from "../../data/location.ts";
import { Empty } from "../../parts/states.tsx";
import { TimeChart } from "../../parts/time-chart.tsx";
import { type LagPoint, worstPartitions } from "./lag-series.ts";

/** More lines than this are not told apart. */
const MOST_LINES = 8;

/** Lag in records: the group's, or that of its partitions. */
export function LagChart({ id, points }: { id: string; points: readonly LagPoint[] }) {
  const { query, set } = useUrlState();
  const byPartition = query.lag === "partitions";
  if (points.length < 2) {
    return <Empty title="The graph begins with the next measurement.">Lag is measured every 2 s.</Empty>;
  }
  const lines = byPartition
    ? worstPartitions(points, MOST_LINES).map((name) => ({
        label: name,
        values: points.map(({ partitions }) => partitions.get(name) ?? null),
      }))
    : [{ label: "Lag", values: points.map(({ lag }) => lag) }];
  return (
    <>
      <fieldset class="segmented">
        <legend class="visually-hidden">Lines</legend>
        <button type="button" aria-pressed={!byPartition} onClick={() => set({ lag: null })}>
          Whole group
        </button>
        <button type="button" aria-pressed={byPartition} onClick={() => set({ lag: "partitions" })}>
          By partition
        </button>
      </fieldset>
      <TimeChart
        key={String(byPartition)}
        label={`Lag of ${id} in records`}
        times={points.map(({ at }) => at)}
        lines={lines}
        format={formatCount}
        kind={byPartition ? "line" : "area"}
        height={220}
      />
    </>
  );
}
