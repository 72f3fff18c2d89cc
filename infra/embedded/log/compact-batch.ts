import { compressRecords, decompressBatch } from "../wire/compression.ts";
import { type RecordSlice, sliceRecords, withTimestampDelta } from "../wire/record.ts";
import { BATCH_HEADER_BYTES, type BatchHeader, deleteHorizonOf, withKept } from "../wire/record-batch.ts";

/** The records of a stored batch, whatever its codec. Rejects with ProtocolError. */
export async function recordsOf(batch: Buffer, header: BatchHeader): Promise<RecordSlice[]> {
  const plain = await decompressBatch(batch);
  return sliceRecords(plain.subarray(BATCH_HEADER_BYTES), header.recordCount);
}

/**
 * The batch with only `kept` of its `records`: the same buffer when nothing changes, null when nothing is kept, for a
 * batch without records stops some clients for good. What is kept has its offset, timestamp and codec, and ends the
 * batch: the offsets behind its last record belong to no batch. With `horizonMs` the batch, if it has no horizon yet,
 * says from now on when its tombstones may go.
 */
export async function keepRecords(
  batch: Buffer,
  header: BatchHeader,
  records: readonly RecordSlice[],
  kept: readonly RecordSlice[],
  horizonMs: number | null,
): Promise<Buffer | null> {
  const last = kept.at(-1);
  if (last === undefined) return null;
  const newHorizon = deleteHorizonOf(header) === null ? horizonMs : null;
  if (kept.length === records.length && newHorizon === null) return batch;
  const baseTimestamp = newHorizon ?? header.baseTimestamp;
  const moved = header.baseTimestamp - baseTimestamp;
  const encoded = kept.map((record) =>
    moved === 0 ? record.bytes : withTimestampDelta(record, record.timestampDelta + moved),
  );
  const timestamps = kept.map((record) => header.baseTimestamp + record.timestampDelta);
  return withKept(batch, {
    count: kept.length,
    lastOffsetDelta: last.offsetDelta,
    baseTimestamp,
    maxTimestamp: header.logAppendTime
      ? header.maxTimestamp
      : timestamps.reduce((max, timestamp) => Math.max(max, timestamp)),
    hasHorizon: newHorizon !== null || deleteHorizonOf(header) !== null,
    baseSequence: kept.length === records.length ? header.baseSequence : -1,
    codec: header.codec,
    payload: await compressRecords(header.codec, Buffer.concat(encoded)),
  });
}
