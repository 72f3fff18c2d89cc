import { describe, expect, it } from "vitest";
import { hexRows } from "./hex-rows.ts";

describe("bytes in hexadecimal", () => {
  it("stand sixteen a row, the unprintable as dots", () => {
    const bytes = Uint8Array.from({ length: 18 }, (_, i) => (i === 17 ? 0xff : 0x41 + i));
    expect(hexRows(bytes)).toEqual([
      {
        offset: "00000000",
        hex: "41 42 43 44 45 46 47 48 49 4a 4b 4c 4d 4e 4f 50",
        text: "ABCDEFGHIJKLMNOP",
      },
      { offset: "00000010", hex: "51 ff", text: "Q." },
    ]);
  });

  it("stop at a limit, and are none for none", () => {
    expect(hexRows(new Uint8Array(100), 20).map(({ hex }) => hex.length)).toEqual([47, 11]);
    expect(hexRows(new Uint8Array())).toEqual([]);
  });
});
