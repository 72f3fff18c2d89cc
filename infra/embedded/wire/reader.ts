import { ProtocolError } from "./protocol-error.ts";

/** Array elements and tagged fields that one request may hold: a byte each on the wire, hundreds in memory. */
const MAX_ELEMENTS = 100_000;

/**
 * A cursor over one request. Every read is checked against what is left, so that nothing is ever allocated from a
 * length that the bytes cannot hold. What `take` returns is a view into the request, not a copy.
 */
export class Reader {
  readonly buffer: Buffer;
  position: number;
  readonly end: number;
  private elements: { left: number };

  constructor(buffer: Buffer, position = 0, end = buffer.length, elements = { left: MAX_ELEMENTS }) {
    this.buffer = buffer;
    this.position = position;
    this.end = end;
    this.elements = elements;
  }

  get remaining(): number {
    return this.end - this.position;
  }

  /** Moves past `size` bytes and returns where they began. */
  private advance(size: number): number {
    const at = this.position;
    if (size < 0 || size > this.end - at) {
      throw new ProtocolError(`Expected ${size} bytes at position ${at}, got ${this.end - at}`);
    }
    this.position = at + size;
    return at;
  }

  int8(): number {
    return this.buffer.readInt8(this.advance(1));
  }
  int16(): number {
    return this.buffer.readInt16BE(this.advance(2));
  }
  int32(): number {
    return this.buffer.readInt32BE(this.advance(4));
  }
  /** Exact up to 2^53; beyond that rounded, as no offset or timestamp of ours gets there. */
  int64(): number {
    const at = this.advance(8);
    return this.buffer.readInt32BE(at) * 0x1_0000_0000 + this.buffer.readUInt32BE(at + 4);
  }
  float64(): number {
    return this.buffer.readDoubleBE(this.advance(8));
  }

  /** Unsigned LEB128 of at most 32 bits. */
  uvarint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.buffer[this.advance(1)]!;
      if (shift === 28 && byte > 0x0f) break;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new ProtocolError(`Expected a varint of at most 32 bits at position ${this.position}`);
  }

  /** A view of the next `size` bytes. */
  take(size: number): Buffer {
    const at = this.advance(size);
    return this.buffer.subarray(at, at + size);
  }

  /** A reader over just the next `size` bytes, which this one moves past. */
  within(size: number): Reader {
    const at = this.advance(size);
    return new Reader(this.buffer, at, at + size, this.elements);
  }

  /** To be called before reading `count` elements, each of which takes memory beyond its bytes. */
  expectElements(count: number): void {
    this.elements.left -= count;
    if (this.elements.left < 0)
      throw new ProtocolError(`Expected at most ${MAX_ELEMENTS} elements in a request`);
  }
}
