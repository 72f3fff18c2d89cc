/** A group's lag over time: its history as the server kept it, and what came since. */
import type { LagEvent } from "../../data/types.ts";

export interface LagPoint {
  /** ms since 1970. */
  readonly at: number;
  readonly lag: number;
  readonly lagSeconds: number | null;
  /** By `topic/partition`. */
  readonly partitions: ReadonlyMap<string, number>;
}

/** GET /api/groups/:id/lag. */
export interface LagHistory {
  readonly points: readonly {
    readonly timestamp: string;
    readonly lag: number;
    readonly lag_seconds: number | null;
    readonly partitions: readonly {
      readonly topic: string;
      readonly partition: number;
      readonly lag: number;
    }[];
  }[];
}

type PartitionLag = { readonly topic: string; readonly partition: number; readonly lag: number };

const byPartition = (partitions: readonly PartitionLag[]): ReadonlyMap<string, number> =>
  new Map(partitions.map(({ topic, partition, lag }) => [`${topic}/${partition}`, lag]));

export const fromHistory = ({ points }: LagHistory): readonly LagPoint[] =>
  points.map(({ timestamp, lag, lag_seconds, partitions }) => ({
    at: Date.parse(timestamp),
    lag,
    lagSeconds: lag_seconds,
    partitions: byPartition(partitions),
  }));

/** The last 15 minutes, with the group's lag of a live event added; unchanged where the event does not name it. */
export function withEvent(
  points: readonly LagPoint[],
  id: string,
  event: LagEvent,
  at: number,
): readonly LagPoint[] {
  const group = event.groups.find((one) => one.id === id);
  if (!group) return points;
  const added = {
    at,
    lag: group.lag,
    lagSeconds: group.lag_seconds,
    partitions: byPartition(group.partitions),
  };
  return [...points.filter((point) => point.at > at - SPAN_MS && point.at < at), added];
}

const SPAN_MS = 15 * 60_000;

/** The partitions that lagged most at their worst, most first: a chart holds no more lines than one can tell apart. */
export function worstPartitions(points: readonly LagPoint[], most: number): readonly string[] {
  const worst = new Map<string, number>();
  for (const { partitions } of points) {
    for (const [name, lag] of partitions) worst.set(name, Math.max(worst.get(name) ?? 0, lag));
  }
  return [...worst]
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .slice(0, most)
    .map(([name]) => name);
}
