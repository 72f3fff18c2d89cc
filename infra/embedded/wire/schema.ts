import { ProtocolError } from "./protocol-error.ts";
import type { Reader } from "./reader.ts";
import { Writer } from "./writer.ts";

/**
 * The wire grammar as values: a request or response is described once, by a schema that reads much like Kafka's own
 * message definitions, and that description both reads and writes every version of it.
 *
 *     const request = struct({ topics: array(struct({ name: string, partitions: array(int32) })), flag: since(4, boolean) })
 *
 * In a flexible version strings, bytes and arrays are compact, and every struct ends with tagged fields.
 */
export interface Type<T> {
  read(r: Reader, version: number, flexible: boolean): T;
  write(w: Writer, value: T, version: number, flexible: boolean): void;
  /** What a version without this field reads as. */
  readonly default: T;
}

/** The value that a schema describes. */
export type Infer<S> = S extends Type<infer T> ? T : never;

interface TaggedType<T> extends Type<T> {
  readonly tag: number;
  readonly since: number;
}

export const int8: Type<number> = { read: (r) => r.int8(), write: (w, v) => w.int8(v), default: 0 };
export const int16: Type<number> = { read: (r) => r.int16(), write: (w, v) => w.int16(v), default: 0 };
export const int32: Type<number> = { read: (r) => r.int32(), write: (w, v) => w.int32(v), default: 0 };
/** A number: exact up to 2^53. */
export const int64: Type<number> = { read: (r) => r.int64(), write: (w, v) => w.int64(v), default: 0 };
export const float64: Type<number> = { read: (r) => r.float64(), write: (w, v) => w.float64(v), default: 0 };
export const boolean: Type<boolean> = {
  read: (r) => r.int8() !== 0,
  write: (w, v) => w.int8(v ? 1 : 0),
  default: false,
};

/** A UUID as Kafka prints it: 22 characters of base64url. */
export const ZERO_UUID = "AAAAAAAAAAAAAAAAAAAAAA";
export const uuid: Type<string> = {
  read: (r) => r.take(16).toString("base64url"),
  write: (w, v) => {
    const bytes = Buffer.from(v, "base64url");
    if (bytes.length !== 16)
      throw new RangeError(`Expected a UUID of 16 bytes in base64url, got ${JSON.stringify(v)}`);
    w.bytes(bytes);
  },
  default: ZERO_UUID,
};

/** Lengths: −1 is null. Compact ones are unsigned varints, one higher. */
type LengthKind = "int16" | "int32";

function readLength(r: Reader, flexible: boolean, kind: LengthKind): number {
  const length = flexible ? r.uvarint() - 1 : kind === "int16" ? r.int16() : r.int32();
  if (length < -1)
    throw new ProtocolError(`Expected a length of -1 or more at position ${r.position}, got ${length}`);
  if (length > r.remaining) {
    throw new ProtocolError(
      `Expected a length of at most ${r.remaining} at position ${r.position}, got ${length}`,
    );
  }
  return length;
}

function writeLength(w: Writer, length: number, flexible: boolean, kind: LengthKind): void {
  if (flexible) w.uvarint(length + 1);
  else if (kind === "int16") w.int16(length);
  else w.int32(length);
}

function notNull<T>(type: Type<T | null>, what: string, fallback: T): Type<T> {
  return {
    read(r, version, flexible) {
      const value = type.read(r, version, flexible);
      if (value === null) throw new ProtocolError(`Expected ${what} at position ${r.position}, got null`);
      return value;
    },
    write: (w, value, version, flexible) => type.write(w, value, version, flexible),
    default: fallback,
  };
}

export const nullableString: Type<string | null> = {
  read(r, _version, flexible) {
    const length = readLength(r, flexible, "int16");
    return length < 0 ? null : r.take(length).toString("utf8");
  },
  write(w, value, _version, flexible) {
    if (value === null) return writeLength(w, -1, flexible, "int16");
    const length = Buffer.byteLength(value);
    writeLength(w, length, flexible, "int16");
    w.utf8(value, length);
  },
  default: null,
};
export const string: Type<string> = notNull(nullableString, "a string", "");

export const nullableBytes: Type<Buffer | null> = {
  read(r, _version, flexible) {
    const length = readLength(r, flexible, "int32");
    return length < 0 ? null : r.take(length);
  },
  write(w, value, _version, flexible) {
    writeLength(w, value === null ? -1 : value.length, flexible, "int32");
    if (value !== null) w.bytes(value);
  },
  default: null,
};
export const bytes: Type<Buffer> = notNull(nullableBytes, "bytes", Buffer.alloc(0));

/** Record batches as slices of the log, sent as they are. Null reads as none, and none is written with length 0. */
export const records: Type<readonly Buffer[]> = {
  read(r, version, flexible) {
    const value = nullableBytes.read(r, version, flexible);
    return value === null ? [] : [value];
  },
  write(w, slices, _version, flexible) {
    let length = 0;
    for (const slice of slices) length += slice.length;
    writeLength(w, length, flexible, "int32");
    for (const slice of slices) w.bytes(slice);
  },
  default: [],
};

export function nullableArray<T>(of: Type<T>): Type<T[] | null> {
  return {
    read(r, version, flexible) {
      // Every element takes a byte or more, so the count is bounded by what is left.
      const count = readLength(r, flexible, "int32");
      if (count < 0) return null;
      r.expectElements(count);
      const items: T[] = [];
      for (let i = 0; i < count; i++) items.push(of.read(r, version, flexible));
      return items;
    },
    write(w, items, version, flexible) {
      writeLength(w, items === null ? -1 : items.length, flexible, "int32");
      if (items !== null) for (const item of items) of.write(w, item, version, flexible);
    },
    default: null,
  };
}
export function array<T>(of: Type<T>): Type<T[]> {
  return notNull(nullableArray(of), "an array", []);
}

/** On the wire in the versions `from` to `to`, both included; `fallback` in the others. */
export function versions<T>(from: number, to: number, type: Type<T>, fallback: T = type.default): Type<T> {
  return {
    read: (r, version, flexible) =>
      version >= from && version <= to ? type.read(r, version, flexible) : fallback,
    write(w, value, version, flexible) {
      if (version >= from && version <= to) type.write(w, value, version, flexible);
    },
    default: fallback,
  };
}

/** On the wire from version `from` on. */
export function since<T>(from: number, type: Type<T>, fallback: T = type.default): Type<T> {
  return versions(from, Number.POSITIVE_INFINITY, type, fallback);
}

/** A tagged field: in flexible versions from `from` on, and only when it differs from `fallback`. */
export function tagged<T>(tag: number, from: number, type: Type<T>, fallback: T = type.default): Type<T> {
  const field: TaggedType<T> = { read: type.read, write: type.write, default: fallback, tag, since: from };
  return field;
}

// biome-ignore lint/suspicious/noExplicitAny: a struct holds fields of every type; Infer gives each its own back
type Fields = Record<string, Type<any>>;

/** Fields in the order of the wire. */
export function struct<F extends Fields>(fields: F): Type<{ [K in keyof F]: Infer<F[K]> }> {
  type Value = { [K in keyof F]: Infer<F[K]> };
  const all = Object.entries(fields);
  const isTagged = (entry: [string, Type<unknown>]): entry is [string, TaggedType<unknown>] =>
    "tag" in entry[1];
  const plain = all.filter((entry) => !isTagged(entry));
  const tags = all.filter(isTagged).sort(([, a], [, b]) => a.tag - b.tag);
  const defaults = Object.fromEntries(all.map(([name, type]) => [name, type.default]));
  return {
    read(r, version, flexible) {
      const value: Record<string, unknown> = { ...defaults };
      for (const [name, type] of plain) value[name] = type.read(r, version, flexible);
      if (flexible) readTaggedFields(r, value, tags, version);
      return value as Value;
    },
    write(w, value, version, flexible) {
      for (const [name, type] of plain) type.write(w, value[name], version, flexible);
      if (flexible) writeTaggedFields(w, value, tags, version);
    },
    default: defaults as Value,
  };
}

function readTaggedFields(
  r: Reader,
  value: Record<string, unknown>,
  tags: [string, TaggedType<unknown>][],
  version: number,
): void {
  const count = r.uvarint();
  r.expectElements(count);
  for (let i = 0; i < count; i++) {
    const tag = r.uvarint();
    const field = r.within(r.uvarint());
    const known = tags.find(([, type]) => type.tag === tag && version >= type.since);
    if (known) value[known[0]] = known[1].read(field, version, true);
  }
}

function writeTaggedFields(
  w: Writer,
  value: Record<string, unknown>,
  tags: [string, TaggedType<unknown>][],
  version: number,
): void {
  const present = tags.filter(([name, type]) => version >= type.since && value[name] !== type.default);
  w.uvarint(present.length);
  for (const [name, type] of present) {
    const field = new Writer(64);
    type.write(field, value[name], version, true);
    w.uvarint(type.tag);
    w.uvarint(field.length);
    w.append(field);
  }
}
