/**
 * Values that a zod schema accepts, made from its definition: the same schema always gives the same ones. Texts and
 * numbers are candidates that the schema itself judges, so that formats and patterns need no code of their own.
 */
import type { z } from "zod";

const TEXTS = [
  "example",
  "2026-01-01T00:00:00.000Z",
  "00000000-0000-4000-8000-000000000001",
  "user@example.com",
  "192.0.2.1",
  "https://example.com/",
  "0a1b2c3d",
  "1",
  "2026-01-01",
  "12:00:00",
  "USD",
  "A",
  "",
];

const NUMBERS = [1, 0, 10, 50, 100, 0.5, -1, 1_000, 1_767_225_600_000];

// biome-ignore lint/suspicious/noExplicitAny: a definition's fields differ by schema type
type Def = { readonly type: string; readonly checks?: readonly z.core.$ZodType[] } & Record<string, any>;

/** `variant` turns through the options of unions, enums and literals. Throws where no value is found. */
export function sampleValue(schema: z.core.$ZodType, variant = 0, path = "value"): unknown {
  const def = schema._zod.def as unknown as Def;
  const inner = (next: z.core.$ZodType, at = path): unknown => sampleValue(next, variant, at);
  const turn = <T>(options: readonly T[]): T => options[variant % options.length]!;
  switch (def.type) {
    case "object":
      return Object.fromEntries(
        Object.entries(def.shape as Record<string, z.core.$ZodType>).map(([key, field]) => [
          key,
          inner(field, `${path}.${key}`),
        ]),
      );
    case "array":
      return firstAccepted(
        schema,
        path,
        [1, 0, 2, 3].map((n) => Array(n).fill(inner(def.element, `${path}[0]`))),
      );
    case "tuple":
      return def.items.map((item: z.core.$ZodType, i: number) => inner(item, `${path}[${i}]`));
    case "record":
      return firstAccepted(schema, path, [{ [String(inner(def.keyType))]: inner(def.valueType) }, {}]);
    case "union":
      return inner(turn(def.options));
    case "intersection":
      return { ...(inner(def.left) as object), ...(inner(def.right) as object) };
    case "enum":
      return turn(Object.values(def.entries));
    case "literal":
      return turn(def.values);
    case "optional":
    case "nullable":
    case "nonoptional":
    case "readonly":
    case "catch":
      return inner(def.innerType);
    case "default":
    case "prefault":
      return def.defaultValue;
    case "lazy":
      return inner(def.getter());
    case "pipe":
      return inner(def.in);
    case "boolean":
      return variant % 2 === 0;
    case "null":
    case "any":
    case "unknown":
      return null;
    case "number":
    case "int":
      return firstAccepted(schema, path, [...NUMBERS, ...bounds(def)]);
    case "string":
      return firstAccepted(schema, path, [...TEXTS, "x".repeat(minimumLength(def))]);
    default:
      throw new Error(`${path}: no sample is known for a schema of type ${def.type}`);
  }
}

function firstAccepted(schema: z.core.$ZodType, path: string, candidates: readonly unknown[]): unknown {
  const accepted = candidates.find((one) => (schema as z.ZodType).safeParse(one).success);
  if (accepted === undefined) throw new Error(`${path}: no sample is known that its schema accepts`);
  return accepted;
}

/** The values of greater-than and less-than checks, and their neighbours. */
function bounds(def: Def): readonly number[] {
  return checkDefs(def)
    .filter(({ check }) => check === "greater_than" || check === "less_than" || check === "multiple_of")
    .flatMap(({ value }) => [Number(value), Number(value) + 1, Number(value) - 1]);
}

const minimumLength = (def: Def): number =>
  Math.max(0, ...checkDefs(def).map(({ minimum, length }) => Number(minimum ?? length ?? 0)));

const checkDefs = (def: Def): readonly Record<string, unknown>[] =>
  (def.checks ?? []).map((check) => check._zod.def as unknown as Record<string, unknown>);
