/** A JSON Schema as a person reads it: which fields a value has, of what type, within what bounds. Pure. */

export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema | boolean;
  readonly oneOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly description?: string;
  readonly title?: string;
  readonly format?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly $ref?: string;
}

/** One of the shapes that a value may have. */
export interface Variant {
  /** The value of the field that tells the shapes apart; null where there is one shape only, or no such field. */
  readonly name: string | null;
  /** That field: `event_type`. */
  readonly by: string | null;
  readonly schema: JsonSchema;
}

const alternatives = (schema: JsonSchema): readonly JsonSchema[] => schema.oneOf ?? schema.anyOf ?? [];

/** The shapes of a value: one for each of a union, told apart by the field that is a constant in all of them. */
export function variantsOf(schema: JsonSchema): readonly Variant[] {
  const all = alternatives(schema);
  if (all.length === 0) return [{ name: null, by: null, schema }];
  const by =
    Object.keys(all[0]?.properties ?? {}).find((name) =>
      all.every((one) => one.properties?.[name]?.const !== undefined),
    ) ?? null;
  return all.map((one) => ({ name: by && String(one.properties![by]!.const), by, schema: one }));
}

/** The shape that a value has by its telling field; the first where none is told. */
export function variantOf(variants: readonly Variant[], value: unknown): Variant {
  const told = (one: Variant): boolean =>
    one.by !== null &&
    typeof value === "object" &&
    value !== null &&
    String(Reflect.get(value, one.by)) === one.name;
  return variants.find(told) ?? variants[0]!;
}

export interface FieldRow {
  /** Dotted, with `[]` for the items of an array. */
  readonly path: string;
  readonly depth: number;
  readonly type: string;
  readonly required: boolean;
  /** What a value must hold to besides its type; "" where nothing. */
  readonly bounds: string;
  readonly description: string;
}

/** Deeper than people read; what refers to itself does not end. */
const DEEPEST = 6;

/** The fields of an object's schema, those inside of others below them. */
export function fieldRows(schema: JsonSchema, path = "", depth = 0): FieldRow[] {
  if (depth > DEEPEST) return [];
  const required = new Set(schema.required);
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const own = path === "" ? name : `${path}.${name}`;
    const row = {
      path: own,
      depth,
      type: typeText(field),
      required: required.has(name),
      bounds: boundsText(field),
      description: field.description ?? "",
    };
    return [row, ...inner(field, own, depth + 1)];
  });
}

function inner(field: JsonSchema, path: string, depth: number): FieldRow[] {
  const { items } = field;
  const shapes = [...alternatives(field), ...(typeof items === "object" ? [items] : [])];
  const own = field.properties ? fieldRows(field, path, depth) : [];
  return [...own, ...shapes.flatMap((one) => fieldRows(one, one === items ? `${path}[]` : path, depth))];
}

/** `string`, `integer or null`, `array of string`, `one of 3 objects`. */
export function typeText(schema: JsonSchema): string {
  const all = alternatives(schema);
  if (all.length > 0) return [...new Set(all.map(typeText))].join(" or ");
  if (schema.$ref !== undefined) return `as ${schema.$ref}`;
  if (Array.isArray(schema.type)) return schema.type.join(" or ");
  if (schema.type === "array" && typeof schema.items === "object")
    return `array of ${typeText(schema.items)}`;
  if (typeof schema.type === "string")
    return schema.format ? `${schema.type} (${schema.format})` : schema.type;
  if (schema.const !== undefined) return schema.const === null ? "null" : typeof schema.const;
  return "any";
}

const shown = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

export function boundsText(schema: JsonSchema): string {
  const one = alternatives(schema).find((each) => each.type !== "null");
  if (one && alternatives(schema).length === 2 && !one.properties) return boundsText(one);
  const bounds: string[] = [];
  if (schema.const !== undefined) bounds.push(shown(schema.const));
  if (schema.enum) bounds.push(schema.enum.map(shown).join(", "));
  bounds.push(...range(schema.minimum, schema.maximum, schema.exclusiveMinimum, schema.exclusiveMaximum));
  bounds.push(...range(schema.minLength, schema.maxLength).map((text) => `length ${text}`));
  bounds.push(...range(schema.minItems, schema.maxItems).map((text) => `${text} items`));
  if (schema.pattern !== undefined) bounds.push(`matches ${schema.pattern}`);
  return bounds.join("; ");
}

function range(min?: number, max?: number, above?: number, below?: number): string[] {
  // The largest exact integer is what every integer is bounded by: it says nothing about this one.
  const top = max === Number.MAX_SAFE_INTEGER ? undefined : max;
  if (min !== undefined && top !== undefined) return [`${min} to ${top}`];
  return [
    ...(min === undefined || min === -Number.MAX_SAFE_INTEGER ? [] : [`≥ ${min}`]),
    ...(above === undefined ? [] : [`> ${above}`]),
    ...(top === undefined ? [] : [`≤ ${top}`]),
    ...(below === undefined ? [] : [`< ${below}`]),
  ];
}
