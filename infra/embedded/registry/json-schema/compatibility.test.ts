import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readProblems } from "./compatibility.ts";
import { parseJsonSchema } from "./parse.ts";

const parse = (schema: unknown) => parseJsonSchema(JSON.stringify(schema), [], false);
const verdict = (reader: unknown, writer: unknown) => readProblems(parse(reader), parse(writer));
const closed = (properties: object, more: object = {}) => ({
  type: "object",
  properties,
  additionalProperties: false,
  ...more,
});
const open = (properties: object, more: object = {}) => ({ type: "object", properties, ...more });
const [text, int, number] = [{ type: "string" }, { type: "integer" }, { type: "number" }];
const closing = (properties: object, more: object = {}) =>
  newer({ type: "object", properties, unevaluatedProperties: false, ...more });
const newer = (schema: object) => ({ $schema: "https://json-schema.org/draft/2020-12/schema", ...schema });
const node = (value: object) => ({
  $ref: "#/definitions/node",
  definitions: { node: closed({ value, next: { $ref: "#/definitions/node" } }) },
});

/** reader, writer */
const TAKEN: [string, unknown, unknown][] = [
  ["anything, with an empty schema", {}, open({ a: text })],
  ["integers as numbers", number, int],
  ["a wider list of types", { type: ["string", "null"] }, text],
  ["a property added to a closed model", closed({ a: text, b: int }), closed({ a: text })],
  ["a property removed from an open model", open({}), open({ a: text })],
  ["a property that anything goes for, added to an open model", open({ a: {} }), open({})],
  ["what is no longer required", open({ a: text }), open({ a: text }, { required: ["a"] })],
  [
    "what is required with a default",
    open({ a: { ...text, default: "" } }, { required: ["a"] }),
    open({ a: { ...text, default: "" } }),
  ],
  ["an opened model", open({ a: text }), closed({ a: text })],
  ["more values of an enum", { enum: ["A", "B"] }, { enum: ["A"] }],
  ["a const among the values", { enum: ["A", "B"] }, { const: "A" }],
  ["wider bounds", { ...number, maximum: 10, minimum: 0 }, { ...number, maximum: 5, exclusiveMinimum: 0 }],
  ["a factor of multipleOf", { ...int, multipleOf: 2 }, { ...int, multipleOf: 4 }],
  ["longer text", { ...text, maxLength: 10 }, { ...text, maxLength: 5 }],
  ["text without its pattern", text, { ...text, pattern: "^a" }],
  ["a branch more", { anyOf: [text, int] }, { anyOf: [text] }],
  ["a plain schema as a branch", { oneOf: [text, int] }, int],
  ["a branch as it was, in another order", { anyOf: [int, text] }, { anyOf: [text, int] }],
  ["one part less of allOf", { allOf: [text] }, { allOf: [text, { maxLength: 3 }] }],
  ["other titles", { ...text, title: "a" }, { ...text, title: "b" }],
  ["a recursive schema that got wider", node(number), node(int)],
  ["uniqueItems that is switched off", { type: "array", uniqueItems: false }, { type: "array" }],
  ["a not of nothing", { not: false }, {}],
  ["fewer that are to be contained", newer({ contains: int }), newer({ contains: int, minContains: 2 })],
  ["another title beside what is unevaluated", closing({ a: text }, { title: "b" }), closing({ a: text })],
  ["what is no longer refused where unevaluated", newer({ properties: { a: text } }), closing({ a: text })],
  ["fixed items", { type: "array", items: [number], additionalItems: number }, { type: "array", items: int }],
];
const REFUSED: [string, unknown, unknown, string][] = [
  ["another type", int, text, "TYPE_CHANGED"],
  ["numbers as integers", int, number, "TYPE_CHANGED"],
  ["a shorter list of types", text, { type: ["string", "null"] }, "TYPE_NARROWED"],
  ["a property added to an open model", open({ a: text }), open({}), "PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL"],
  [
    "a property removed from a closed model",
    closed({}),
    closed({ a: text }),
    "PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL",
  ],
  ["a closed model", closed({ a: text }), open({ a: text }), "TYPE_CHANGED"],
  [
    "what is now required",
    open({ a: text }, { required: ["a"] }),
    open({ a: text }),
    "REQUIRED_ATTRIBUTE_ADDED",
  ],
  ["a property's type narrowed", open({ a: int }), open({ a: number }), "TYPE_CHANGED"],
  ["fewer values of an enum", { enum: ["A"] }, { enum: ["A", "B"] }, "ENUM_ARRAY_CHANGED"],
  ["a new enum", { enum: ["A"] }, {}, "ENUM_ARRAY_CHANGED"],
  ["a lower maximum", { ...number, maximum: 5 }, { ...number, maximum: 10 }, "MAXIMUM_NARROWED"],
  [
    "an exclusive bound",
    { ...number, exclusiveMaximum: 5 },
    { ...number, maximum: 5 },
    "EXCLUSIVE_MAXIMUM_NARROWED",
  ],
  ["shorter text", { ...text, maxLength: 5 }, text, "MAX_LENGTH_NARROWED"],
  ["another pattern", { ...text, pattern: "^b" }, { ...text, pattern: "^a" }, "PATTERN_CHANGED"],
  ["a branch less", { anyOf: [text] }, { anyOf: [text, int] }, "TYPE_CHANGED"],
  ["one part more of allOf", { allOf: [text, { maxLength: 3 }] }, { allOf: [text] }, "MAX_LENGTH_NARROWED"],
  ["narrower items", { type: "array", items: int }, { type: "array", items: number }, "TYPE_CHANGED"],
  ["a new condition", { not: text }, {}, "NOT_CHANGED"],
  [
    "properties that are now unevaluated",
    closing({ a: text }),
    newer(open({ a: text })),
    "UNEVALUATED_PROPERTIES_CHANGED",
  ],
  [
    "a property removed before what is unevaluated",
    closing({}),
    closing({ a: text }),
    "UNEVALUATED_PROPERTIES_CHANGED",
  ],
  [
    "a part removed before what is unevaluated",
    closing({}, { allOf: [open({ a: text })] }),
    closing({}, { allOf: [open({ a: text }), open({ b: text })] }),
    "UNEVALUATED_PROPERTIES_CHANGED",
  ],
  [
    "items that are now unevaluated",
    newer({ type: "array", unevaluatedItems: false }),
    newer({ type: "array" }),
    "UNEVALUATED_ITEMS_CHANGED",
  ],
  [
    "a first item removed before what is unevaluated",
    newer({ type: "array", unevaluatedItems: false }),
    newer({ type: "array", prefixItems: [text], unevaluatedItems: false }),
    "UNEVALUATED_ITEMS_CHANGED",
  ],
  ["names that are all refused", open({}, { propertyNames: false }), open({}), "PROPERTY_NAMES_CHANGED"],
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  ["a then of nothing", { if: text, then: false }, { if: text }, "THEN_CHANGED"],
  ["an else of nothing", { if: text, else: false }, { if: text }, "ELSE_CHANGED"],
  [
    "what may no longer be missing",
    newer({ type: "array", contains: int }),
    newer({ type: "array", contains: int, minContains: 0 }),
    "CONTAINS_CHANGED",
  ],
  [
    "fewer that may be contained",
    newer({ contains: int, maxContains: 1 }),
    newer({ contains: int, maxContains: 2 }),
    "CONTAINS_CHANGED",
  ],
  [
    "a count that draft-07 does not know",
    { contains: int, minContains: 0 },
    newer({ contains: int, minContains: 0 }),
    "CONTAINS_CHANGED",
  ],
  [
    "a condition that draft-07 does not know",
    newer(open({}, { dependentRequired: { a: ["b"] } })),
    open({}, { dependentRequired: { a: ["b"] } }),
    "DEPENDENT_REQUIRED_CHANGED",
  ],
  ["a recursive schema that got narrower", node(int), node(number), "TYPE_CHANGED"],
  [
    "a pattern's properties narrowed",
    open({}, { patternProperties: { "^x": int } }),
    open({}),
    "TYPE_CHANGED",
  ],
];

describe("a JSON Schema", () => {
  it.each(TAKEN)("takes %s", (_, reader, writer) => {
    expect(verdict(reader, writer)).toEqual([]);
  });

  it.each(REFUSED)("does not take %s", (_, reader, writer, type) => {
    expect(verdict(reader, writer).map((problem) => problem.type)).toContain(type);
  });
});

const { schema } = fc.letrec<{ schema: unknown }>((tie) => {
  const child = tie("schema");
  const names = fc.constantFrom("a", "b", "c");
  return {
    schema: fc.oneof(
      { maxDepth: 3 },
      fc.boolean(),
      fc.record({ type: fc.constantFrom("string", "integer", "number", "null", "object", "array") }),
      fc.record({
        type: fc.constant("number"),
        minimum: fc.integer({ min: -3, max: 3 }),
        maximum: fc.integer({ min: -3, max: 3 }),
      }),
      fc.record({ type: fc.constant("string"), maxLength: fc.nat(3) }, { requiredKeys: ["type"] }),
      fc.record({ enum: fc.uniqueArray(fc.constantFrom<unknown>("a", 1, null, true), { minLength: 1 }) }),
      fc.record({ anyOf: fc.array(child, { minLength: 1, maxLength: 3 }) }),
      fc.record({ allOf: fc.array(child, { minLength: 1, maxLength: 2 }) }),
      fc.record({ type: fc.constant("array"), items: child }),
      fc.record(
        {
          type: fc.constant("array"),
          prefixItems: fc.array(child, { minLength: 1, maxLength: 2 }),
          contains: child,
          minContains: fc.nat(2),
          maxContains: fc.nat(2),
          uniqueItems: fc.boolean(),
          unevaluatedItems: child,
        },
        { requiredKeys: ["type"] },
      ),
      fc.record({ not: child }),
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      fc.record({ if: child, then: child, else: child }, { requiredKeys: [] }),
      fc.record(
        {
          properties: fc.dictionary(names, child),
          propertyNames: child,
          dependentRequired: fc.dictionary(names, fc.uniqueArray(names)),
          dependentSchemas: fc.dictionary(names, child),
          allOf: fc.array(child, { minLength: 1, maxLength: 2 }),
          unevaluatedProperties: child,
        },
        { requiredKeys: [] },
      ),
      fc.record(
        {
          type: fc.constant("object"),
          properties: fc.dictionary(names, child),
          required: fc.uniqueArray(names),
          additionalProperties: child,
        },
        { requiredKeys: ["type"] },
      ),
    ),
  };
});
/** A schema, and another one that differs from it in a keyword or two. */
const changed = fc
  .tuple(schema, schema, fc.integer({ min: 0, max: 8 }), fc.boolean())
  .map(([one, other, at, isReader]) => {
    const members = (of: unknown): [string, unknown][] => (typeof of === "object" ? Object.entries(of!) : []);
    const [all, more] = [members(one), members(other)];
    const fewer = all.filter((_, i) => i !== at % Math.max(all.length, 1));
    const less = Object.fromEntries([...fewer, ...more.slice(0, at % 2)]);
    return isReader ? [less, one] : [one, less];
  });
const value = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 2 },
    fc.constantFrom<unknown>("", "a", "abcd", 0, 1, -2, 2.5, null, true),
    fc.array(tie("value"), { maxLength: 2 }),
    fc.dictionary(fc.constantFrom("a", "b", "c", "d"), tie("value"), { noNullPrototype: true }),
  ),
})).value;

describe("any JSON Schema", () => {
  it("takes what it takes", () => {
    fc.assert(
      fc.property(schema, (one) => {
        expect(verdict({ allOf: [one] }, { allOf: [one], title: "x" })).toEqual([]);
      }),
    );
  });

  it("takes every value of a schema that it is found compatible with", () => {
    const ajv = new Ajv2020({ strict: false });
    const rooted = (schema: unknown) => newer({ allOf: [schema] });
    const pair = fc.oneof(
      fc.tuple(schema, schema),
      fc.tuple(schema, schema).map(([a, b]) => [{ anyOf: [a, b] }, a]),
      fc.tuple(schema, schema).map(([a, b]) => [a, { allOf: [a, b] }]),
      changed,
    );
    fc.assert(
      fc.property(pair, fc.array(value, { minLength: 5, maxLength: 20 }), ([reader, writer], values) => {
        if (verdict(rooted(reader), rooted(writer)).length > 0) return;
        const [reads, writes] = [ajv.compile(reader as object), ajv.compile(writer as object)];
        for (const one of values) if (writes(one)) expect(reads(one), JSON.stringify(one)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});
