import { decompressBatch } from "../wire/compression.ts";
import { ProtocolError } from "../wire/protocol-error.ts";
import { decodeBatch } from "../wire/record-batch.ts";
import type { Segment } from "./segment.ts";

export interface TimestampedOffset {
  readonly offset: number;
  readonly timestamp: number;
}

/**
 * The first record from `startOffset` on whose timestamp is `timestamp` or later, looked for inside batches, compressed
 * ones too; null if there is none. A batch that claims to have one and cannot be decoded is answered by its first
 * offset: a consumer that starts there misses nothing.
 */
export async function findTimestamp(
  segments: readonly Segment[],
  startOffset: number,
  timestamp: number,
): Promise<TimestampedOffset | null> {
  for (const segment of segments) {
    if (segment.largestTimestamp < timestamp || segment.nextOffset <= startOffset) continue;
    for (const batch of segment.batchesFrom(segment.index.positionForTimestamp(timestamp))) {
      if (batch.maxTimestamp < timestamp || batch.nextOffset <= startOffset) continue;
      const bytes = segment.read(batch.baseOffset, batch.sizeBytes, true);
      if (bytes === null) break;
      const found = await findInBatch(bytes, startOffset, timestamp, batch);
      if (found !== null) return found;
    }
  }
  return null;
}

async function findInBatch(
  bytes: Buffer,
  startOffset: number,
  timestamp: number,
  batch: { readonly baseOffset: number; readonly maxTimestamp: number },
): Promise<TimestampedOffset | null> {
  try {
    const { records } = decodeBatch(await decompressBatch(bytes));
    return records.find((record) => record.offset >= startOffset && record.timestamp >= timestamp) ?? null;
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { offset: Math.max(batch.baseOffset, startOffset), timestamp: batch.maxTimestamp };
  }
}
