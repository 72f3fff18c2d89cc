import { describe, expect, it } from "vitest";
import { createSequence } from "./key-sequence.ts";

const typed = (...keys: [string, number][]) => {
  const next = createSequence();
  return keys.map(([key, at]) => next(key, at));
};

describe("key sequences", () => {
  it("join g and what follows soon", () => {
    expect(typed(["g", 0], ["t", 300], ["t", 400])).toEqual(["g", "g t", "t"]);
  });

  it("forget g after a while", () => {
    expect(typed(["g", 0], ["t", 2000])).toEqual(["g", "t"]);
  });

  it("take g g as one sequence, after which a new one may start", () => {
    expect(typed(["g", 0], ["g", 100], ["t", 200], ["g", 300], ["o", 400])).toEqual([
      "g",
      "g g",
      "t",
      "g",
      "g o",
    ]);
  });
});
