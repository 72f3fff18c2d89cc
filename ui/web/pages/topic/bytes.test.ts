import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { asText, fromBase64, isJson } from "./bytes.ts";

describe("a record's bytes", () => {
  it("are what base64 says", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(fromBase64(Buffer.from(bytes).toString("base64"))).toEqual(bytes);
      }),
    );
  });

  it("are text where they are UTF-8, to the last character", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(asText(new TextEncoder().encode(text))).toBe(text);
      }),
    );
    expect(asText(new Uint8Array([0xef, 0xbb, 0xbf, 0x61]))).toBe("\ufeffa");
    expect(asText(new Uint8Array([0x61, 0xff]))).toBeNull();
  });

  it("are JSON or not", () => {
    expect(isJson('{"a":1}')).toBe(true);
    expect(isJson("{a:1}")).toBe(false);
    expect(isJson("")).toBe(false);
  });
});
