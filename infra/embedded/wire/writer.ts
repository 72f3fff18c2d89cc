/** Slices up to this size are copied beside their neighbours: cheaper than one more entry in a writev. */
const COPY_UP_TO = 1024;

/** Grows as it is written to, and keeps large slices as they are: `finish` returns the parts in order, never joined. */
export class Writer {
  private buffer: Buffer;
  private position = 0;
  /** Where the part that is being written begins in `buffer`. */
  private partStart = 0;
  private readonly parts: Buffer[] = [];
  private partBytes = 0;

  constructor(initialBytes = 512) {
    this.buffer = Buffer.allocUnsafe(initialBytes);
  }

  /** Bytes written so far. */
  get length(): number {
    return this.partBytes + this.position - this.partStart;
  }

  private reserve(size: number): number {
    const at = this.position;
    if (at + size > this.buffer.length) {
      const kept = at - this.partStart;
      const grown = Buffer.allocUnsafe(Math.max(kept + size, this.buffer.length * 2));
      this.buffer.copy(grown, 0, this.partStart, at);
      this.buffer = grown;
      this.partStart = 0;
      this.position = kept + size;
      return kept;
    }
    this.position = at + size;
    return at;
  }

  int8(value: number): void {
    const at = this.reserve(1);
    this.buffer.writeInt8(value, at);
  }
  int16(value: number): void {
    const at = this.reserve(2);
    this.buffer.writeInt16BE(value, at);
  }
  int32(value: number): void {
    const at = this.reserve(4);
    this.buffer.writeInt32BE(value, at);
  }
  /** A number outside the range of an int64 is written as the nearest one inside. */
  int64(value: number): void {
    const at = this.reserve(8);
    const high = Math.floor(value / 0x1_0000_0000);
    if (high > 0x7fff_ffff) this.buffer.writeBigInt64BE(0x7fff_ffff_ffff_ffffn, at);
    else if (high < -0x8000_0000) this.buffer.writeBigInt64BE(-0x8000_0000_0000_0000n, at);
    else {
      this.buffer.writeInt32BE(high, at);
      this.buffer.writeUInt32BE(value - high * 0x1_0000_0000, at + 4);
    }
  }
  float64(value: number): void {
    const at = this.reserve(8);
    this.buffer.writeDoubleBE(value, at);
  }

  uvarint(value: number): void {
    let rest = value;
    while (rest > 0x7f) {
      const at = this.reserve(1);
      this.buffer[at] = (rest % 0x80) + 0x80;
      rest = Math.floor(rest / 0x80);
    }
    const at = this.reserve(1);
    this.buffer[at] = rest;
  }

  /** `byteLength` is that of `text` in UTF-8: the caller has needed it for the length in front. */
  utf8(text: string, byteLength: number): void {
    const at = this.reserve(byteLength);
    this.buffer.write(text, at, byteLength, "utf8");
  }

  bytes(value: Buffer): void {
    if (value.length <= COPY_UP_TO) {
      const at = this.reserve(value.length);
      value.copy(this.buffer, at);
      return;
    }
    this.endPart();
    this.parts.push(value);
    this.partBytes += value.length;
  }

  /** Everything that `other` holds; it must not be written to afterwards. */
  append(other: Writer): void {
    for (const part of other.finish()) this.bytes(part);
  }

  private endPart(): void {
    if (this.position === this.partStart) return;
    this.parts.push(this.buffer.subarray(this.partStart, this.position));
    this.partBytes += this.position - this.partStart;
    this.partStart = this.position;
  }

  /** The parts in order. */
  finish(): Buffer[] {
    this.endPart();
    return this.parts;
  }
}
