import { placeOf } from "../log/segment.ts";
import { BATCH_OVERHEAD_BYTES, parseBatchHeader, ZSTD } from "../wire/record-batch.ts";

/** Of the whole batches in `slices`, those that lie before offset `end`, which is the first of a batch or behind all. */
export function cutBatches(slices: readonly Buffer[], end: number): Buffer[] {
  const kept: Buffer[] = [];
  for (const slice of slices) {
    let at = 0;
    while (at < slice.length) {
      const batch = placeOf(slice, at, at);
      if (batch.baseOffset >= end) break;
      at += batch.sizeBytes;
    }
    if (at > 0) kept.push(slice.subarray(0, at));
    if (at < slice.length) break;
  }
  return kept;
}

/** The offset after the last record in `slices`; `from` when there is none. */
export function endOfBatches(slices: readonly Buffer[], from: number): number {
  let end = from;
  for (const slice of slices) {
    for (let at = 0; at < slice.length; ) {
      const batch = placeOf(slice, at, at);
      end = batch.nextOffset;
      at += batch.sizeBytes;
    }
  }
  return end;
}

/** How many records the whole batches in `slices` say they hold. */
export function recordsInBatches(slices: readonly Buffer[]): number {
  let count = 0;
  for (const slice of slices) {
    for (let at = 0; at < slice.length; at += slice.readInt32BE(at + 8) + BATCH_OVERHEAD_BYTES) {
      count += slice.readInt32BE(at + 57);
    }
  }
  return count;
}

/** Whether one of the whole batches in `slices` is compressed with zstd. */
export function hasZstd(slices: readonly Buffer[]): boolean {
  return slices.some((slice) => {
    for (let at = 0; at < slice.length; at += slice.readInt32BE(at + 8) + BATCH_OVERHEAD_BYTES) {
      if (parseBatchHeader(slice, at).codec === ZSTD) return true;
    }
    return false;
  });
}
