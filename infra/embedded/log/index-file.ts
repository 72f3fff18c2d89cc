import { crc32c } from "../wire/crc32c.ts";
import { SparseIndex } from "./sparse-index.ts";

/*
 * `<base offset>.index`, little-endian:
 *   magic:8 "KSPINDX1" · baseOffset:f64 · logBytes:f64 · nextOffset:f64 · largestTimestamp:f64 · firstTimestamp:f64 · count:u32 · crc32c:u32
 *   then count × { relativeOffset:u32 position:u32 timestampBefore:f64 }
 * The CRC covers all bytes but itself. It is written only after the log file was synced up to `logBytes`: what a valid
 * one vouches for need not be scanned again.
 */

const MAGIC = Buffer.from("KSPINDX1");
const HEADER_BYTES = 56;
const CRC_AT = 52;
const ENTRY_BYTES = 16;

/** What is known of a segment's file up to `logBytes`. Timestamps are ms; −Infinity when there is no batch. */
export interface SegmentSummary {
  readonly baseOffset: number;
  readonly logBytes: number;
  readonly nextOffset: number;
  readonly largestTimestamp: number;
  /** The largest timestamp of the first batch: what a segment's age is counted from. */
  readonly firstTimestamp: number;
  readonly index: SparseIndex;
}

export function encodeIndexFile(summary: SegmentSummary): Buffer {
  const { index } = summary;
  const file = Buffer.alloc(HEADER_BYTES + index.length * ENTRY_BYTES);
  MAGIC.copy(file);
  file.writeDoubleLE(summary.baseOffset, 8);
  file.writeDoubleLE(summary.logBytes, 16);
  file.writeDoubleLE(summary.nextOffset, 24);
  file.writeDoubleLE(summary.largestTimestamp, 32);
  file.writeDoubleLE(summary.firstTimestamp, 40);
  file.writeUInt32LE(index.length, 48);
  for (let i = 0; i < index.length; i++) {
    const at = HEADER_BYTES + i * ENTRY_BYTES;
    const entry = index.entry(i);
    file.writeUInt32LE(entry.relativeOffset, at);
    file.writeUInt32LE(entry.position, at + 4);
    file.writeDoubleLE(entry.timestampBefore, at + 8);
  }
  file.writeUInt32LE(checksum(file), CRC_AT);
  return file;
}

/** The summary in an index file; null for anything but a whole, undamaged one of this base offset. */
export function decodeIndexFile(file: Buffer, baseOffset: number): SegmentSummary | null {
  if (file.length < HEADER_BYTES || !file.subarray(0, MAGIC.length).equals(MAGIC)) return null;
  const count = file.readUInt32LE(48);
  if (file.length !== HEADER_BYTES + count * ENTRY_BYTES || file.readUInt32LE(CRC_AT) !== checksum(file))
    return null;
  if (file.readDoubleLE(8) !== baseOffset) return null;
  const index = new SparseIndex();
  for (let at = HEADER_BYTES; at < file.length; at += ENTRY_BYTES) {
    index.push(file.readUInt32LE(at), file.readUInt32LE(at + 4), file.readDoubleLE(at + 8));
  }
  return {
    baseOffset,
    logBytes: file.readDoubleLE(16),
    nextOffset: file.readDoubleLE(24),
    largestTimestamp: file.readDoubleLE(32),
    firstTimestamp: file.readDoubleLE(40),
    index,
  };
}

function checksum(file: Buffer): number {
  return (crc32c(file, 0, CRC_AT) ^ crc32c(file, CRC_AT + 4)) >>> 0;
}
