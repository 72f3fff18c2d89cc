/** JSON Schema as far as a form goes: what kind of input each part needs, and a value to begin with. Pure. */

export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly title?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly default?: unknown;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly minLength?: number;
}

export type InputKind =
  | {
      readonly kind: "object";
      readonly fields: readonly (readonly [name: string, JsonSchema, required: boolean])[];
    }
  | { readonly kind: "array"; readonly item: JsonSchema }
  | { readonly kind: "choice"; readonly options: readonly unknown[] }
  | { readonly kind: "variants"; readonly variants: readonly JsonSchema[] }
  | { readonly kind: "constant"; readonly value: unknown }
  | { readonly kind: "number"; readonly whole: boolean }
  | { readonly kind: "text" | "boolean" | "null" | "json" };

/** What to show for a schema; JSON text for what no input is made for. */
export function inputOf(schema: JsonSchema): InputKind {
  if ("const" in schema) return { kind: "constant", value: schema.const };
  if (schema.enum) return { kind: "choice", options: schema.enum };
  const variants = schema.anyOf ?? schema.oneOf;
  if (variants) return variants.length === 1 ? inputOf(variants[0]!) : { kind: "variants", variants };
  if (Array.isArray(schema.type)) {
    return { kind: "variants", variants: schema.type.map((type: string) => ({ ...schema, type })) };
  }
  switch (schema.type) {
    case "object":
      return schema.properties
        ? {
            kind: "object",
            fields: Object.entries(schema.properties).map((field) => [
              ...field,
              isRequired(schema, field[0]),
            ]),
          }
        : { kind: "json" };
    case "array":
      return schema.items ? { kind: "array", item: schema.items } : { kind: "json" };
    case "string":
      return { kind: "text" };
    case "number":
    case "integer":
      return { kind: "number", whole: schema.type === "integer" };
    case "boolean":
    case "null":
      return { kind: schema.type };
    default:
      return { kind: "json" };
  }
}

const isRequired = (schema: JsonSchema, name: string): boolean => schema.required?.includes(name) ?? false;

/** A value to begin with: what is required, with defaults, first choices and lowest numbers. */
export function startValue(schema: JsonSchema): unknown {
  if (schema.default !== undefined) return schema.default;
  const input = inputOf(schema);
  switch (input.kind) {
    case "object":
      return Object.fromEntries(
        input.fields.filter(([, , required]) => required).map(([name, field]) => [name, startValue(field)]),
      );
    case "array":
      return [];
    case "choice":
      return input.options[0] ?? null;
    case "variants":
      return startValue(input.variants[0]!);
    case "constant":
      return input.value;
    case "number":
      return schema.minimum ?? Math.max(0, (schema.exclusiveMinimum ?? -1) + 1);
    case "text":
      return schema.format === "date-time" ? new Date().toISOString() : "";
    case "boolean":
      return false;
    default:
      return null;
  }
}

/** Which of several schemas a value was made for: the first whose kind and fixed fields fit; else the first. */
export function variantOf(variants: readonly JsonSchema[], value: unknown): number {
  return Math.max(
    0,
    variants.findIndex((variant) => fits(variant, value)),
  );
}

function fits(schema: JsonSchema, value: unknown): boolean {
  const input = inputOf(schema);
  switch (input.kind) {
    case "constant":
      return input.value === value;
    case "choice":
      return input.options.includes(value);
    case "variants":
      return input.variants.some((variant) => fits(variant, value));
    case "object":
      return (
        isObject(value) &&
        input.fields.every(([name, field, required]) => {
          if (!(name in value)) return !required;
          // Only what is fixed tells variants apart; the rest may be half typed.
          return inputOf(field).kind !== "constant" || fits(field, value[name]);
        })
      );
    case "array":
      return Array.isArray(value);
    case "number":
      return typeof value === "number";
    case "text":
      return typeof value === "string";
    case "boolean":
      return typeof value === "boolean";
    case "null":
      return value === null;
    default:
      return true;
  }
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A variant's name: its title, what is fixed in it, or its type. */
export function variantLabel(schema: JsonSchema, index: number): string {
  if (schema.title) return schema.title;
  const input = inputOf(schema);
  if (input.kind === "object") {
    const fixed = input.fields
      .map(([, field]) => inputOf(field))
      .filter((field) => field.kind === "constant");
    if (fixed.length > 0) return fixed.map((field) => String(field.value)).join(" ");
    return `object ${index + 1}`;
  }
  if (input.kind === "constant") return JSON.stringify(input.value);
  return input.kind === "choice" ? input.options.join(" | ") : input.kind;
}
