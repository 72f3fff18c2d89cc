import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { crc32c, createJavaScriptCrc32c } from "./crc32c.ts";

const inJavaScript = createJavaScriptCrc32c();

describe("crc32c", () => {
  it.each([
    ["", 0],
    ["123456789", 0xe3069283],
    ["\0".repeat(32), 0x8a9136aa],
  ])("agrees with the published check value of %j", (text, expected) => {
    expect(crc32c(Buffer.from(text))).toBe(expected);
    expect(inJavaScript(Buffer.from(text))).toBe(expected);
  });

  it("is the same in JavaScript as in native code, over any range", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(100), fc.nat(100), (bytes, a, b) => {
        const buffer = Buffer.from(bytes);
        const start = Math.min(a, b, buffer.length);
        const end = Math.min(Math.max(a, b), buffer.length);
        expect(inJavaScript(buffer, start, end)).toBe(crc32c(buffer, start, end));
      }),
    );
  });
});
