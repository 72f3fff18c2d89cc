import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isDeeperThan } from "./body.ts";

/** The depth of parsed JSON, the slow and obvious way. */
const depthOf = (value: unknown): number =>
  typeof value === "object" && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;

describe("depth of a JSON text", () => {
  it("is that of the parsed value, whatever strings hold", () => {
    const strings = fc.constantFrom('["', "}", '\\"', "[[[", "\\", "plain");
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: "small" },
        strings,
        fc.array(tie("tree")),
        fc.dictionary(strings, tie("tree")),
      ),
    }));
    fc.assert(
      fc.property(tree, (value) => {
        const depth = depthOf(value);
        const text = JSON.stringify(value);
        expect(isDeeperThan(text, depth)).toBe(false);
        if (depth > 0) expect(isDeeperThan(text, depth - 1)).toBe(true);
      }),
    );
  });
});
