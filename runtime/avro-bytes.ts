/**
 * Looks over the bytes of an Avro value before they are decoded. avsc trusts lengths: one of 2^40 would have it fill
 * the memory with what is not there.
 */
import { isUtf8 } from "node:buffer";
import type { Type, types } from "avsc";
import { MAX_DEPTH } from "./plain-data.ts";

/** Items that take no bytes, of one value: nothing else bounds their number. */
const MOST_EMPTY_ITEMS = 10_000;

/** Bytes do not hold what their schema says: what was expected, what came, and where. */
export class AvroBytesError extends Error {
  override readonly name = "AvroBytesError";
}

/** Throws AvroBytesError unless `bytes` from `start` on hold one value of `type` and no more. */
export function checkAvroBytes(type: Type, bytes: Buffer, start: number): void {
  const cursor = new Cursor(bytes, start);
  cursor.pass(type, 0);
  const left = bytes.length - cursor.at;
  if (left > 0) throw new AvroBytesError(`expected the end at byte ${cursor.at}, got ${left} bytes more`);
}

class Cursor {
  at: number;
  readonly #bytes: Buffer;
  #empty = 0;
  /** Whether the last number was too large for a double, where avsc takes it for another one. */
  #isInexact = false;

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  pass(type: Type, depth: number): void {
    if (depth > MAX_DEPTH) throw new AvroBytesError(`expected at most ${MAX_DEPTH} levels, got more`);
    switch (type.typeName) {
      case "null":
        return;
      case "boolean": {
        const byte = this.#bytes[this.at];
        this.#skip(1, "true or false");
        if (byte! > 1) throw new AvroBytesError(`expected 0 or 1 for true or false, got ${byte}`);
        return;
      }
      case "int":
      case "long":
        this.#long();
        if (this.#isInexact)
          throw new AvroBytesError(
            `expected a number from -2^52 to 2^53 before byte ${this.at}, got another`,
          );
        return;
      case "float":
        this.#skip(4, "a number");
        return;
      case "double":
        this.#skip(8, "a number");
        return;
      case "fixed":
        this.#skip((type as types.FixedType).size, "fixed bytes");
        return;
      case "string":
        this.#text("string");
        return;
      case "bytes":
        this.#skip(this.#long(), type.typeName);
        return;
      case "enum":
        this.#index((type as types.EnumType).symbols.length, "symbols");
        return;
      case "record":
        for (const field of (type as types.RecordType).fields) this.pass(field.type, depth + 1);
        return;
      case "array":
        this.#blocks((type as types.ArrayType).itemsType, false, depth);
        return;
      case "map":
        this.#blocks((type as types.MapType).valuesType, true, depth);
        return;
      case "union:wrapped": {
        const branches = (type as types.WrappedUnionType).types;
        this.pass(branches[this.#index(branches.length, "branches")]!, depth);
        return;
      }
      default:
        throw new AvroBytesError(`expected a type of Avro, got ${type.typeName}`);
    }
  }

  /** A variable-length zig-zag number; its value is exact up to 2^53, and only as large as it is above. */
  #long(): number {
    let value = 0;
    let scale = 1;
    const first = this.at;
    for (let i = 0; i < 10; i++) {
      const byte = this.#bytes[this.at];
      if (byte === undefined) throw this.#short("a number", 1);
      this.at += 1;
      value += (byte & 0x7f) * scale;
      if (byte >= 0x80) {
        scale *= 128;
        continue;
      }
      // Zig-zag doubles a number; a double holds even ones up to 2^54 and odd ones, which are negative, up to 2^53.
      const isNegative = (this.#bytes[first]! & 1) === 1;
      this.#isInexact = value >= (isNegative ? 2 ** 53 : 2 ** 54);
      return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    }
    throw new AvroBytesError(`expected a number of at most 10 bytes before byte ${this.at}, got more`);
  }

  #index(count: number, what: string): number {
    const index = this.#long();
    if (index >= 0 && index < count) return index;
    throw new AvroBytesError(`expected one of ${count} ${what} before byte ${this.at}, got number ${index}`);
  }

  #skip(length: number, what: string): void {
    if (length < 0) throw new AvroBytesError(`expected a length before byte ${this.at}, got ${length}`);
    if (length > this.#bytes.length - this.at) throw this.#short(what, length);
    this.at += length;
  }

  /** avsc puts another character in the place of what is no UTF-8. */
  #text(what: string): void {
    const length = this.#long();
    const from = this.at;
    this.#skip(length, what);
    if (isUtf8(this.#bytes.subarray(from, this.at))) return;
    throw new AvroBytesError(`expected ${what} in UTF-8 at byte ${from}, got other bytes`);
  }

  #short(what: string, length: number): AvroBytesError {
    const left = this.#bytes.length - this.at;
    return new AvroBytesError(`expected ${what} of ${length} bytes at byte ${this.at}, got ${left} bytes`);
  }

  #blocks(item: Type, isMap: boolean, depth: number): void {
    for (let count = this.#long(); count !== 0; count = this.#long()) {
      let end = -1;
      if (count < 0) {
        count = -count;
        const size = this.#long();
        const from = this.at;
        this.#skip(size, "a block");
        end = this.at;
        this.at = from;
      }
      for (let i = 0; i < count; i++) {
        const before = this.at;
        if (isMap) this.#text("a key");
        this.pass(item, depth + 1);
        if (this.at === before) this.#empty += 1;
        if (this.#empty > MOST_EMPTY_ITEMS)
          throw new AvroBytesError(
            `expected at most ${MOST_EMPTY_ITEMS} empty items, got a block of ${count}`,
          );
      }
      if (end >= 0 && end !== this.at)
        throw new AvroBytesError(`expected the block's end at byte ${end}, got one at byte ${this.at}`);
    }
  }
}
