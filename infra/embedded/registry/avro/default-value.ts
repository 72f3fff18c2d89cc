/** Whether a field's default, as JSON, is a value of its type. */
import { shown, step } from "../invalid-schema.ts";
import type { AvroSchema } from "./schema.ts";

interface DefaultProblem {
  readonly path: string;
  readonly text: string;
}

const INT = 2 ** 31;

/** Bytes and fixed are text whose characters are the bytes. For a union any branch will do, as since Avro 1.12. */
export function defaultProblem(schema: AvroSchema, value: unknown, path: string): DefaultProblem | null {
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
      return expected("a number", typeof value === "number");
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
      return first(value.map((item, i) => () => defaultProblem(schema.items, item, `${path}/${i}`)));
    case "map":
      if (!isObject(value)) return expected("an object", false);
      return first(
        Object.entries(value).map(
          ([name, item]) =>
            () =>
              defaultProblem(schema.values, item, path + step(name)),
        ),
      );
    case "union": {
      const fits = schema.branches.some((branch) => defaultProblem(branch, value, path) === null);
      return expected(`a value of ${schema.branches.map(({ kind }) => kind).join(" or ")}`, fits);
    }
    case "record":
      if (!isObject(value)) return expected("an object", false);
      return first(
        schema.fields.map((field) => () => {
          const at = path + step(field.name);
          if (Object.hasOwn(value, field.name)) return defaultProblem(field.type, value[field.name], at);
          // The field's own default is looked at with that field.
          return field.default === undefined ? { path: at, text: "expected a value, got nothing" } : null;
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
