import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { toAvroForm } from "./avro-schema.ts";
import { createAvroSerde } from "./avro-serde.ts";
import { defineTopic } from "./define.ts";
import { createSchemaCache } from "./schema-cache.ts";
import { anyValueOf, createFakeRegistry } from "./testing-registry.ts";

const topicOf = (schema: z.ZodType) =>
  defineTopic({ name: "some-things", description: "", partitions: 1, key: null, schema });

const schemaOf = (schema: z.ZodType) => toAvroForm(topicOf(schema)).schema;
const fieldOf = (schema: z.ZodType) => {
  const { fields } = schemaOf(z.object({ f: schema })) as unknown as { fields: Record<string, unknown>[] };
  return fields[0];
};

describe("a definition in Avro", () => {
  it("is a record in the topic's namespace for an object", () => {
    expect(schemaOf(z.object({ id: z.string(), n: z.number() }))).toEqual({
      type: "record",
      name: "Value",
      namespace: "ksp.some_things",
      fields: [
        { name: "id", type: "string" },
        { name: "n", type: "double" },
      ],
    });
  });

  it("has one more field for what a loose object lets through", () => {
    expect(schemaOf(z.looseObject({}))).toMatchObject({
      fields: [{ name: "_more", type: ["null", "string"], default: null }],
    });
  });

  it("is a union of named records for a discriminated union", () => {
    const kind = <K extends string>(name: K) => z.object({ kind: z.literal(name) });
    const union = schemaOf(z.discriminatedUnion("kind", [kind("cart_add"), kind("view")]));
    expect(union).toMatchObject([{ name: "CartAdd" }, { name: "View" }]);
  });

  it.each([
    ["int32", z.int32(), "int"],
    ["an int with bounds", z.int().min(0).max(100), "int"],
    ["an int", z.int(), "long"],
    ["an int with a bound", z.int().nonnegative(), "long"],
    ["a number", z.number().min(0).max(1), "double"],
    ["a boolean", z.boolean(), "boolean"],
    ["a uuid", z.uuid(), "string"],
    ["a datetime", z.iso.datetime(), "string"],
    ["an enum with other signs", z.enum(["a-b"]), "string"],
    ["a number's literal", z.literal(7), "int"],
    ["a list", z.array(z.string()), { type: "array", items: "string" }],
    ["a map", z.record(z.string(), z.int()), { type: "map", values: "long" }],
    ["null or", z.string().nullable(), ["null", "string"]],
    ["one or the other", z.union([z.int(), z.string()]), ["long", "string"]],
    ["two numbers", z.union([z.int(), z.number()]), "double"],
  ] as [string, z.ZodType, unknown][])("has a form for %s", (_name, schema, type) => {
    expect(fieldOf(schema)).toEqual({ name: "f", type });
  });

  it("is an enum for a closed vocabulary", () => {
    expect(fieldOf(z.enum(["a", "b"]))).toMatchObject({
      type: { type: "enum", name: "ValueF", symbols: ["a", "b"] },
    });
  });

  it("gives a field that may be left out null, and one with a default that", () => {
    expect(fieldOf(z.string().optional())).toEqual({ name: "f", type: ["null", "string"], default: null });
    expect(fieldOf(z.string().default("x"))).toEqual({ name: "f", type: "string", default: "x" });
    expect(fieldOf(z.string().nullable().default("x"))).toEqual({
      name: "f",
      type: ["string", "null"],
      default: "x",
    });
  });

  it.each([
    ["a date", z.object({ at: z.date() }), "some-things.value.at: expected"],
    ["a transform", z.object({ n: z.string().transform(Number) }), "some-things.value.n: expected"],
    ["a name that Avro does not take", z.object({ "a-b": z.string() }), 'got "a-b"'],
    ["its own field's name", z.looseObject({ _more: z.string() }), "_more"],
    ["two lists in a union", z.union([z.array(z.string()), z.array(z.int())]), "at most one list"],
    ["anything", z.object({ x: z.array(z.unknown()) }), "some-things.value.x: expected"],
  ] as [string, z.ZodType, string][])("is refused with topic and path for %s", (_name, schema, message) => {
    expect(() => schemaOf(schema)).toThrow(message);
  });
});

/** Encodes and decodes again. */
async function roundTrip(schema: z.ZodType) {
  const registry = createFakeRegistry();
  const serde = createAvroSerde({
    topic: topicOf(schema),
    registry,
    schemas: createSchemaCache(registry, () => 0),
    autoRegister: true,
  });
  await serde.ready();
  return async (value: unknown) => {
    const bytes = serde.encode(value);
    await serde.prepare([bytes]);
    return serde.decode(bytes);
  };
}

describe("a value in Avro", () => {
  const Tree = z.object({
    name: z.string(),
    get children() {
      return z.array(Tree);
    },
  });
  it.each([
    ["nullish", z.object({ a: z.string().nullish() })],
    ["unknown fields", z.looseObject({ a: z.int().optional() })],
    ["a map of unions", z.record(z.string(), z.union([z.int32(), z.string(), z.null(), z.boolean()]))],
    [
      "objects without a discriminator",
      z.union([z.strictObject({ a: z.string() }), z.strictObject({ b: z.int() })]),
    ],
    ["lists of lists", z.array(z.array(z.number().nullable()))],
    ["an optional union", z.object({ u: z.union([z.string(), z.array(z.int())]).optional() })],
    ["mixed literals", z.object({ l: z.literal(["a", 1, true, null]) })],
    ["a tree", Tree],
  ] as [string, z.ZodType][])("comes back as it was: %s", async (_name, schema) => {
    const again = await roundTrip(schema);
    await fc.assert(
      fc.asyncProperty(anyValueOf(schema), async (value) => {
        expect(await again(value)).toStrictEqual({ value });
      }),
      { numRuns: 50 },
    );
  });

  it.each([
    ["half a character", z.object({ a: z.string() }), { a: "\ud800" }, "a: expected text without lone"],
    ["a wrong type", z.object({ a: z.array(z.int()) }), { a: [1, "x"] }, "a.1: expected a whole number"],
    ["a field too many", z.strictObject({ a: z.string() }), { a: "", b: 1 }, 'expected only a, got "b"'],
    ["a field too few", z.object({ a: z.string() }), {}, "a: expected a value, got nothing"],
  ] as [string, z.ZodType, unknown, string][])(
    "that would not come back is refused by its path: %s",
    async (_name, schema, value, message) => {
      const again = await roundTrip(schema);
      await expect(again(value)).rejects.toThrow(message);
    },
  );

  it("is read from a schema of its own past and future, absent fields by their defaults", async () => {
    const old = topicOf(z.looseObject({ a: z.string(), gone: z.string().default("d") }));
    const young = topicOf(z.looseObject({ a: z.string(), more: z.int().optional() }));
    const registry = createFakeRegistry();
    const options = { registry, schemas: createSchemaCache(registry, () => 0), autoRegister: true };
    const [before, after] = [old, young].map((topic) => createAvroSerde({ ...options, topic }));
    await before!.ready();
    await after!.ready();
    const fromOld = before!.encode({ a: "x", gone: "g", odd: 1 });
    const fromYoung = after!.encode({ a: "y", more: 2 });
    await before!.prepare([fromOld, fromYoung]);
    expect(after!.decode(fromOld)).toEqual({ value: { a: "x", odd: 1 } });
    expect(before!.decode(fromYoung)).toEqual({ value: { a: "y", gone: "d" } });
  });
});
