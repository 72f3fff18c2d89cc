import { describe, expect, it } from "vitest";
import { toParts } from "./replay-parts.ts";

const MIB = 1024 * 1024;

describe("a replay in parts", () => {
  it("keeps the order and puts at most so many into one", () => {
    expect(toParts(["1", "2", "3"], 2).map(({ texts }) => texts)).toEqual([["1", "2"], ["3"]]);
    expect(toParts([])).toEqual([]);
  });

  it("keeps each below what the platform takes, by bytes", () => {
    const text = `"${"é".repeat(MIB * 0.75)}"`;
    expect(toParts([text, text, text]).map(({ texts }) => texts.length)).toEqual([2, 1]);
  });

  it("sets aside what no request can hold, and goes on behind it", () => {
    const large = `"${"x".repeat(4 * MIB)}"`;
    expect(toParts(["1", large, "2"]).map(({ texts, tooLarge }) => [texts.length, tooLarge])).toEqual([
      [1, false],
      [1, true],
      [1, false],
    ]);
  });
});
