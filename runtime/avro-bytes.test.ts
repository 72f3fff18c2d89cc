import avro from "avsc";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkAvroBytes } from "./avro-bytes.ts";

const typeOf = (schema: unknown) => avro.Type.forSchema(schema as avro.Schema, { wrapUnions: true });
const LINKED = { type: "record", name: "L", fields: [{ name: "next", type: ["null", "L"] }] };
/** Zig-zag, as Avro writes a number. */
function long(n: bigint): number[] {
  const bytes: number[] = [];
  for (let rest = n >= 0n ? n * 2n : -n * 2n - 1n; ; rest >>= 7n) {
    if (rest < 128n) return [...bytes, Number(rest)];
    bytes.push(Number(rest & 127n) | 128);
  }
}

describe("bytes that are to be Avro", () => {
  it.each([
    [
      "a text of 2^40 bytes",
      "string",
      long(2n ** 40n),
      "expected string of 1099511627776 bytes at byte 6, got 0",
    ],
    [
      "a list of 2^40 texts",
      { type: "array", items: "string" },
      long(2n ** 40n),
      "expected a number of 1 bytes",
    ],
    [
      "a map of 2^40 texts",
      { type: "map", values: "string" },
      long(2n ** 40n),
      "expected a number of 1 bytes",
    ],
    [
      "a list of 2^40 nothings",
      { type: "array", items: "null" },
      long(2n ** 40n),
      "at most 10000 empty items",
    ],
    [
      "lists in a list of 6,000 nothings each",
      { type: "array", items: { type: "array", items: "null" } },
      [...long(2n), ...long(6_000n), 0, ...long(6_000n), 0, 0],
      "at most 10000 empty items",
    ],
    ["a text that is no UTF-8", "string", [...long(2n), 0xc3, 0x28], "expected string in UTF-8 at byte 1"],
    ["a surrogate by itself", "string", [...long(3n), 0xed, 0xa0, 0x80], "expected string in UTF-8"],
    [
      "a key that is no UTF-8",
      { type: "map", values: "int" },
      [...long(1n), ...long(1n), 0xff, 0, 0],
      "expected a key in UTF-8 at byte 2",
    ],
    ["a negative length", "string", long(-3n), "expected a length before byte 1, got -3"],
    ["a number without an end", "long", Array(11).fill(0x80), "at most 10 bytes"],
    ["a cut number", "double", [0, 0], "expected a number of 8 bytes at byte 0, got 2 bytes"],
    ["a branch that is not there", ["null", "string"], long(2n), "expected one of 2 branches"],
    ["a symbol that is not there", { type: "enum", name: "E", symbols: ["A"] }, long(1n), "one of 1 symbols"],
    [
      "a block of another size",
      { type: "array", items: "int" },
      [...long(-1n), ...long(2n), 0, 0],
      "block's end",
    ],
    ["a third truth value", "boolean", [2], "expected 0 or 1"],
    ["bytes after the end", "null", [1], "expected the end at byte 0, got 1 bytes more"],
    ["a chain without an end", LINKED, Array(100_000).fill(2), "at most 500 levels"],
    ["a number that avsc reads wrong", "long", long(-(2n ** 52n) - 1n), "expected a number from -2^52"],
    ["a number above 2^53", "long", long(2n ** 53n), "expected a number from -2^52"],
  ] as [string, unknown, number[], string][])("are refused for %s", (_name, schema, bytes, message) => {
    expect(() => checkAvroBytes(typeOf(schema), Buffer.from(bytes), 0)).toThrow(message);
  });

  it("pass where avsc has written them", () => {
    const type = typeOf({
      type: "record",
      name: "R",
      fields: [
        { name: "n", type: ["null", "long"] },
        { name: "f", type: "float" },
        { name: "b", type: "bytes" },
        { name: "x", type: { type: "fixed", name: "X", size: 3 } },
        { name: "m", type: { type: "map", values: { type: "array", items: "string" } } },
      ],
    });
    const value = fc.record({
      n: fc.option(fc.integer({ min: -(2 ** 52), max: 2 ** 53 - 1 }).map((long) => ({ long }))),
      f: fc.float(),
      b: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
      x: fc.uint8Array({ minLength: 3, maxLength: 3 }).map((bytes) => Buffer.from(bytes)),
      m: fc.dictionary(fc.string(), fc.array(fc.string())),
    });
    fc.assert(fc.property(value, (one) => checkAvroBytes(type, type.toBuffer(one), 0)));
  });

  it("pass with the size of their blocks", () => {
    const bytes = Buffer.from([...long(-2n), ...long(2n), 2, 4, ...long(0n)]);
    const type = typeOf({ type: "array", items: "int" });
    checkAvroBytes(type, bytes, 0);
    expect(type.fromBuffer(bytes)).toEqual([1, 2]);
  });
});
