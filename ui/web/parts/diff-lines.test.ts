import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { diffLines } from "./diff-lines.ts";

const lines = fc.array(fc.constantFrom("a", "b", "c", ""), { maxLength: 12 }).map((all) => all.join("\n"));
const side = (diff: ReturnType<typeof diffLines>, without: string) =>
  diff
    .filter(({ kind }) => kind !== without)
    .map(({ text }) => text)
    .join("\n");

describe("the difference of two texts", () => {
  it("holds both of them", () => {
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        const diff = diffLines(before, after);
        expect(side(diff, "added")).toBe(before);
        expect(side(diff, "removed")).toBe(after);
      }),
    );
  });

  it("is no more than what changed", () => {
    expect(diffLines("a\nb\nc\nd", "a\nc\nx\nd")).toEqual([
      { kind: "same", text: "a" },
      { kind: "removed", text: "b" },
      { kind: "same", text: "c" },
      { kind: "added", text: "x" },
      { kind: "same", text: "d" },
    ]);
    expect(diffLines("a\nb", "a\nb").every(({ kind }) => kind === "same")).toBe(true);
  });
});
