import type { Segment } from "./segment.ts";

/** When a log is compacted, and what of it. Names follow Kafka's topic settings. */
export interface CompactionPolicy {
  /** Compacted only once more than this part of it is new since the last time. */
  readonly minCleanableDirtyRatio: number;
  /** How long a tombstone, once it is all that is left of its key, can still be read. */
  readonly deleteRetentionMs: number;
  /** Records younger than this are left alone. */
  readonly minCompactionLagMs: number;
  /** From this age on records are compacted whatever the ratio. */
  readonly maxCompactionLagMs: number;
}

export interface CompactionPlan {
  /** Compacted before, oldest first. */
  readonly clean: readonly Segment[];
  /** What follows them. */
  readonly dirty: readonly Segment[];
}

/**
 * What of the `closed` segments (all but the one being written) is to be compacted now; null: nothing. Nothing behind
 * `lastStableOffset` is: whether it counts is undecided. Up to `compactedTo` it was done before.
 */
export function planCompaction(
  closed: readonly Segment[],
  compactedTo: number,
  lastStableOffset: number,
  policy: CompactionPolicy,
  nowMs: number,
): CompactionPlan | null {
  const { minCompactionLagMs, maxCompactionLagMs, minCleanableDirtyRatio } = policy;
  const isDue = (segment: Segment): boolean =>
    segment.nextOffset <= lastStableOffset &&
    (minCompactionLagMs === 0 || nowMs - segment.newestMs() >= minCompactionLagMs);
  const firstNotDue = closed.findIndex((segment) => !isDue(segment));
  const cleanable = firstNotDue < 0 ? closed : closed.slice(0, firstNotDue);
  const clean = cleanable.filter((segment) => segment.baseOffset < compactedTo);
  const dirty = cleanable.slice(clean.length);
  const first = dirty[0];
  if (first === undefined) return null;
  const dirtyBytes = bytesOf(dirty);
  const overdue = nowMs - first.firstTimestamp > maxCompactionLagMs;
  if (!overdue && !(dirtyBytes / (dirtyBytes + bytesOf(clean)) > minCleanableDirtyRatio)) return null;
  return { clean, dirty };
}

function bytesOf(segments: readonly Segment[]): number {
  return segments.reduce((sum, segment) => sum + segment.logBytes, 0);
}
