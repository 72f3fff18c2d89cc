import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeHeaders, decodeKey, decodeValue, encodeValue, headerValues, toText } from "./codec.ts";
import { MAX_DEPTH } from "./plain-data.ts";

const bytes = (text: string): Buffer => Buffer.from(text, "utf8");
const reasonOf = (value: Buffer): string => {
  const decoded = decodeValue(value);
  return "reason" in decoded ? decoded.reason : `no reason: ${JSON.stringify(decoded.value)}`;
};
const nested = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);

describe("decodeValue", () => {
  it("reads back every JSON value that encodeValue has written", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const json = JSON.parse(JSON.stringify(value)); // without -0, which JSON does not have
        expect(decodeValue(encodeValue(json))).toEqual({ value: json });
      }),
    );
  });

  it("takes a tombstone for null, and writes null as one", () => {
    expect(decodeValue(null)).toEqual({ value: null });
    expect(encodeValue(null)).toBeNull();
  });

  it("says how many bytes are not UTF-8", () => {
    expect(reasonOf(Buffer.from([0x22, 0xff, 0xfe, 0x22]))).toBe(
      "expected JSON in UTF-8, got 4 bytes that are not UTF-8",
    );
    // A surrogate on its own, encoded as if it were a character.
    expect(reasonOf(Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]))).toMatch("not UTF-8");
  });

  it("shows the beginning of what is not JSON", () => {
    expect(reasonOf(bytes("<html>"))).toMatch(/^expected JSON, got "<html>": Unexpected token/);
    expect(reasonOf(bytes(""))).toMatch(/^expected JSON, got ""/);
    expect(reasonOf(bytes(`{"a":${"x".repeat(1e6)}`)).length).toBeLessThan(200);
  });

  it("names a byte order mark, which nobody would see in the text", () => {
    expect(reasonOf(bytes('\ufeff{"a":1}'))).toBe("expected JSON, got a byte order mark before it");
  });

  it("keeps __proto__ as a key like any other", () => {
    const { value } = decodeValue(bytes('{"__proto__":{"admin":true}}')) as { value: object };
    expect(Object.keys(value)).toEqual(["__proto__"]);
    expect(value).not.toHaveProperty("admin");
  });

  it("reads a number beyond 2^53 as the nearest that JavaScript has", () => {
    expect(decodeValue(bytes("9007199254740993"))).toEqual({ value: 9007199254740992 });
  });

  it("refuses nesting that would overflow the stack of whoever walks the value", () => {
    const reason = `expected JSON of at most ${MAX_DEPTH} levels of lists and objects, got more`;
    expect(decodeValue(bytes(nested(MAX_DEPTH)))).toHaveProperty("value");
    expect(reasonOf(bytes(nested(MAX_DEPTH + 1)))).toBe(reason);
    expect(reasonOf(bytes(nested(500_000)))).toBe(reason);
    expect(reasonOf(bytes(`${'{"a":'.repeat(MAX_DEPTH + 1)}1${"}".repeat(MAX_DEPTH + 1)}`))).toBe(reason);
  });

  it("does not take brackets in a text for nesting", () => {
    const text = JSON.stringify({
      text: `"${"[{".repeat(MAX_DEPTH)}\\`,
      list: Array.from({ length: MAX_DEPTH }, () => []),
    });
    expect(decodeValue(bytes(text))).toHaveProperty("value");
  });
});

describe("toText", () => {
  it("gives null and no replacement characters for what is not UTF-8, and keeps a byte order mark", () => {
    expect(toText(Buffer.from([0xc3]))).toBeNull();
    expect(toText(bytes("\ufeffa"))).toBe("\ufeffa");
  });
});

describe("decodeKey", () => {
  it("tells an empty key from none", () => {
    expect(decodeKey(null)).toBeNull();
    expect(decodeKey(Buffer.alloc(0))).toBe("");
    expect(decodeKey(Buffer.from([0x61, 0xff]))).toBe("a\ufffd");
  });
});

describe("decodeHeaders", () => {
  it("lets the last of several values count", () => {
    expect(decodeHeaders({ a: [bytes("1"), bytes("2")], b: bytes("3"), c: "4" })).toEqual({
      a: "2",
      b: "3",
      c: "4",
    });
  });

  it("reads a null value as empty and leaves out what has none", () => {
    expect(decodeHeaders({ a: null, b: undefined, c: [] })).toEqual({ a: "" });
    expect(decodeHeaders(undefined)).toEqual({});
  });

  it("keeps __proto__ as a name like any other", () => {
    const decoded = decodeHeaders({ ["__proto__"]: bytes("x") });
    expect(Object.getPrototypeOf(decoded)).toBeNull();
    expect(Object.entries(decoded)).toEqual([["__proto__", "x"]]);
  });

  it("reads names that every object inherits, which kafkajs mixes with what is inherited", () => {
    const asKafkajsGivesIt = { constructor: [Object, bytes("x")], ["__proto__"]: [Object.prototype, null] };
    const decoded = decodeHeaders(asKafkajsGivesIt as never);
    expect(Object.entries(decoded)).toEqual([
      ["constructor", "x"],
      ["__proto__", ""],
    ]);
  });
});

describe("headerValues", () => {
  it("lists values in order", () => {
    expect(headerValues(["a", null, bytes("b")])).toEqual(["a", "", bytes("b")]);
    expect(headerValues("a")).toEqual(["a"]);
    expect(headerValues(undefined)).toEqual([]);
  });
});
