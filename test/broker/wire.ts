/** The primitive types of Kafka's protocol, non-flexible versions; written apart from the broker's own codec. */

export class Writer {
  readonly #parts: Buffer[] = [];

  #fixed(bytes: number, write: (buffer: Buffer) => void): this {
    const buffer = Buffer.alloc(bytes);
    write(buffer);
    this.#parts.push(buffer);
    return this;
  }
  int8(value: number): this {
    return this.#fixed(1, (buffer) => buffer.writeInt8(value));
  }
  boolean(value: boolean): this {
    return this.int8(value ? 1 : 0);
  }
  int16(value: number): this {
    return this.#fixed(2, (buffer) => buffer.writeInt16BE(value));
  }
  int32(value: number): this {
    return this.#fixed(4, (buffer) => buffer.writeInt32BE(value));
  }
  int64(value: number | bigint): this {
    return this.#fixed(8, (buffer) => buffer.writeBigInt64BE(BigInt(value)));
  }
  string(value: string | null): this {
    if (value === null) return this.int16(-1);
    const bytes = Buffer.from(value);
    return this.int16(bytes.length).raw(bytes);
  }
  bytes(value: Buffer | null): this {
    return value === null ? this.int32(-1) : this.int32(value.length).raw(value);
  }
  array<T>(items: readonly T[] | null, write: (item: T) => void): this {
    this.int32(items?.length ?? -1);
    for (const item of items ?? []) write(item);
    return this;
  }
  raw(bytes: Buffer): this {
    this.#parts.push(bytes);
    return this;
  }
  toBuffer(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

export class Reader {
  readonly #buffer: Buffer;
  #at = 0;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }
  #take(bytes: number): number {
    this.#at += bytes;
    return this.#at - bytes;
  }
  int8(): number {
    return this.#buffer.readInt8(this.#take(1));
  }
  boolean(): boolean {
    return this.int8() !== 0;
  }
  int16(): number {
    return this.#buffer.readInt16BE(this.#take(2));
  }
  int32(): number {
    return this.#buffer.readInt32BE(this.#take(4));
  }
  int64(): number {
    return Number(this.#buffer.readBigInt64BE(this.#take(8)));
  }
  string(): string | null {
    const length = this.int16();
    if (length < 0) return null;
    const at = this.#take(length);
    return this.#buffer.toString("utf8", at, at + length);
  }
  bytes(): Buffer | null {
    const length = this.int32();
    if (length < 0) return null;
    const at = this.#take(length);
    return this.#buffer.subarray(at, at + length);
  }
  array<T>(read: () => T): T[] {
    return Array.from({ length: Math.max(0, this.int32()) }, read);
  }
  /** Bytes not read yet: 0 after a response that had just what its schema says. */
  get remaining(): number {
    return this.#buffer.length - this.#at;
  }
}
