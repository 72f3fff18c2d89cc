import { ProtocolError } from "./protocol-error.ts";

/*
 * Decoding of snappy, as Kafka's clients write it: librdkafka and Go one raw block, Java xerial's framing of several.
 * Written here because the package at hand neither limits the size nor ends on every input: a literal of negative
 * length sends it back to where it came from.
 */

const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0]);
const XERIAL_HEADER_BYTES = 16;

/**
 * Decodes snappy data: one raw block, or `xerial header (16 bytes) { length:int32 block }…`.
 * Throws ProtocolError for malformed data and, before allocating, for more than `maxBytes`.
 */
export function decompressSnappy(data: Buffer, maxBytes: number): Buffer {
  if (!data.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC)) return decodeBlock(data, maxBytes);
  const blocks: Buffer[] = [];
  let left = maxBytes;
  for (let at = XERIAL_HEADER_BYTES; at < data.length; ) {
    const size = at + 4 <= data.length ? data.readInt32BE(at) : -1;
    at += 4;
    if (size < 0 || size > data.length - at) {
      throw new ProtocolError(`Expected a snappy chunk of at most ${data.length - at} bytes, got ${size}`);
    }
    const block = decodeBlock(data.subarray(at, at + size), left);
    blocks.push(block);
    left -= block.length;
    at += size;
  }
  return Buffer.concat(blocks);
}

/**
 * A raw block: its decompressed size as a varint, then elements that start with a tag byte. Its low two bits say which:
 * 0 literal (length − 1 in the upper six; 60–63: in the next 1–4 bytes), else a copy from behind with an offset of
 * 11 bits (1), 16 bits (2) or 32 bits (3). A copy may overlap what it writes.
 */
function decodeBlock(block: Buffer, maxBytes: number): Buffer {
  const start = readSize(block);
  if (start.size > maxBytes) {
    throw new ProtocolError(`Expected at most ${maxBytes} decompressed bytes, got ${start.size}`);
  }
  // Three bytes of a copy make 64 at most: a claim beyond that cannot be kept, and is not allocated.
  if (start.size > block.length * 32) throw malformed();
  const out = Buffer.allocUnsafe(start.size);
  let written = 0;
  let at = start.at;
  const readLittleEndian = (bytes: number): number => {
    if (at + bytes > block.length) throw malformed();
    const value = block.readUIntLE(at, bytes);
    at += bytes;
    return value;
  };
  while (at < block.length) {
    const tag = block[at++]!;
    const kind = tag & 3;
    if (kind === 0) {
      const short = tag >>> 2;
      const length = (short < 60 ? short : readLittleEndian(short - 59)) + 1;
      if (length > block.length - at || length > out.length - written) throw malformed();
      block.copy(out, written, at, at + length);
      at += length;
      written += length;
      continue;
    }
    const length = kind === 1 ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1;
    const distance =
      kind === 1 ? ((tag >>> 5) << 8) | readLittleEndian(1) : readLittleEndian(kind === 2 ? 2 : 4);
    if (distance === 0 || distance > written || length > out.length - written) throw malformed();
    for (const end = written + length; written < end; written++) out[written] = out[written - distance]!;
  }
  if (written !== out.length) throw malformed();
  return out;
}

function readSize(block: Buffer): { size: number; at: number } {
  let size = 0;
  for (let at = 0; at < 5 && at < block.length; at++) {
    size += (block[at]! & 0x7f) * 2 ** (7 * at);
    if (block[at]! < 0x80) return { size, at: at + 1 };
  }
  throw malformed();
}

function malformed(): ProtocolError {
  return new ProtocolError("Expected snappy data, got bytes that are none");
}
