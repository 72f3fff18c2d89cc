import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readProblems } from "./compatibility.ts";
import { parseAvro } from "./parse.ts";
import { f, READABLE, record, UNREADABLE } from "./resolution-cases.ts";

const verdict = (reader: unknown, writer: unknown) =>
  readProblems(parseAvro(JSON.stringify(reader)).schema, parseAvro(JSON.stringify(writer)).schema);

describe("by Avro's schema resolution a reader", () => {
  it.each(READABLE)("reads %s", (_, reader, writer) => {
    expect(verdict(reader, writer)).toEqual([]);
  });

  it.each(UNREADABLE)("does not read %s", (_, reader, writer, type) => {
    expect(verdict(reader, writer).map((problem) => problem.type)).toContain(type);
  });

  it("is told the place", () => {
    const reader = record(f("a", { type: "array", items: { ...record(f("b", "int")), name: "I" } }));
    const writer = record(f("a", { type: "array", items: { ...record(f("b", "string")), name: "I" } }));
    expect(verdict(reader, writer)).toEqual([
      {
        type: "TYPE_MISMATCH",
        path: "/fields/0/type/items/fields/0/type",
        text: "the type (string in the writer's schema, int in the reader's) does not match",
      },
    ]);
  });

  it("is compared in bounded time where types are used over and over", () => {
    const types = Array.from({ length: 200 }, (_, i) => ({
      type: "record",
      name: `T${i}`,
      fields: i === 0 ? [f("v", "int")] : [f("a", `T${i - 1}`), f("b", `T${i - 1}`)],
    }));
    const narrower = types.map((type, i) => (i === 0 ? { ...type, fields: [f("v", "string")] } : type));
    expect(verdict(types, types)).toEqual([]);
    expect(verdict(narrower, types).length).toBeGreaterThan(0);
  });
});

const primitive = fc.constantFrom("null", "boolean", "int", "long", "float", "double", "bytes", "string");
const { schema: anySchema } = fc.letrec((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    primitive,
    tie("schema").map((items) => ({ type: "array", items })),
    tie("schema").map((values) => ({ type: "map", values })),
    fc.uniqueArray(primitive, { minLength: 1, maxLength: 4 }),
    fc.array(fc.tuple(tie("schema"), fc.boolean()), { maxLength: 3 }).map((types) => ({
      record: types.map(([type, hasDefault]) => [type, hasDefault]),
    })),
  ),
}));

/** Gives each record a name of its own, the same at the same place. */
function named(schema: unknown, path = "R"): unknown {
  if (typeof schema !== "object" || schema === null || Array.isArray(schema)) return schema;
  const { record, items, values } = schema as {
    record?: [unknown, boolean][];
    items?: unknown;
    values?: unknown;
  };
  if (items !== undefined) return { type: "array", items: named(items, `${path}i`) };
  if (values !== undefined) return { type: "map", values: named(values, `${path}v`) };
  return {
    type: "record",
    name: path,
    fields: record!.map(([type, isOptional], i) => {
      const own = named(type, `${path}${i}`);
      return isOptional ? f(`f${i}`, ["null", "int"], { default: null }) : f(`f${i}`, own);
    }),
  };
}
const parsed = anySchema.map((schema) => parseAvro(JSON.stringify(named(schema))).schema);

describe("any schema", () => {
  it("reads what it wrote", () => {
    fc.assert(
      fc.property(parsed, (schema) => {
        expect(readProblems(schema, schema)).toEqual([]);
      }),
    );
  });
});
