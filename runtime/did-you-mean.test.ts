import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nearest } from "./did-you-mean.ts";

describe("nearest", () => {
  it("finds the word that was meant", () => {
    const words = ["analytics-consumer", "alert-consumer", "event-producer"];
    expect(nearest("analytic-consumer", words)).toBe("analytics-consumer");
    expect(nearest("event-prodcuer", words)).toBe("event-producer");
  });

  it("finds nothing where all are too far away, or there are none", () => {
    expect(nearest("xyz", ["analytics-consumer"])).toBeNull();
    expect(nearest("xyz", [])).toBeNull();
    expect(nearest("abcd", ["abxy"], 1)).toBeNull();
  });

  it("finds a word after any one edit, and prefers the word itself", () => {
    const edit = fc.tuple(fc.nat(), fc.constantFrom("drop", "add", "change"), fc.constantFrom("q", "Z", "_"));
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{2,12}$/), edit, (word, [place, kind, letter]) => {
        const at = place % word.length;
        const typo =
          word.slice(0, at) + (kind === "drop" ? "" : letter) + word.slice(kind === "add" ? at : at + 1);
        expect(nearest(typo, ["something else", word], 1)).toBe(word);
        expect(nearest(word, [typo, word], 1)).toBe(word);
      }),
    );
  });
});
