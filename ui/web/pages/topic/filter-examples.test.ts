import { describe, expect, it } from "vitest";
import { examplesFor } from "./filter-examples.ts";

const says = (schema: Parameters<typeof examplesFor>[0]) =>
  examplesFor(schema).map(({ expression }) => expression);

describe("examples of filters", () => {
  it("use the fields that the topic has", () => {
    const kind = (name: string, fields: object) => ({
      type: "object",
      properties: { kind: { const: name }, ...fields },
    });
    const expressions = says({
      oneOf: [
        kind("view", {
          event_id: { type: "string" },
          user: { type: "string" },
          page: { type: "string", enum: ["a", "b", "c"] },
        }),
        kind("buy", { amount: { type: "number" } }),
      ],
    });
    expect(expressions).toContain('value.kind == "buy"');
    expect(expressions).toContain('has(value.page) && value.page in ["a","b"]');
    expect(expressions).toContain("has(value.amount) && value.amount > 10");
    expect(expressions).toContain('has(value.user) && value.user.startsWith("a")');
  });

  it("ask first whether a field is there only where some records do not have it", () => {
    const expressions = says({ type: "object", properties: { amount: { type: "number" } } });
    expect(expressions).toContain("value.amount > 10");
  });

  it("are there for a topic that nothing is known of, and each once", () => {
    const expressions = says(null);
    expect(expressions).toContain('value.name == "x"');
    expect(new Set(expressions).size).toBe(expressions.length);
  });
});
