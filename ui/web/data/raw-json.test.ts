import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rawItems, rawMembers } from "./raw-json.ts";

const spacing = fc.constantFrom(undefined, 1, "\t", 2);

describe("cutting JSON text", () => {
  it("gives each member's text, which parses to the member", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), spacing, (value, indent) => {
        const members = rawMembers(JSON.stringify(value, null, indent));
        const parsed = [...members].map(([key, text]) => [key, JSON.parse(text)]);
        expect(parsed).toEqual(Object.entries(JSON.parse(JSON.stringify(value))));
      }),
    );
  });

  it("gives each item's text, which parses to the item", () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), spacing, (value, indent) => {
        const items = rawItems(JSON.stringify(value, null, indent));
        expect(items.map((text) => JSON.parse(text))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it("leaves every number as it was written", () => {
    const members = rawMembers('{"a": 9007199254740993, "b": 1.50, "c": [1e2, "x,}\\\\"] }');
    expect([...members.values()]).toEqual(["9007199254740993", "1.50", '[1e2, "x,}\\\\"]']);
  });

  it("names what it expected where the text is of another kind, or ends early", () => {
    expect(() => rawMembers("[1]")).toThrow("Expected JSON that starts with {, got [1]");
    expect(() => rawItems("[1, 2")).toThrow("Expected JSON to its end");
    expect(() => rawItems('["a')).toThrow("Expected a string to its end");
  });
});
