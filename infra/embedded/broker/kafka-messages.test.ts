import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Reader } from "../wire/reader.ts";
import type { Type } from "../wire/schema.ts";
import { Writer } from "../wire/writer.ts";
import { apis } from "./api-registry.ts";
import type { Api } from "./define-api.ts";

/*
 * Every schema against Kafka's own message definitions (kafka-messages.txt): bytes made from the definition, by an
 * encoder that shares nothing with the schemas, must be read to the same values in the same places, and written back
 * to the same bytes, in every version that is served.
 */

/** A range of versions, `3+`, `2-4`, `1` or `none`. */
function includes(range: string | undefined, version: number): boolean {
  if (range === undefined || range === "none") return false;
  const [, from, to] = /^(\d+)(\+|-\d+)?$/.exec(range)!;
  if (to === undefined) return version === Number(from);
  return version >= Number(from) && (to === "+" || version <= Number(to.slice(1)));
}

interface Field {
  name: string;
  type: string;
  versions: string;
  nullable: string | undefined;
  tagged: string | undefined;
  fields: Field[];
}

interface Message {
  key: number;
  name: string;
  flexible: string;
  fields: Field[];
}

function parseDefinitions(text: string): Message[] {
  const messages: Message[] = [];
  let path: Field[][] = [];
  for (const line of text.split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    const depth = line.search(/\S/) / 2;
    const words = line.trim().split(" ");
    if (depth === 0) {
      const message = { key: Number(words[0]), name: words[1]!, flexible: words[3]!, fields: [] };
      messages.push(message);
      path = [message.fields];
      continue;
    }
    const after = (word: string, skip: number) =>
      words.includes(word) ? words[words.indexOf(word) + skip] : undefined;
    const [name, type, versions] = words as [string, string, string];
    const field = { name, type, versions, nullable: after("null", 1), tagged: after("tag", 2), fields: [] };
    path[depth - 1]!.push(field);
    path[depth] = field.fields;
  }
  return messages;
}

/** A field's value: null for null, a list of structs or scalars, a struct as the values of its fields in order. */
type Value = null | number | string | boolean | Buffer | Value[] | Struct;
class Struct {
  readonly values: Map<string, Value>;
  constructor(values: Map<string, Value>) {
    this.values = values;
  }
}

/** The fields on the wire in this version. Tagged ones are left out, as a client may. */
function present(fields: readonly Field[], version: number): Field[] {
  return fields.filter((field) => includes(field.versions, version) && !includes(field.tagged, version));
}

function structOf(fields: readonly Field[], version: number): fc.Arbitrary<Struct> {
  const each = present(fields, version).map((field) =>
    arbitrary(field, version).map((value) => [field.name, value] as const),
  );
  return fc.tuple(...each).map((entries) => new Struct(new Map(entries)));
}

function arbitrary(field: Field, version: number): fc.Arbitrary<Value> {
  const type = field.type.replace("[]", "");
  const one: fc.Arbitrary<Value> = type === "struct" ? structOf(field.fields, version) : scalars[type]!;
  const value = field.type.startsWith("[]") ? fc.array(one, { maxLength: 3 }) : one;
  // Null records are read as none (see schema.ts).
  return includes(field.nullable, version) && type !== "records" ? fc.option(value, { freq: 3 }) : value;
}

const int = (bits: number) => fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 });
const buffer = (size?: number) =>
  fc
    .uint8Array(size === undefined ? { maxLength: 40 } : { minLength: size, maxLength: size })
    .map((a) => Buffer.from(a));
const scalars: Record<string, fc.Arbitrary<Value>> = {
  bool: fc.boolean(),
  int8: int(8),
  int16: int(16),
  int32: int(32),
  int64: fc.maxSafeInteger(),
  string: fc.string({ unit: "grapheme", maxLength: 20 }),
  bytes: buffer(),
  records: buffer(),
  uuid: buffer(16).map((bytes) => bytes.toString("base64url")),
};

function uvarint(value: number): Buffer {
  const out = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) out.push((rest % 128) + 128);
  return Buffer.from([...out, rest]);
}

function integer(value: number, size: number): Buffer {
  const out = Buffer.alloc(8);
  out.writeBigInt64BE(BigInt(value));
  return out.subarray(8 - size);
}

function length(value: number, size: number, flexible: boolean): Buffer {
  return flexible ? uvarint(value + 1) : integer(value, size);
}

function encodeStruct(
  { values }: Struct,
  fields: readonly Field[],
  version: number,
  flexible: boolean,
): Buffer {
  const parts = present(fields, version).map((field) =>
    encode(values.get(field.name)!, field, version, flexible),
  );
  return Buffer.concat(flexible ? [...parts, uvarint(0)] : parts);
}

function encode(value: Value, field: Field, version: number, flexible: boolean): Buffer {
  if (field.type.startsWith("[]")) {
    if (value === null) return length(-1, 4, flexible);
    const item = { ...field, type: field.type.slice(2), nullable: undefined };
    const items = (value as Value[]).map((each) => encode(each, item, version, flexible));
    return Buffer.concat([length(items.length, 4, flexible), ...items]);
  }
  if (field.type === "struct") return encodeStruct(value as Struct, field.fields, version, flexible);
  if (field.type === "string") {
    const text = value === null ? null : Buffer.from(value as string);
    return Buffer.concat([length(text?.length ?? -1, 2, flexible), text ?? Buffer.alloc(0)]);
  }
  if (field.type === "bytes" || field.type === "records") {
    const bytes = value as Buffer | null;
    return Buffer.concat([length(bytes?.length ?? -1, 4, flexible), bytes ?? Buffer.alloc(0)]);
  }
  if (field.type === "uuid") return Buffer.from(value as string, "base64url");
  if (field.type === "bool") return Buffer.from([value ? 1 : 0]);
  return integer(value as number, Number(field.type.slice(3)) / 8);
}

/** What a schema should read, by the places of the fields: names are ours. */
function compare(
  read: unknown,
  value: Value,
  field: Field,
  version: number,
  served: readonly [number, number],
): void {
  if (value instanceof Struct) {
    compareStruct(read as object, value, field.fields, version, served);
  } else if (Array.isArray(value)) {
    const items = read as unknown[];
    expect(items.length).toBe(value.length);
    for (const [i, item] of value.entries()) compare(items[i], item, field, version, served);
  } else {
    // Record batches may be read as slices.
    expect(field.type === "records" && Array.isArray(read) ? Buffer.concat(read) : read).toEqual(value);
  }
}

function compareStruct(
  read: object,
  { values }: Struct,
  fields: readonly Field[],
  version: number,
  served: readonly [number, number],
): void {
  const all = fields.filter((field) => isServed(field, served));
  const names = Object.keys(read);
  expect(names.length, `${names} for ${all.map((field) => field.name)}`).toBe(all.length);
  all.forEach((field, i) => {
    const value = values.get(field.name);
    if (value !== undefined)
      compare((read as Record<string, unknown>)[names[i]!], value, field, version, served);
  });
}

/** Whether a field is on the wire in any served version; ignoring those that are only ever tagged. */
function isServed(field: Field, [min, max]: readonly [number, number]): boolean {
  for (let version = min; version <= max; version++) if (present([field], version).length > 0) return true;
  return false;
}

const definitions = parseDefinitions(readFileSync(new URL("kafka-messages.txt", import.meta.url), "utf8"));

describe.each([...apis.values()])("$name", (api: Api) => {
  const [min, max] = api.versions;
  const versions = Array.from({ length: max - min + 1 }, (_, i) => min + i);

  it.each(versions)("v%i is laid out as Kafka defines it", (version) => {
    for (const kind of ["Request", "Response"] as const) {
      const message = definitions.find(({ key, name }) => key === api.key && name.endsWith(kind))!;
      const schema: Type<object> = kind === "Request" ? api.request : api.response;
      const flexible = includes(message.flexible, version);
      expect(api.flexibleFrom !== null && version >= api.flexibleFrom).toBe(flexible);
      fc.assert(
        fc.property(structOf(message.fields, version), (value) => {
          const bytes = encodeStruct(value, message.fields, version, flexible);
          const reader = new Reader(bytes);
          const read = schema.read(reader, version, flexible);
          expect(reader.remaining).toBe(0);
          compareStruct(read, value, message.fields, version, api.versions);
          const writer = new Writer();
          schema.write(writer, read, version, flexible);
          expect(Buffer.concat(writer.finish())).toEqual(bytes);
        }),
        { numRuns: 25 },
      );
    }
  });
});
