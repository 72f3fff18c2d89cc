import { ErrorCode } from "../broker/errors.ts";
import { crc32c } from "./crc32c.ts";
import { ProtocolError } from "./protocol-error.ts";
import { type BatchRecord, decodeRecords, encodeRecord, findRecordProblem } from "./record.ts";

/*
 * Record batch v2, big-endian:
 *   baseOffset:int64@0 batchLength:int32@8 (size − 12) partitionLeaderEpoch:int32@12 magic:int8@16 (2) crc:uint32@17
 *   attributes:int16@21 lastOffsetDelta:int32@23 baseTimestamp:int64@27 maxTimestamp:int64@35 producerId:int64@43
 *   producerEpoch:int16@51 baseSequence:int32@53 recordCount:int32@57 records@61
 * attributes: bits 0–2 codec, 3 LogAppendTime, 4 transactional, 5 control, 6 delete horizon: the base timestamp is when
 * compaction may drop the tombstones in here (the records' timestamps still count from it).
 * The CRC-32C covers everything from the attributes on: base offset and leader epoch are patched without a new one.
 */

/** Bytes before the first record: the size of the smallest batch. */
export const BATCH_HEADER_BYTES = 61;
/** Bytes of a batch that its `batchLength` does not count. */
export const BATCH_OVERHEAD_BYTES = 12;

const MAGIC_AT = 16;
const CRC_FROM = 21;
const CODEC_MASK = 0x07;
const LOG_APPEND_TIME = 0x08;
const TRANSACTIONAL = 0x10;
const CONTROL = 0x20;
const DELETE_HORIZON = 0x40;
export const ZSTD = 4;
const HIGHEST_CODEC = ZSTD;

export interface BatchHeader {
  readonly baseOffset: number;
  /** Bytes of the whole batch, header included. */
  readonly sizeBytes: number;
  readonly partitionLeaderEpoch: number;
  readonly magic: number;
  readonly crc: number;
  readonly attributes: number;
  /** 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd. */
  readonly codec: number;
  readonly logAppendTime: boolean;
  readonly transactional: boolean;
  readonly control: boolean;
  readonly lastOffsetDelta: number;
  readonly baseTimestamp: number;
  readonly maxTimestamp: number;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly recordCount: number;
}

/** Reads the header of the batch at `at`. Throws ProtocolError when fewer than 61 bytes are there. */
export function parseBatchHeader(buffer: Buffer, at = 0): BatchHeader {
  if (buffer.length - at < BATCH_HEADER_BYTES) {
    throw new ProtocolError(
      `Expected a batch header of ${BATCH_HEADER_BYTES} bytes, got ${buffer.length - at}`,
    );
  }
  const attributes = buffer.readInt16BE(at + 21);
  return {
    baseOffset: readInt64(buffer, at),
    sizeBytes: buffer.readInt32BE(at + 8) + BATCH_OVERHEAD_BYTES,
    partitionLeaderEpoch: buffer.readInt32BE(at + 12),
    magic: buffer.readInt8(at + 16),
    crc: buffer.readUInt32BE(at + 17),
    attributes,
    codec: attributes & CODEC_MASK,
    logAppendTime: (attributes & LOG_APPEND_TIME) !== 0,
    transactional: (attributes & TRANSACTIONAL) !== 0,
    control: (attributes & CONTROL) !== 0,
    lastOffsetDelta: buffer.readInt32BE(at + 23),
    baseTimestamp: readInt64(buffer, at + 27),
    maxTimestamp: readInt64(buffer, at + 35),
    producerId: readInt64(buffer, at + 43),
    producerEpoch: buffer.readInt16BE(at + 51),
    baseSequence: buffer.readInt32BE(at + 53),
    recordCount: buffer.readInt32BE(at + 57),
  };
}

/** That of the batch at the start of `buffer`; −1 for a producer without id. */
export function readProducerId(buffer: Buffer): number {
  return readInt64(buffer, 43);
}

/** Whether the CRC of the batch at `at`, `sizeBytes` long and wholly in the buffer, is the one it carries. */
export function hasValidCrc(buffer: Buffer, at: number, sizeBytes: number): boolean {
  return buffer.readUInt32BE(at + 17) === crc32c(buffer, at + CRC_FROM, at + sizeBytes);
}

export type ProducedBatch =
  | { readonly ok: true; readonly header: BatchHeader }
  | { readonly ok: false; readonly errorCode: number; readonly message: string };

/**
 * Checks what a client wants appended to one partition, in Kafka's order: exactly one whole batch of format 2 with base
 * offset 0, no larger than `maxMessageBytes`, its CRC right, its record count agreeing with its last offset delta,
 * no control batch, a sequence number if it has a producer id, and just as many whole records as it says. Compressed ones
 * are not looked into.
 */
export function validateProduced(
  records: Buffer,
  limits: { maxMessageBytes: number; zstdAllowed: boolean },
): ProducedBatch {
  const refuse = (errorCode: number, message: string): ProducedBatch => ({ ok: false, errorCode, message });
  if (records.length > MAGIC_AT) {
    const magic = records.readInt8(MAGIC_AT);
    if (magic < 2) {
      return refuse(ErrorCode.UNSUPPORTED_FOR_MESSAGE_FORMAT, `Expected record format 2, got ${magic}`);
    }
    if (magic > 2) return refuse(ErrorCode.CORRUPT_MESSAGE, `Expected record format 2, got ${magic}`);
  }
  if (records.length < BATCH_HEADER_BYTES) {
    return records.length === 0
      ? refuse(ErrorCode.INVALID_RECORD, "Expected one record batch, got none")
      : refuse(ErrorCode.CORRUPT_MESSAGE, `Expected at least 61 bytes of batch, got ${records.length}`);
  }
  const header = parseBatchHeader(records);
  if (header.sizeBytes < BATCH_HEADER_BYTES || header.sizeBytes > records.length) {
    return refuse(
      ErrorCode.CORRUPT_MESSAGE,
      `Expected a batch of 61–${records.length} bytes, got ${header.sizeBytes}`,
    );
  }
  if (header.sizeBytes < records.length) {
    const rest = records.length - header.sizeBytes;
    return refuse(ErrorCode.INVALID_RECORD, `Expected one record batch a partition, got ${rest} more bytes`);
  }
  if (header.baseOffset !== 0) {
    return refuse(ErrorCode.INVALID_RECORD, `Expected base offset 0, got ${header.baseOffset}`);
  }
  if (header.sizeBytes > limits.maxMessageBytes) {
    return refuse(
      ErrorCode.MESSAGE_TOO_LARGE,
      `Expected a batch of at most ${limits.maxMessageBytes} bytes (max.message.bytes), got ${header.sizeBytes}`,
    );
  }
  if (!hasValidCrc(records, 0, header.sizeBytes)) {
    return refuse(ErrorCode.CORRUPT_MESSAGE, `Expected CRC-32C ${header.crc}, got bytes with another one`);
  }
  if (header.codec > HIGHEST_CODEC) {
    return refuse(ErrorCode.UNSUPPORTED_COMPRESSION_TYPE, `Expected codec 0–4, got ${header.codec}`);
  }
  if (header.codec === ZSTD && !limits.zstdAllowed) {
    return refuse(ErrorCode.UNSUPPORTED_COMPRESSION_TYPE, "Expected Produce version 7 or later for zstd");
  }
  if (header.recordCount <= 0 || header.recordCount !== header.lastOffsetDelta + 1) {
    return refuse(
      ErrorCode.INVALID_RECORD,
      `Expected as many records as offsets, got ${header.recordCount} and ${header.lastOffsetDelta + 1}`,
    );
  }
  if (header.control) return refuse(ErrorCode.INVALID_RECORD, "Expected records, got a control batch");
  if (header.producerId >= 0 && header.baseSequence < 0) {
    return refuse(
      ErrorCode.INVALID_RECORD,
      `Expected a sequence for producer ${header.producerId}, got ${header.baseSequence}`,
    );
  }
  const recordProblem =
    header.codec === 0 ? findRecordProblem(records, BATCH_HEADER_BYTES, header.recordCount) : null;
  if (recordProblem !== null) return refuse(ErrorCode.INVALID_RECORD, recordProblem);
  return { ok: true, header };
}

export function patchBaseOffset(batch: Buffer, baseOffset: number): void {
  writeInt64(batch, baseOffset, 0);
}

export function patchLeaderEpoch(batch: Buffer, epoch: number): void {
  batch.writeInt32BE(epoch, 12);
}

/** Makes `timestamp` (ms) the one of every record in the batch: Kafka's `message.timestamp.type=LogAppendTime`. */
export function patchLogAppendTime(batch: Buffer, timestamp: number): void {
  batch.writeInt16BE(batch.readInt16BE(21) | LOG_APPEND_TIME, 21);
  writeInt64(batch, timestamp, 35);
  patchCrc(batch);
}

function patchCrc(batch: Buffer): void {
  batch.writeUInt32BE(crc32c(batch, CRC_FROM), 17);
}

export interface BatchToEncode {
  readonly baseOffset: number;
  /** At least one; timestamps in ms since 1970. */
  readonly records: readonly Omit<BatchRecord, "offset">[];
  readonly partitionLeaderEpoch?: number;
  /** −1 (the default of these three): not an idempotent producer. */
  readonly producerId?: number;
  readonly producerEpoch?: number;
  readonly baseSequence?: number;
  readonly transactional?: boolean;
  readonly control?: boolean;
}

/** An uncompressed batch of format 2, its offsets counted up from `baseOffset`. Throws RangeError without records. */
export function encodeBatch(batch: BatchToEncode): Buffer {
  const first = batch.records[0];
  if (first === undefined) throw new RangeError("Expected at least one record in a batch, got none");
  const header = Buffer.alloc(BATCH_HEADER_BYTES);
  const encoded = batch.records.map((record, delta) =>
    encodeRecord(record, delta, record.timestamp - first.timestamp),
  );
  const maxTimestamp = batch.records.reduce(
    (max, record) => Math.max(max, record.timestamp),
    first.timestamp,
  );
  writeInt64(header, batch.baseOffset, 0);
  header.writeInt32BE(batch.partitionLeaderEpoch ?? 0, 12);
  header.writeInt8(2, 16);
  header.writeInt16BE((batch.transactional ? TRANSACTIONAL : 0) | (batch.control ? CONTROL : 0), 21);
  header.writeInt32BE(batch.records.length - 1, 23);
  writeInt64(header, first.timestamp, 27);
  writeInt64(header, maxTimestamp, 35);
  writeInt64(header, batch.producerId ?? -1, 43);
  header.writeInt16BE(batch.producerEpoch ?? -1, 51);
  header.writeInt32BE(batch.baseSequence ?? -1, 53);
  header.writeInt32BE(batch.records.length, 57);
  return withRecords(header, 0, Buffer.concat(encoded));
}

/** When the tombstones or the marker in the batch may go, ms since 1970; null: not decided yet. */
export function deleteHorizonOf({ attributes, baseTimestamp }: BatchHeader): number | null {
  return (attributes & DELETE_HORIZON) === 0 ? null : baseTimestamp;
}

export interface KeptRecords {
  readonly count: number;
  /** Of the last one. */
  readonly lastOffsetDelta: number;
  /** With their deltas. */
  readonly baseTimestamp: number;
  readonly maxTimestamp: number;
  readonly hasHorizon: boolean;
  /** −1 when it is no longer the batch that its producer sent. */
  readonly baseSequence: number;
  /** Compressed by `codec`. */
  readonly codec: number;
  readonly payload: Buffer;
}

/** The batch with what compaction keeps of it. */
export function withKept(batch: Buffer, kept: KeptRecords): Buffer {
  const header = Buffer.from(batch.subarray(0, BATCH_HEADER_BYTES));
  const attributes = header.readInt16BE(21);
  header.writeInt16BE(kept.hasHorizon ? attributes | DELETE_HORIZON : attributes, 21);
  header.writeInt32BE(kept.lastOffsetDelta, 23);
  writeInt64(header, kept.baseTimestamp, 27);
  writeInt64(header, kept.maxTimestamp, 35);
  header.writeInt32BE(kept.baseSequence, 53);
  header.writeInt32BE(kept.count, 57);
  return withRecords(header, kept.codec, kept.payload);
}

/** The batch with another body: `records`, compressed by `codec`, behind the same header with length and CRC renewed. */
export function withRecords(batch: Buffer, codec: number, records: Buffer): Buffer {
  const copy = Buffer.concat([batch.subarray(0, BATCH_HEADER_BYTES), records]);
  copy.writeInt32BE(copy.length - BATCH_OVERHEAD_BYTES, 8);
  copy.writeInt16BE((copy.readInt16BE(21) & ~CODEC_MASK) | codec, 21);
  patchCrc(copy);
  return copy;
}

/**
 * The records of one whole uncompressed batch (see decompressBatch for others), as views into it.
 * Throws ProtocolError for bytes that are no such batch, or whose CRC is wrong.
 */
export function decodeBatch(batch: Buffer): { header: BatchHeader; records: BatchRecord[] } {
  const header = parseBatchHeader(batch);
  if (header.sizeBytes !== batch.length || header.magic !== 2 || !hasValidCrc(batch, 0, batch.length)) {
    throw new ProtocolError(`Expected one whole record batch, got ${batch.length} bytes of something else`);
  }
  if (header.codec !== 0) {
    throw new ProtocolError(`Expected an uncompressed batch, got codec ${header.codec}: decompress it first`);
  }
  const payload = batch.subarray(BATCH_HEADER_BYTES);
  const records = decodeRecords(payload, header.recordCount, header.baseOffset, header.baseTimestamp);
  if (header.logAppendTime) for (const record of records) record.timestamp = header.maxTimestamp;
  return { header, records };
}

/** Exact up to 2^53, beyond that rounded: enough for every offset and timestamp we make, never equal to one of them. */
export function readInt64(buffer: Buffer, at: number): number {
  return buffer.readInt32BE(at) * 0x1_0000_0000 + buffer.readUInt32BE(at + 4);
}

function writeInt64(buffer: Buffer, value: number, at: number): void {
  const high = Math.floor(value / 0x1_0000_0000);
  buffer.writeInt32BE(high, at);
  buffer.writeUInt32BE(value - high * 0x1_0000_0000, at + 4);
}
