import { describe, expect, it } from "vitest";
import { inputOf, type JsonSchema, startValue, variantLabel, variantOf } from "./schema.ts";

const event: JsonSchema = {
  oneOf: [
    {
      type: "object",
      properties: { type: { const: "view" }, page: { type: "string" } },
      required: ["type", "page"],
    },
    {
      type: "object",
      properties: {
        type: { const: "purchase" },
        amount: { type: "number", minimum: 0.5 },
        currency: { enum: ["EUR", "USD"] },
        tags: { type: "array", items: { type: "string" } },
        note: { type: ["string", "null"] },
      },
      required: ["type", "amount", "currency", "tags"],
    },
  ],
};

describe("a form made of a schema", () => {
  it("begins with what is required", () => {
    expect(startValue(event.oneOf![0]!)).toEqual({ type: "view", page: "" });
    expect(startValue(event.oneOf![1]!)).toEqual({
      type: "purchase",
      amount: 0.5,
      currency: "EUR",
      tags: [],
    });
    expect(startValue({ type: "integer", exclusiveMinimum: 0 })).toBe(1);
    expect(startValue({ type: "string", default: "x" })).toBe("x");
  });

  it("tells variants apart by what is fixed in them", () => {
    expect(variantOf(event.oneOf!, { type: "purchase", amount: 1, currency: "EUR", tags: [] })).toBe(1);
    expect(variantOf(event.oneOf!, { type: "view", page: "/" })).toBe(0);
    expect(variantOf([{ type: "string" }, { type: "null" }], null)).toBe(1);
    expect(event.oneOf!.map(variantLabel)).toEqual(["view", "purchase"]);
  });

  it("takes several types as variants, and one of one as itself", () => {
    expect(inputOf({ type: ["string", "null"] })).toMatchObject({
      kind: "variants",
      variants: [{ type: "string" }, { type: "null" }],
    });
    expect(inputOf({ anyOf: [{ type: "boolean" }] })).toEqual({ kind: "boolean" });
  });

  it("falls back to JSON for what no input is made for", () => {
    expect([{}, { type: "object" }, { type: "array" }].map((schema) => inputOf(schema).kind)).toEqual([
      "json",
      "json",
      "json",
    ]);
  });
});
