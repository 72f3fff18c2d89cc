import { ProtocolError } from "./protocol-error.ts";

/*
 * An upper bound of how large frames will be when decompressed, read from their structure alone: a kilobyte can become
 * a gigabyte, and the decoders behind us set no limit. Blocks are full but for the last one, so the bound is close.
 */

const LZ4_MAGIC = 0x184d2204;
const ZSTD_MAGIC = 0xfd2fb528;
const ZSTD_BLOCK_BYTES = 128 * 1024;

/**
 * `magic:4 FLG:1 BD:1 [contentSize:8] [dictionaryId:4] headerChecksum:1 { length:4 (top bit: stored) bytes [checksum:4] }… 0:4 [checksum:4]`
 * Throws ProtocolError where the bytes are no such frames.
 */
export function lz4Bound(data: Buffer): number {
  let bound = 0;
  let at = 0;
  while (at < data.length) {
    if (need(data, at, 7).readUInt32LE(at) !== LZ4_MAGIC) throw malformed("an LZ4 frame", at);
    const flags = data[at + 4]!;
    const blockBytes = 2 ** (8 + 2 * ((data[at + 5]! >>> 4) & 7));
    const blockChecksum = flags & 0x10 ? 4 : 0;
    at += 7 + (flags & 0x08 ? 8 : 0) + (flags & 0x01 ? 4 : 0);
    for (;;) {
      const word = need(data, at, 4).readUInt32LE(at);
      at += 4;
      if (word === 0) break;
      const size = word & 0x7fffffff;
      need(data, at, size + blockChecksum);
      at += size + blockChecksum;
      // No LZ4 sequence makes more than 255 bytes of one.
      bound += word >= 0x80000000 ? size : Math.min(blockBytes, size * 255);
    }
    at += flags & 0x04 ? 4 : 0;
  }
  return bound;
}

/**
 * `magic:4 descriptor:1 [window:1] [dictionaryId:0–4] [contentSize:0–8] { header:3 bytes }… [checksum:4]`, where a
 * block's header is, from the low bit, last:1 type:2 (0 stored, 1 one byte repeated, 2 compressed) size:21.
 * Throws ProtocolError where the bytes are no such frames.
 */
export function zstdBound(data: Buffer): number {
  let bound = 0;
  let at = 0;
  while (at < data.length) {
    const magic = need(data, at, 8).readUInt32LE(at);
    if ((magic & 0xfffffff0) >>> 0 === 0x184d2a50) {
      at += 8 + data.readUInt32LE(at + 4); // a skippable frame
      continue;
    }
    if (magic !== ZSTD_MAGIC) throw malformed("a zstd frame", at);
    const descriptor = data[at + 4]!;
    const singleSegment = (descriptor & 0x20) !== 0;
    const contentSizeBytes = [singleSegment ? 1 : 0, 2, 4, 8][descriptor >>> 6]!;
    at += 5 + (singleSegment ? 0 : 1) + [0, 1, 2, 4][descriptor & 3]! + contentSizeBytes;
    for (let last = false; !last; ) {
      const header = need(data, at, 3).readUIntLE(at, 3);
      last = (header & 1) === 1;
      const type = (header >>> 1) & 3;
      const size = header >>> 3;
      const stored = type === 1 ? 1 : size;
      need(data, at, 3 + stored);
      at += 3 + stored;
      bound += type === 2 ? ZSTD_BLOCK_BYTES : size;
    }
    at += descriptor & 0x04 ? 4 : 0;
  }
  return bound;
}

function need(data: Buffer, at: number, bytes: number): Buffer {
  if (at + bytes > data.length) throw malformed(`${bytes} bytes`, at);
  return data;
}

function malformed(expected: string, at: number): ProtocolError {
  return new ProtocolError(`Expected ${expected} at byte ${at} of compressed records, got others`);
}
