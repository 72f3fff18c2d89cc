/**
 * Our verdicts beside those of avsc's resolvers, where avsc follows the specification. It does not, and the pairs here
 * leave out, for: unqualified names (avsc compares full ones; ours here have no namespace), decimals (it looks at
 * logical types only where asked to), several branches of one unqualified name.
 */
import { Type } from "avsc";
import fc from "fast-check";
import { expect, it } from "vitest";
import { problemsWith } from "../compatibility.ts";
import { parseSchema } from "../schema-format.ts";
import type { Level } from "../settings.ts";
import { EMPTY_STATE } from "../state.ts";
import { readProblems } from "./compatibility.ts";
import { parseAvro } from "./parse.ts";

/** A reader's and a writer's schema that resemble each other. */
type Pair = readonly [reader: unknown, writer: unknown];

const primitive = fc.constantFrom("null", "boolean", "int", "long", "float", "double", "bytes", "string");
const symbols = fc.subarray(["A", "B", "C"], { minLength: 1 });
const enumOf = (name: string) =>
  fc.tuple(symbols, fc.boolean()).map(([list, hasDefault]) => ({
    type: "enum",
    name,
    symbols: list,
    ...(hasDefault && { default: list[0] }),
  }));
const nameOf = fc.constantFrom("N", "N", "N", "M");
const union = fc.uniqueArray(primitive, { minLength: 1, maxLength: 4 });

const { pair } = fc.letrec<{ pair: Pair; field: readonly [object | null, object | null] }>((tie) => ({
  field: fc
    .tuple(tie("pair"), fc.constantFrom("both", "reader", "reader with default", "writer", "alias"))
    .map(([[reader, writer], where]) => {
      const theirs = where === "reader" || where === "reader with default" ? null : { type: writer };
      if (where === "writer") return [null, theirs];
      if (where === "reader with default") return [{ type: "int", default: 1 }, null];
      return [{ type: reader, ...(where === "alias" && { aliased: true }) }, theirs];
    }),
  pair: fc.oneof(
    { maxDepth: 3 },
    fc.tuple(primitive, primitive),
    primitive.map((same): Pair => [same, same]),
    fc.tuple(union, union),
    fc.tuple(union, primitive),
    fc.tuple(primitive, union),
    fc.tuple(nameOf, nameOf).chain(([a, b]) => fc.tuple(enumOf(a), enumOf(b))),
    fc.tuple(nameOf, nameOf, fc.constantFrom(1, 2), fc.constantFrom(1, 2)).map(
      ([a, b, m, n]): Pair => [
        { type: "fixed", name: a, size: m },
        { type: "fixed", name: b, size: n },
      ],
    ),
    tie("pair").map(
      ([a, b]): Pair => [
        { type: "array", items: a },
        { type: "array", items: b },
      ],
    ),
    tie("pair").map(
      ([a, b]): Pair => [
        { type: "map", values: a },
        { type: "map", values: b },
      ],
    ),
    tie("pair").map(([a, b]): Pair => [nullable(a), nullable(b)]),
    fc.tuple(nameOf, nameOf, fc.array(tie("field"), { maxLength: 3 })).map(
      ([a, b, fields]): Pair => [
        toRecord(
          a,
          fields.map(([reader]) => reader),
          true,
        ),
        toRecord(
          b,
          fields.map(([, writer]) => writer),
          false,
        ),
      ],
    ),
  ),
}));

const nullable = (type: unknown): unknown => (type === "null" || Array.isArray(type) ? type : ["null", type]);

function toRecord(name: string, fields: readonly (object | null)[], isReader: boolean): object {
  const there = fields.flatMap((field, i) => {
    if (field === null) return [];
    const { aliased, ...rest } = field as { aliased?: true };
    if (isReader && aliased) return [{ name: `g${i}`, aliases: [`f${i}`], ...rest }];
    return [{ name: `f${i}`, ...rest }];
  });
  return { type: "record", name, fields: there };
}

/** Names are made unlike those of other places, in both schemas alike. */
function named(schema: unknown, path = ""): unknown {
  if (Array.isArray(schema)) return schema.map((branch) => named(branch, `${path}u`));
  if (typeof schema !== "object" || schema === null) return schema;
  const { name, items, values, fields, ...rest } = schema as Record<string, unknown>;
  return {
    ...rest,
    ...(name !== undefined && { name: `${name}${path}` }),
    ...(items !== undefined && { items: named(items, `${path}i`) }),
    ...(values !== undefined && { values: named(values, `${path}v`) }),
    ...(fields !== undefined && {
      fields: (fields as { name: string; type: unknown }[]).map((field) => ({
        ...field,
        type: named(field.type, `${path}_${field.name.slice(1)}`),
      })),
    }),
  };
}

const pairs = pair.map(
  ([reader, writer]) => [named(reader), named(writer)].map((one) => JSON.stringify(one)) as [string, string],
);

function avscReads(reader: string, writer: string): boolean {
  try {
    Type.forSchema(JSON.parse(reader)).createResolver(Type.forSchema(JSON.parse(writer)));
    return true;
  } catch {
    return false;
  }
}

it("Avro's verdicts are avsc's", () => {
  const seen = { readable: 0, unreadable: 0 };
  fc.assert(
    fc.property(pairs, ([reader, writer]) => {
      const reads = readProblems(parseAvro(reader).schema, parseAvro(writer).schema).length === 0;
      seen[reads ? "readable" : "unreadable"] += 1;
      expect(reads).toBe(avscReads(reader, writer));
    }),
    { numRuns: 1_000 },
  );
  expect(Math.min(seen.readable, seen.unreadable)).toBeGreaterThan(100);
});

it("FULL is BACKWARD and FORWARD", () => {
  fc.assert(
    fc.property(pairs, ([text, old]) => {
      const schema = parseSchema({ type: "AVRO", text, references: [] }, false);
      const stored = { subject: "s", version: 1, id: 1, schema: old, deleted: false };
      const allows = (level: Level) => problemsWith(EMPTY_STATE, schema, [stored], level).length === 0;
      expect(allows("FULL")).toBe(allows("BACKWARD") && allows("FORWARD"));
    }),
    { numRuns: 300 },
  );
});
