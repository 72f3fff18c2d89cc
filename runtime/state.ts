/** The state of one partition of one consumer. In memory for now: lost on restart and when the partition moves. */
import type { Batch, BatchOut, Rec, StateKey } from "./define.ts";
import { deepFreeze } from "./guards.ts";

export interface PartitionState {
  /** The last record whose outputs were acknowledged: at or below it a redelivered record is skipped. */
  lastOffset: bigint;
  /** Event time's clock: the highest timestamp seen, with future skew capped. */
  streamTimeMs: number;
  readonly entries: Map<StateKey, unknown>;
}

export const createPartitionState = (): PartitionState => ({
  lastOffset: -1n,
  streamTimeMs: 0,
  entries: new Map(),
});

/** How far a record may be ahead of the runtime's clock before event time no longer follows it. */
export const MAX_FUTURE_SKEW_MS = 60_000;

/** Event time at a record: never back, and not carried off by one record from the future. */
export const advanceStreamTime = (streamTimeMs: number, timestamp: number, now: number): number =>
  Math.max(streamTimeMs, Math.min(timestamp, now + MAX_FUTURE_SKEW_MS));

/** The entries that `records` touch, null where there is none yet. No prototype: keys come from data. */
export function readState(
  state: PartitionState,
  records: readonly Rec[],
  stateKeys: (record: Rec) => readonly StateKey[],
): Batch["state"] {
  const read: Record<StateKey, unknown> = Object.create(null);
  for (const record of records) {
    for (const key of keysOf(record, stateKeys)) read[key] = state.entries.get(key) ?? null;
  }
  return read;
}

function keysOf(record: Rec, stateKeys: (record: Rec) => readonly StateKey[]): readonly StateKey[] {
  try {
    return stateKeys(record);
  } catch {
    return []; // its value is not checked yet: `invoke` finds the same fault and says what is wrong
  }
}

/** Applies a run's changes once its outputs are acknowledged. Frozen: a handler cannot reach into the store. */
export function applyState(state: PartitionState, changes: NonNullable<BatchOut["state"]>): void {
  for (const { key, value } of changes) {
    if (value === null) state.entries.delete(key);
    else state.entries.set(key, deepFreeze(value));
  }
}

const SAMPLED_ENTRIES = 100;

/** Size of the state as JSON, from its first 100 entries: to measure all of a large one would take too long. */
export function estimateStateBytes({ entries }: PartitionState): number {
  let [sampled, bytes] = [0, 0];
  for (const [key, value] of entries) {
    if (sampled === SAMPLED_ENTRIES) break;
    sampled += 1;
    bytes += key.length + JSON.stringify(value).length;
  }
  return sampled === 0 ? 0 : Math.round((bytes / sampled) * entries.size);
}
