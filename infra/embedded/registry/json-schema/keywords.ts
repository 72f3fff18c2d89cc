/** The keywords of a reader's schema that stand for themselves, each to be implied by the writer's. */
import { isDeepStrictEqual } from "node:util";
import { arrayProblems } from "./arrays.ts";
import type { Comparison, Problems } from "./compatibility.ts";
import { ANNOTATIONS, isObject, listOf, type Members, type Node, walk } from "./document.ts";
import { objectProblems } from "./objects.ts";

const TYPES = ["null", "boolean", "number", "string", "array", "object"] as const;

/** Neither reads anyOf, oneOf and allOf. A writer's `true` is a schema without keywords. */
export function keywordProblems(comparison: Comparison, r: Node, w: Node, path: string): Problems {
  const reader = r.schema as Members;
  const writer = isObject(w.schema) ? w.schema : w.schema === false ? { enum: [] } : {};
  const problem = (type: string, keyword: string, text: string) => ({
    type,
    path: `${path}/${keyword}`,
    text,
  });
  const problems = [];

  const [mine, theirs] = [typesOf(reader), typesOf(writer)];
  const refused = theirs.filter(
    (type) => !mine.includes(type) && !(type === "integer" && mine.includes("number")),
  );
  if (refused.length > 0) {
    const kind = refused.length === theirs.length ? "TYPE_CHANGED" : "TYPE_NARROWED";
    problems.push(
      problem(kind, "type", `the reader's schema does not take ${refused.join(", ")}, the writer's does`),
    );
  }
  const values = valuesOf(reader);
  if (values) {
    const missing = valuesOf(writer)?.filter((value) => !values.some((one) => isDeepStrictEqual(one, value)));
    if (!missing || missing.length > 0) {
      const text = `the reader's values are not all of the writer's${missing ? ` (${JSON.stringify(missing).slice(0, 80)})` : ""}`;
      problems.push(problem("ENUM_ARRAY_CHANGED", "enum", text));
    }
  }
  const has = (type: string): boolean => theirs.includes(type);
  const bounds = [
    ...(has("number") || has("integer") ? numberBounds(reader, writer) : []),
    ...(has("string") ? ranges(reader, writer, "minLength", "maxLength") : []),
    ...(has("object") ? ranges(reader, writer, "minProperties", "maxProperties") : []),
    ...(has("array") ? ranges(reader, writer, "minItems", "maxItems") : []),
  ];
  for (const keyword of bounds) {
    problems.push(
      problem(
        `${toConstant(keyword)}_NARROWED`,
        keyword,
        `${keyword} is ${reader[keyword]} in the reader's schema, ${writer[keyword] ?? "not set"} in the writer's`,
      ),
    );
  }
  const isSameDraft = r.document.siblingsCount === w.document.siblingsCount;
  const isEqual = (keyword: string): boolean =>
    isSameDraft && isDeepStrictEqual(reader[keyword], writer[keyword]) && !hasRef(keyword, reader[keyword]);
  for (const [keyword, type, neutral] of EQUAL) {
    const value = reader[keyword];
    if (value === undefined || value === neutral || (type !== null && !has(type)) || isEqual(keyword))
      continue;
    const text = `${keyword} is in the reader's schema, and not the same in the writer's`;
    problems.push(problem(`${toConstant(keyword)}_CHANGED`, keyword, text));
  }
  if (reader.contains !== undefined && has("array")) {
    const [[rMin, rMax], [wMin, wMax]] = [containedIn(r, reader), containedIn(w, writer)];
    if (!isEqual("contains") || rMin > wMin || rMax < wMax) {
      const text = "the reader's schema counts what an array contains otherwise than the writer's";
      problems.push(problem("CONTAINS_CHANGED", "contains", text));
    }
  }
  for (const [keyword, type] of UNEVALUATED) {
    if (reader[keyword] === undefined || reader[keyword] === true || !has(type)) continue;
    const names = new Set([...Object.keys(reader), ...Object.keys(writer)]);
    if ([...names].every((name) => ANNOTATIONS.has(name) || isEqual(name))) continue;
    const text = `${keyword} is in the reader's schema, and what stands beside it not all the same in the writer's`;
    problems.push(problem(`${toConstant(keyword)}_CHANGED`, keyword, text));
  }
  if (has("object")) problems.push(...objectProblems(comparison, r, { ...w, schema: writer }, path));
  if (has("array")) problems.push(...arrayProblems(comparison, r, { ...w, schema: writer }, path));
  return problems;
}

/**
 * Keywords that are not looked into: as the writer's, or gone. With the type of values that they are about, and the
 * keyword's value that refuses none.
 */
const EQUAL: readonly (readonly [keyword: string, type: string | null, neutral?: boolean])[] = [
  ["pattern", "string"],
  ["uniqueItems", "array", false],
  ["propertyNames", "object", true],
  ["dependencies", "object"],
  ["dependentRequired", "object"],
  ["dependentSchemas", "object"],
  ["not", null, false],
  ["if", null],
  ["then", null, true],
  ["else", null, true],
  ["$dynamicRef", null],
];

/** Keywords about what those beside them leave over: where one of those gets wider, these may get narrower. */
const UNEVALUATED = [
  ["unevaluatedItems", "array"],
  ["unevaluatedProperties", "object"],
] as const;

/** How many items `contains` wants: at least, at most. Draft-07 has it at one or more. */
function containedIn({ document }: Node, schema: Members): readonly [least: number, most: number] {
  if (!document.siblingsCount) return [1, Infinity];
  return [asNumber(schema.minContains) ?? 1, asNumber(schema.maxContains) ?? Infinity];
}

/** Whether equal values of a keyword can mean two things, for there is a `$ref` in them. */
function hasRef(keyword: string, schema: unknown): boolean {
  if (keyword === "$ref" || keyword === "$dynamicRef") return true;
  // Members under the names of people are not keywords: one that is called $ref counts as one, to be safe.
  for (const [part] of walk({ [keyword]: schema })) if ("$ref" in part || "$dynamicRef" in part) return true;
  return false;
}

function valuesOf(schema: Members): readonly unknown[] | null {
  if (Array.isArray(schema.enum)) return schema.enum;
  return "const" in schema ? [schema.const] : null;
}

function typesOf(schema: Members): readonly string[] {
  const declared = typeof schema.type === "string" ? [schema.type] : listOf(schema.type).map(String);
  if (declared.length > 0) return declared;
  const values = valuesOf(schema);
  return values ? [...new Set(values.map(typeOf))] : TYPES;
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

const toConstant = (keyword: string): string =>
  keyword.replace(/[A-Z]/g, "_$&").replace(/^\$/, "").toUpperCase();
const asNumber = (value: unknown): number | null => (typeof value === "number" ? value : null);

/** Those of the two keywords by which the reader takes less. */
function ranges(reader: Members, writer: Members, least: string, most: string): readonly string[] {
  const [rMin, wMin] = [asNumber(reader[least]) ?? 0, asNumber(writer[least]) ?? 0];
  const [rMax, wMax] = [asNumber(reader[most]) ?? Infinity, asNumber(writer[most]) ?? Infinity];
  return [...(rMin > wMin ? [least] : []), ...(rMax < wMax ? [most] : [])];
}

function numberBounds(reader: Members, writer: Members): readonly string[] {
  const [wMax, wMin] = [asNumber(writer.maximum) ?? Infinity, asNumber(writer.minimum) ?? -Infinity];
  const [wBelow, wAbove] = [
    asNumber(writer.exclusiveMaximum) ?? Infinity,
    asNumber(writer.exclusiveMinimum) ?? -Infinity,
  ];
  const { maximum, minimum, exclusiveMaximum, exclusiveMinimum, multipleOf } = reader;
  const narrowed: string[] = [];
  if (typeof maximum === "number" && Math.min(wMax, wBelow) > maximum) narrowed.push("maximum");
  if (typeof minimum === "number" && Math.max(wMin, wAbove) < minimum) narrowed.push("minimum");
  if (typeof exclusiveMaximum === "number" && wBelow > exclusiveMaximum && wMax >= exclusiveMaximum) {
    narrowed.push("exclusiveMaximum");
  }
  if (typeof exclusiveMinimum === "number" && wAbove < exclusiveMinimum && wMin <= exclusiveMinimum) {
    narrowed.push("exclusiveMinimum");
  }
  if (typeof multipleOf === "number") {
    const theirs = asNumber(writer.multipleOf);
    if (theirs === null || !Number.isInteger(theirs / multipleOf)) narrowed.push("multipleOf");
  }
  return narrowed;
}
