/** Where a reset moves a group to, as a pure plan: the same for a dry run and for the real one. */
import type { ResetPartition, ResetTarget } from "./admin-view.ts";

export interface PartitionOffsets {
  readonly partition: number;
  readonly start: bigint;
  readonly end: bigint;
}

export type ResetPlan =
  | { readonly kind: "plan"; readonly partitions: readonly ResetPartition[] }
  | { readonly kind: "refused"; readonly reasons: readonly string[] };

/**
 * @param committed by partition; absent where nothing is
 * @param chosen the partitions to move; undefined: all
 * @param atTime by partition, for a target that is a timestamp: the first offset at or after it, else the end
 */
export function planReset(
  offsets: readonly PartitionOffsets[],
  committed: ReadonlyMap<number, string>,
  chosen: readonly number[] | undefined,
  to: ResetTarget,
  atTime: ReadonlyMap<number, bigint> = new Map(),
): ResetPlan {
  const last = offsets.length - 1;
  const unknown = (chosen ?? []).filter((partition) => !offsets.some((one) => one.partition === partition));
  const reasons = unknown.map((partition) => `Expected partition 0–${last}, got ${partition}`);
  const partitions = offsets
    .filter(({ partition }) => chosen?.includes(partition) ?? true)
    .toSorted((a, b) => a.partition - b.partition)
    .map(({ partition, start, end }): ResetPartition => {
      const target = targetOf(to, start, end, atTime.get(partition));
      if (target < start || target > end) {
        reasons.push(`Expected an offset of ${start}–${end} in partition ${partition}, got ${target}`);
      }
      return {
        partition,
        from: committed.get(partition) ?? null,
        to: String(target),
        endOffset: String(end),
        lagAfter: Number(end - target),
      };
    });
  return reasons.length > 0 ? { kind: "refused", reasons } : { kind: "plan", partitions };
}

function targetOf(to: ResetTarget, start: bigint, end: bigint, atTime: bigint | undefined): bigint {
  switch (to.kind) {
    case "earliest":
      return start;
    case "latest":
      return end;
    case "offset":
      return BigInt(to.offset);
    case "timestamp":
      return atTime ?? end;
  }
}
