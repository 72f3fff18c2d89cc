import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseExact } from "./exact-json.ts";

describe("exact JSON", () => {
  it("keeps whole numbers that no double can hold", () => {
    expect(parseExact('{"a":9007199254740993,"b":[-9223372036854775808,1],"c":1.50,"d":1e400}')).toEqual({
      a: 9007199254740993n,
      b: [-9223372036854775808n, 1],
      c: 1.5,
      d: Number.POSITIVE_INFINITY,
    });
    expect(parseExact("18446744073709551616")).toBe(18446744073709551616n);
  });

  it("leaves digits inside strings and keys alone, whatever marks and escapes they hold", () => {
    const text = String.raw`{"9007199254740993":"\u00009007199254740993","a":"\"9007199254740993","b":9007199254740993}`;
    expect(parseExact(text)).toEqual({
      "9007199254740993": "\x009007199254740993",
      a: '"9007199254740993',
      b: 9007199254740993n,
    });
  });

  it("reads all other JSON as JSON.parse() does", () => {
    fc.assert(
      fc.property(fc.json(), fc.boolean(), (json, long) => {
        const text = long ? `["1234567890123456",${json}]` : json;
        const back = JSON.stringify(parseExact(text), (_, one) =>
          typeof one === "bigint" ? Number(one) : one,
        );
        expect(back).toBe(JSON.stringify(JSON.parse(text)));
      }),
    );
  });

  it("throws on what is not JSON", () => {
    expect(() => parseExact("{a:1}")).toThrow(SyntaxError);
  });
});
