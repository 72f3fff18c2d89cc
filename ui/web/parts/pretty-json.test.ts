import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readNode } from "./json-node.ts";
import { prettyJson } from "./pretty-json.ts";

describe("indented JSON", () => {
  it("is what JSON.stringify indents, whatever the value", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const json = JSON.stringify(value);
        expect(prettyJson(json)).toBe(JSON.stringify(JSON.parse(json), null, 2));
      }),
    );
  });

  it("leaves numbers as they were written", () => {
    expect(prettyJson('{"a":[1.50,9007199254740993]}')).toBe(
      '{\n  "a": [\n    1.50,\n    9007199254740993\n  ]\n}',
    );
  });
});

describe("a node of JSON", () => {
  it.each([
    ['{"a":1.0}', { kind: "object", entries: [["a", "1.0"]] }],
    ["[1e2, true]", { kind: "array", items: ["1e2", "true"] }],
    ['"a\\nb"', { kind: "string", text: "a\nb" }],
    [" -0 ", { kind: "number", source: "-0" }],
    ["null", { kind: "literal", source: "null" }],
  ])("%s is one level deep", (json, node) => expect(readNode(json)).toEqual(node));
});
