/**
 * How large compressed records will be, told without decompressing them: a megabyte can expand to a gigabyte, and
 * the decoders that we call allocate what they are told to.
 *
 * Each function reads only the frame's structure; bytes that make no sense end in a RangeError or a wrong size, and
 * then in the decoder's own error.
 */

const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0]);
const XERIAL_HEADER_BYTES = 16;

/** Splits snappy data into raw blocks. Java frames them: `xerial header (16), { int32 length, block }…`; others do not. */
export function snappyBlocks(data: Buffer): Buffer[] {
  if (!data.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC)) return [data];
  const blocks: Buffer[] = [];
  for (let at = XERIAL_HEADER_BYTES; at < data.length; ) {
    const length = data.readUInt32BE(at);
    at += 4;
    if (length > data.length - at)
      throw new Error(`Expected a snappy block of ${data.length - at} B at most, got ${length}`);
    blocks.push(data.subarray(at, at + length));
    at += length;
  }
  return blocks;
}

/** A raw snappy block starts with its decompressed size, as a varint of 32 bits. */
export function snappyBlockSize(block: Buffer): number {
  let size = 0;
  for (let i = 0; i < 5; i++) {
    const byte = block.readUInt8(i);
    size += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return size;
  }
  throw new Error("Expected a snappy block to start with a varint of 32 bits, got more");
}

const LZ4_MAGIC = 0x184d2204;

/**
 * The exact decompressed size of LZ4 frames; counting stops beyond `limit`.
 *
 *     frame: magic 0x184D2204, FLG, BD, [content size 8], [dictionary id 4], checksum 1, block…, int32 0, [checksum 4]
 *     block: int32 length (top bit: stored as is), bytes, [checksum 4]
 */
export function lz4Size(data: Buffer, limit: number): number {
  let size = 0;
  let at = 0;
  const frameFollows = () => at + 4 <= data.length && data.readUInt32LE(at) === LZ4_MAGIC;
  if (!frameFollows()) throw new Error("Expected an LZ4 frame, got other bytes");
  while (frameFollows()) {
    const flags = data.readUInt8(at + 4);
    const blockChecksum = flags & 0x10 ? 4 : 0;
    at += 7 + (flags & 0x08 ? 8 : 0) + (flags & 0x01 ? 4 : 0);
    for (;;) {
      const word = data.readUInt32LE(at);
      at += 4;
      if (word === 0) break;
      const length = word & 0x7fffffff;
      size += word & 0x80000000 ? length : lz4BlockSize(data.subarray(at, at + length));
      if (size > limit) return size;
      at += length + blockChecksum;
    }
    at += flags & 0x04 ? 4 : 0;
  }
  return size;
}

/** Adds up a block's sequences: `token, literal length…, literals, offset 2, match length…`; the last has no match. */
function lz4BlockSize(block: Buffer): number {
  let size = 0;
  let at = 0;
  // A length of 15 goes on in the bytes after it, until one is not 255.
  const extended = (nibble: number): number => {
    let length = nibble;
    if (nibble === 15) {
      let byte: number;
      do {
        byte = block.readUInt8(at++);
        length += byte;
      } while (byte === 255);
    }
    return length;
  };
  while (at < block.length) {
    const token = block.readUInt8(at++);
    const literals = extended(token >> 4);
    at += literals;
    size += literals;
    if (at >= block.length) break;
    at += 2;
    size += extended(token & 15) + 4;
  }
  return size;
}

const ZSTD_BLOCK_BYTES = 128 * 1024;

/**
 * The most that zstd frames can decompress to: a compressed block counts as a full one, for only decoding it tells
 * more. Counting stops beyond `limit`.
 *
 *     frame: magic 0xFD2FB528, descriptor, [window 1], [dictionary id 0–4], [content size 0–8], block…, [checksum 4]
 *     block: 3 bytes little-endian: last (1 bit), type (2 bits: raw, run, compressed), size (21 bits); bytes
 */
export function zstdSizeBound(data: Buffer, limit: number): number {
  let bound = 0;
  let at = 0;
  while (at + 4 <= data.length) {
    const magic = data.readUInt32LE(at);
    if (magic >>> 4 === 0x184d2a5) {
      at += 8 + data.readUInt32LE(at + 4); // a frame to skip
      continue;
    }
    if (magic !== 0xfd2fb528) break;
    const descriptor = data.readUInt8(at + 4);
    const single = (descriptor & 0x20) !== 0;
    const contentSizeBytes = [single ? 1 : 0, 2, 4, 8][descriptor >> 6]!;
    at += 5 + (single ? 0 : 1) + [0, 1, 2, 4][descriptor & 3]! + contentSizeBytes;
    for (let last = false; !last; ) {
      const header = data.readUIntLE(at, 3);
      const [type, size] = [(header >> 1) & 3, header >> 3];
      last = (header & 1) === 1;
      at += 3 + (type === 1 ? 1 : size);
      bound += type === 2 ? ZSTD_BLOCK_BYTES : size;
      if (bound > limit) return bound;
    }
    at += descriptor & 0x04 ? 4 : 0;
  }
  return bound;
}
