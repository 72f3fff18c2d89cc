/** Whether a field's default, as JSON, is a value of its type. */
import { shown, step } from "../invalid-schema.ts";
import type { AvroSchema, Field } from "./schema.ts";

/** What was found of the defaults of fields; one that is being looked at contains itself if it is met again. */
export type CheckedDefaults = Map<Field, DefaultProblem | "pending" | null>;

/** For a field that has one; `path` is the field's. */
export function fieldDefaultProblem(
  field: Field,
  path: string,
  checked: CheckedDefaults,
): DefaultProblem | null {
  const known = checked.get(field);
  if (known === "pending") {
    return { path, text: `expected a default that ends, got one of "${field.name}" that contains itself` };
  }
  if (known !== undefined) return known;
  checked.set(field, "pending");
  const problem = defaultProblem(field.type, field.default, `${path}/default`, checked);
  checked.set(field, problem);
  return problem;
}

interface DefaultProblem {
  readonly path: string;
  readonly text: string;
}

const INT = 2 ** 31;

/** Bytes and fixed are text whose characters are the bytes. For a union any branch will do, as since Avro 1.12. */
function defaultProblem(
  schema: AvroSchema,
  value: unknown,
  path: string,
  checked: CheckedDefaults,
): DefaultProblem | null {
  const expected = (what: string, holds: boolean): DefaultProblem | null =>
    holds ? null : { path, text: `expected ${what}, got ${shown(value)}` };
  switch (schema.kind) {
    case "null":
      return expected("null", value === null);
    case "boolean":
      return expected("true or false", typeof value === "boolean");
    case "int":
      return expected("a 32-bit integer", isInteger(value) && value >= -INT && value < INT);
    case "long":
      return expected("an integer", isInteger(value));
    case "float":
    case "double":
      return expected("a finite number", Number.isFinite(value));
    case "string":
      return expected("a string", typeof value === "string");
    case "bytes":
      return expected("bytes as text (U+0000–U+00FF)", isBytes(value));
    case "fixed":
      return expected(
        `${schema.size} bytes as text (U+0000–U+00FF)`,
        isBytes(value) && value.length === schema.size,
      );
    case "enum":
      return expected(`one of ${schema.symbols.join(", ")}`, schema.symbols.includes(value as string));
    case "array":
      if (!Array.isArray(value)) return expected("a list", false);
      return first(value.map((item, i) => () => defaultProblem(schema.items, item, `${path}/${i}`, checked)));
    case "map":
      if (!isObject(value)) return expected("an object", false);
      return first(
        Object.entries(value).map(
          ([name, item]) =>
            () =>
              defaultProblem(schema.values, item, path + step(name), checked),
        ),
      );
    case "union": {
      const fits = schema.branches.some((branch) => defaultProblem(branch, value, path, checked) === null);
      return expected(`a value of ${schema.branches.map(({ kind }) => kind).join(" or ")}`, fits);
    }
    case "record":
      if (!isObject(value)) return expected("an object", false);
      return first(
        schema.fields.map((field) => () => {
          const at = path + step(field.name);
          if (Object.hasOwn(value, field.name)) {
            return defaultProblem(field.type, value[field.name], at, checked);
          }
          if (field.default === undefined) return { path: at, text: "expected a value, got nothing" };
          return fieldDefaultProblem(field, at, checked);
        }),
      );
  }
}

const isInteger = (value: unknown): value is number => Number.isSafeInteger(value);
const isBytes = (value: unknown): value is string =>
  typeof value === "string" && [...value].every((char) => char.codePointAt(0)! <= 0xff);
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function first(checks: readonly (() => DefaultProblem | null)[]): DefaultProblem | null {
  for (const check of checks) {
    const problem = check();
    if (problem) return problem;
  }
  return null;
}
