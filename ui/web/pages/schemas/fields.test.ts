import { describe, expect, it } from "vitest";
import { boundsText, fieldRows, type JsonSchema, typeText, variantOf, variantsOf } from "./fields.ts";

const click: JsonSchema = {
  type: "object",
  properties: {
    kind: { type: "string", const: "click" },
    element: { enum: ["button", "link"], type: "string" },
  },
  required: ["kind"],
};
const view: JsonSchema = {
  type: "object",
  properties: { kind: { const: "view" }, page: { type: "string" } },
};

describe("the shapes of a value", () => {
  it("are told apart by the field that is a constant in all of them", () => {
    const variants = variantsOf({ oneOf: [click, view] });
    expect(variants.map(({ name, by }) => [by, name])).toEqual([
      ["kind", "click"],
      ["kind", "view"],
    ]);
    expect(variantOf(variants, { kind: "view" }).schema).toBe(view);
    for (const value of [{ kind: "other" }, null, 3, []])
      expect(variantOf(variants, value).schema).toBe(click);
  });

  it("are one where there is no union, and have no names where nothing tells them apart", () => {
    expect(variantsOf(click)).toEqual([{ name: null, by: null, schema: click }]);
    expect(variantsOf({ anyOf: [click, { type: "null" }] }).map(({ name }) => name)).toEqual([null, null]);
  });
});

describe("the fields of a schema", () => {
  it("stand below each other, inner ones by their path", () => {
    const schema: JsonSchema = {
      type: "object",
      required: ["id", "session"],
      properties: {
        id: { type: "string", minLength: 1, description: "A UUID" },
        session: {
          anyOf: [
            { type: "object", required: ["age"], properties: { age: { type: "integer", minimum: 0 } } },
            { type: "null" },
          ],
        },
        items: { type: "array", items: { type: "object", properties: { name: { type: "string" } } } },
      },
    };
    expect(fieldRows(schema)).toEqual([
      { path: "id", depth: 0, type: "string", required: true, bounds: "length ≥ 1", description: "A UUID" },
      { path: "session", depth: 0, type: "object or null", required: true, bounds: "", description: "" },
      { path: "session.age", depth: 1, type: "integer", required: true, bounds: "≥ 0", description: "" },
      { path: "items", depth: 0, type: "array of object", required: false, bounds: "", description: "" },
      { path: "items[].name", depth: 1, type: "string", required: false, bounds: "", description: "" },
    ]);
  });

  it("end, even where a schema goes on without end", () => {
    const endless: { properties: Record<string, JsonSchema> } = { properties: {} };
    endless.properties.again = endless;
    expect(fieldRows(endless).length).toBeLessThan(20);
  });

  it("say their types and bounds in a few words", () => {
    const says = (schema: JsonSchema) => [typeText(schema), boundsText(schema)];
    expect(says({ type: "number", minimum: 0, maximum: 100 })).toEqual(["number", "0 to 100"]);
    expect(says({ type: "integer", exclusiveMinimum: 0, maximum: Number.MAX_SAFE_INTEGER })).toEqual([
      "integer",
      "> 0",
    ]);
    expect(says({ type: ["number", "null"] })).toEqual(["number or null", ""]);
    expect(says({ type: "string", enum: ["a", "b"] })).toEqual(["string", "a, b"]);
    expect(says({ type: "string", pattern: "^x$", maxLength: 3 })).toEqual([
      "string",
      "length ≤ 3; matches ^x$",
    ]);
    expect(says({ type: "array", items: { type: "string" }, maxItems: 2 })).toEqual([
      "array of string",
      "≤ 2 items",
    ]);
    expect(says({ anyOf: [{ type: "integer", minimum: 0 }, { type: "null" }] })).toEqual([
      "integer or null",
      "≥ 0",
    ]);
    expect(says({ const: true })).toEqual(["boolean", "true"]);
    expect(says({})).toEqual(["any", ""]);
    expect(says({ $ref: "#" })).toEqual(["as #", ""]);
  });
});
