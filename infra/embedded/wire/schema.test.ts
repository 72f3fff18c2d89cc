import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ProtocolError } from "./protocol-error.ts";
import { Reader } from "./reader.ts";
import {
  array,
  boolean,
  bytes,
  float64,
  type Infer,
  int8,
  int16,
  int32,
  int64,
  nullableArray,
  nullableBytes,
  nullableString,
  records,
  since,
  string,
  struct,
  type Type,
  tagged,
  uuid,
  versions,
} from "./schema.ts";
import { Writer } from "./writer.ts";

function encode<T>(type: Type<T>, value: T, version: number, flexible: boolean): Buffer {
  const writer = new Writer(16);
  type.write(writer, value, version, flexible);
  return Buffer.concat(writer.finish());
}

function decode<T>(type: Type<T>, data: Buffer, version: number, flexible: boolean): T {
  const reader = new Reader(data);
  const value = type.read(reader, version, flexible);
  expect(reader.remaining).toBe(0);
  return value;
}

const message = struct({
  a: int8,
  b: int16,
  c: int32,
  d: int64,
  e: float64,
  f: boolean,
  g: string,
  h: nullableString,
  i: bytes,
  j: nullableBytes,
  k: uuid,
  l: array(struct({ n: int32, s: nullableString })),
  m: nullableArray(int32),
  n: since(2, int32, 7),
  o: versions(1, 2, string, "gone"),
  p: tagged(3, 0, nullableString, null),
  q: tagged(1, 2, int32, -1),
});

const messages: fc.Arbitrary<Infer<typeof message>> = fc.record({
  a: fc.integer({ min: -128, max: 127 }),
  b: fc.integer({ min: -32_768, max: 32_767 }),
  c: fc.integer(),
  d: fc.maxSafeInteger(),
  e: fc.double({ noNaN: true }),
  f: fc.boolean(),
  g: fc.string({ unit: "grapheme" }),
  h: fc.option(fc.string({ unit: "grapheme" })),
  i: fc.uint8Array({ maxLength: 3_000 }).map((x) => Buffer.from(x)),
  j: fc.option(fc.uint8Array().map((x) => Buffer.from(x))),
  k: fc.uint8Array({ minLength: 16, maxLength: 16 }).map((x) => Buffer.from(x).toString("base64url")),
  l: fc.array(fc.record({ n: fc.integer(), s: fc.option(fc.string()) })),
  m: fc.option(fc.array(fc.integer())),
  n: fc.integer(),
  o: fc.string(),
  p: fc.option(fc.string()),
  q: fc.integer(),
});

/** What a value reads as, given what the version leaves out. */
function asOf(value: Infer<typeof message>, version: number, flexible: boolean): Infer<typeof message> {
  return {
    ...value,
    n: version >= 2 ? value.n : 7,
    o: version >= 1 && version <= 2 ? value.o : "gone",
    p: flexible ? value.p : null,
    q: flexible && version >= 2 ? value.q : -1,
  };
}

describe("a schema", () => {
  it("reads back what it wrote, in every version, flexible or not", () => {
    fc.assert(
      fc.property(messages, fc.integer({ min: 0, max: 4 }), fc.boolean(), (value, version, flexible) => {
        expect(decode(message, encode(message, value, version, flexible), version, flexible)).toEqual(
          asOf(value, version, flexible),
        );
      }),
    );
  });

  it("throws a ProtocolError for bytes cut short anywhere", () => {
    fc.assert(
      fc.property(
        messages,
        fc.boolean(),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (value, flexible, part) => {
          const whole = encode(message, value, 4, flexible);
          const cut = whole.subarray(0, Math.floor(whole.length * part));
          expect(() => message.read(new Reader(cut), 4, flexible)).toThrow(ProtocolError);
        },
      ),
    );
  });

  it("answers any bytes at all with a value or a ProtocolError", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (data, flexible) => {
        try {
          message.read(new Reader(Buffer.from(data)), 4, flexible);
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
      }),
    );
  });

  it("keeps an int64 exact up to 2^53 and writes what is larger as the largest", () => {
    expect(decode(int64, encode(int64, Number.MAX_SAFE_INTEGER, 0, false), 0, false)).toBe(
      Number.MAX_SAFE_INTEGER,
    );
    expect(decode(int64, encode(int64, -1, 0, false), 0, false)).toBe(-1);
    expect(encode(int64, 2 ** 63, 0, false).toString("hex")).toBe("7fffffffffffffff");
    expect(encode(int64, -(2 ** 64), 0, false).toString("hex")).toBe("8000000000000000");
  });

  it("writes compact lengths one higher, and null as 0", () => {
    expect(encode(string, "ab", 0, false).toString("hex")).toBe("00026162");
    expect(encode(string, "ab", 0, true).toString("hex")).toBe("036162");
    expect(encode(nullableString, null, 0, true).toString("hex")).toBe("00");
    expect(encode(array(int8), [5], 0, true).toString("hex")).toBe("0205");
    expect(encode(string, "x".repeat(200), 0, true).subarray(0, 2).toString("hex")).toBe("c901");
  });

  it("skips tagged fields that it does not know", () => {
    const data = Buffer.from("00000007" + "02" + "0501ff" + "ff7f00", "hex");
    expect(decode(struct({ n: int32 }), data, 0, true)).toEqual({ n: 7 });
  });

  it("refuses null where there must be a value", () => {
    expect(() => decode(string, Buffer.from("ffff", "hex"), 0, false)).toThrow("Expected a string");
    expect(() => decode(array(int8), Buffer.from("ffffffff", "hex"), 0, false)).toThrow("Expected an array");
  });

  it.each([
    ["an array of 2^31−1", array(int32), "7fffffff00000000", false],
    ["a compact array of 2^32−2", array(int32), "ffffffff0f00000000", true],
    ["a string of −2", string, "fffe", false],
    ["bytes of −2^31", bytes, "8000000000", false],
    ["20 million tagged fields", struct({}), "80dac4090001000100", true],
    ["a varint that never ends", string, "ffffffffffffffff", true],
  ])("refuses %s", (_what, type: Type<unknown>, hex, flexible) => {
    expect(() => type.read(new Reader(Buffer.from(hex, "hex")), 0, flexible)).toThrow(ProtocolError);
  });

  it("refuses more elements in one request than memory should hold, however small each is", () => {
    const nested = array(array(int8));
    const inner = Buffer.concat([Buffer.from("000186a0", "hex"), Buffer.alloc(100_000)]);
    const data = Buffer.concat([Buffer.from("0000000b", "hex"), ...Array.from({ length: 11 }, () => inner)]);
    expect(() => nested.read(new Reader(data), 0, false)).toThrow("Expected at most 100000 elements");
  });

  it("sends large slices of the log as they are, under one length", () => {
    const slices = [Buffer.alloc(5_000, 1), Buffer.alloc(6_000, 2)];
    const writer = new Writer();
    struct({ records }).write(writer, { records: slices }, 0, false);
    const parts = writer.finish();
    expect(parts[1]).toBe(slices[0]);
    expect(parts[2]).toBe(slices[1]);
    expect(parts[0]?.readInt32BE(0)).toBe(11_000);
  });

  it("writes no records as length 0, not as null", () => {
    expect(encode(records, [], 0, false).toString("hex")).toBe("00000000");
    expect(encode(records, [], 0, true).toString("hex")).toBe("01");
  });
});
