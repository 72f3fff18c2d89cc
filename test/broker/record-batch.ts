/** Record batches (magic 2) for raw requests. */
import { crc32c } from "@node-rs/crc32";
import { codecs } from "../../runtime/codecs.ts";

export const CODECS = ["none", "gzip", "snappy", "lz4", "zstd"] as const;
export type CodecName = (typeof CODECS)[number];

interface RawRecord {
  readonly key?: string | null;
  readonly value?: string | Buffer | null;
  /** Milliseconds; the batch's base timestamp is the first record's. */
  readonly timestamp?: number;
}

interface BatchOptions {
  readonly codec?: CodecName;
  readonly producerId?: number;
  readonly producerEpoch?: number;
  readonly baseSequence?: number;
  readonly transactional?: boolean;
}

export async function toBatch(records: readonly RawRecord[], options: BatchOptions = {}): Promise<Buffer> {
  const { codec = "none", producerId = -1, producerEpoch = -1, baseSequence = -1 } = options;
  const timestamps = records.map((record) => record.timestamp ?? Date.now());
  const base = timestamps[0] ?? 0;
  const plain = Buffer.concat(records.map((record, i) => toRecord(record, i, timestamps[i]! - base)));
  const body = codec === "none" ? plain : await codecs[codec].compress(plain);
  const head = Buffer.alloc(61);
  head.writeInt32BE(61 - 12 + body.length, 8);
  head.writeInt8(2, 16);
  head.writeInt16BE(CODECS.indexOf(codec) | (options.transactional ? 0x10 : 0), 21);
  head.writeInt32BE(records.length - 1, 23);
  head.writeBigInt64BE(BigInt(base), 27);
  head.writeBigInt64BE(BigInt(Math.max(...timestamps)), 35);
  head.writeBigInt64BE(BigInt(producerId), 43);
  head.writeInt16BE(producerEpoch, 51);
  head.writeInt32BE(baseSequence, 53);
  head.writeInt32BE(records.length, 57);
  const batch = Buffer.concat([head, body]);
  batch.writeUInt32BE(crc32c(batch.subarray(21)), 17);
  return batch;
}

/** record: varint length, attributes 1, varlong Δtimestamp, varint Δoffset, key, value, varint headers (here 0) */
function toRecord(record: RawRecord, offsetDelta: number, timestampDelta: number): Buffer {
  const body = Buffer.concat([
    Buffer.alloc(1),
    varint(timestampDelta),
    varint(offsetDelta),
    varBytes(record.key ?? null),
    varBytes(record.value ?? null),
    varint(0),
  ]);
  return Buffer.concat([varint(body.length), body]);
}

function varBytes(value: string | Buffer | null): Buffer {
  if (value === null) return varint(-1);
  const bytes = Buffer.from(value);
  return Buffer.concat([varint(bytes.length), bytes]);
}

/** Zigzag: small numbers of either sign take few bytes. */
function varint(value: number): Buffer {
  let rest = BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n));
  const bytes: number[] = [];
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  return Buffer.from([...bytes, Number(rest)]);
}

export interface BatchHeader {
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly codec: CodecName | undefined;
  readonly count: number;
  /** The end of a transaction, not records. */
  readonly control: boolean;
  /** CRC-32C of the bytes is the one that the header names. */
  readonly crcOk: boolean;
}

/** The headers of the whole batches in a fetch response; a batch cut off at the end is left out. */
export function toBatchHeaders(records: Buffer): BatchHeader[] {
  const headers: BatchHeader[] = [];
  for (let at = 0; at + 61 <= records.length; ) {
    const end = at + 12 + records.readInt32BE(at + 8);
    if (end > records.length) break;
    const baseOffset = Number(records.readBigInt64BE(at));
    headers.push({
      baseOffset,
      lastOffset: baseOffset + records.readInt32BE(at + 23),
      codec: CODECS[records.readInt16BE(at + 21) & 7],
      count: records.readInt32BE(at + 57),
      control: (records.readInt16BE(at + 21) & 0x20) !== 0,
      crcOk: crc32c(records.subarray(at + 21, end)) === records.readUInt32BE(at + 17),
    });
    at = end;
  }
  return headers;
}
