/**
 * Objects in Avro: records. What a record has no field for stands in one more, `_more`, as JSON: the fields that a
 * loose definition lets through, and the null of a field that may be null and may be left out.
 */
import type { z } from "zod";
import {
  type AvroSchema,
  EncodeError,
  type Form,
  isUnion,
  NoAvroFormError,
  requireObject,
  setOwn,
  type UnionForm,
  under,
} from "./avro-form.ts";

/** The name of the field for what has no field. */
export const MORE = "_more";

/** What a field's definition says of its absence. */
export type Absence = "required" | "optional" | { readonly default: unknown };

export interface FieldForm {
  readonly name: string;
  readonly form: Form | UnionForm;
  readonly absence: Absence;
}

interface Field {
  readonly name: string;
  readonly form: Form | UnionForm;
  readonly schema: { readonly [key: string]: unknown };
  /** Whether null is written where it is left out, and read as left out. */
  readonly isOptional: boolean;
  /** Optional, and null means something of its own. */
  readonly isNullish: boolean;
  /** What a field with a default is taken for when it is left out; undefined where it has none. */
  readonly fallback: unknown;
  /** The branch of a field that is optional and no union by itself. */
  readonly branch: string | null;
}

const allowsNull = (form: Form | UnionForm): boolean =>
  isUnion(form) ? form.branches.some(({ bucket }) => bucket === "null") : form.bucket === "null";

function toField({ name, form, absence }: FieldForm, where: string): Field {
  const isNullish = absence === "optional" && allowsNull(form);
  const isOptional = absence === "optional";
  const base = { name, form, isOptional, isNullish, fallback: undefined, branch: null };
  if (absence === "required") return { ...base, schema: { name, type: form.schema } };
  if (absence === "optional") {
    const others = isUnion(form)
      ? form.branches.filter(({ bucket }) => bucket !== "null").map(({ schema }) => schema)
      : form.bucket === "null"
        ? []
        : [form.schema];
    const type = ["null", ...others];
    return { ...base, branch: isUnion(form) ? null : form.branch, schema: { name, type, default: null } };
  }
  const fallback = absence.default;
  return { ...base, fallback, schema: { name, ...withDefault(form, fallback, where) } };
}

/** Avro has a union's default belong to its first branch. */
function withDefault(form: Form | UnionForm, fallback: unknown, where: string): Record<string, unknown> {
  const isEmpty = typeof fallback === "object" && fallback !== null && Object.keys(fallback).length === 0;
  if (typeof fallback === "object" && fallback !== null && !isEmpty)
    throw new NoAvroFormError(
      `${where}: expected a default that is a text, a number, true, false, null or empty, got ${JSON.stringify(fallback)}`,
    );
  if (!isUnion(form)) {
    form.toAvro(fallback);
    return { type: form.schema, default: fallback };
  }
  const bucket = fallback === null ? "null" : Array.isArray(fallback) ? "array" : typeof fallback;
  const first = form.branches.find((one) => one.bucket === bucket);
  const rest = form.branches.filter((one) => one !== first);
  if (!first) throw new NoAvroFormError(`${where}: expected a default that the field takes, got ${bucket}`);
  return { type: [first.schema, ...rest.map(({ schema }) => schema)], default: fallback };
}

export interface RecordOptions {
  readonly zod: z.core.$ZodType;
  readonly name: string;
  readonly namespace: string;
  readonly fields: readonly FieldForm[];
  /** What becomes of fields that the definition does not name. */
  readonly others: "kept" | "dropped" | "refused";
  /** For errors about the definition. */
  readonly where: string;
}

export function recordForm({ zod, name, namespace, others, where, ...options }: RecordOptions): Form {
  const fields = options.fields.map((field) => toField(field, `${where}.${field.name}`));
  const hasMore = others === "kept" || fields.some(({ isNullish }) => isNullish);
  const byName = new Map(fields.map((field) => [field.name, field]));
  if (byName.has(MORE)) throw new NoAvroFormError(`${where}: expected no field called ${MORE}, got one`);
  const moreSchema = {
    name: MORE,
    type: ["null", "string"],
    default: null,
    doc: "Other fields, as a JSON object",
  };
  const schema: AvroSchema = {
    type: "record",
    name,
    namespace,
    fields: [...fields.map((field) => field.schema), ...(hasMore ? [moreSchema] : [])],
  };

  const moreOf = (value: Record<string, unknown>): string | null => {
    let more: Record<string, unknown> | null = null;
    for (const key of Object.keys(value)) {
      const field = byName.get(key);
      if (field ? !(field.isNullish && value[key] === null) : value[key] === undefined) continue;
      if (!field && others === "dropped") continue;
      if (!field && others === "refused")
        throw new EncodeError(`expected only ${[...byName.keys()].join(", ")}, got "${key}"`);
      more ??= {};
      setOwn(more, key, value[key]);
    }
    return more && JSON.stringify(more);
  };

  const write = (field: Field, value: unknown): unknown => {
    if (value === undefined) {
      if (field.isOptional) return null;
      if (field.fallback === undefined) throw new EncodeError("expected a value, got nothing");
      return field.form.toAvro(field.fallback);
    }
    if (value === null && field.isNullish) return null;
    const written = field.form.toAvro(value);
    return field.branch === null || written === null ? written : { [field.branch]: written };
  };

  return {
    schema,
    branch: `${namespace}.${name}`,
    bucket: "object",
    zod,
    toAvro(given) {
      const value = requireObject(given);
      const written: Record<string, unknown> = {};
      let at = "";
      try {
        for (const field of fields) {
          at = field.name;
          written[at] = write(field, value[at]);
        }
      } catch (error) {
        throw under(at, error);
      }
      const more = moreOf(value);
      if (hasMore) written[MORE] = more === null ? null : { string: more };
      return written;
    },
    fromAvro(given) {
      const read = given as Record<string, unknown>;
      const value: Record<string, unknown> = {};
      for (const { name: key, form, isOptional, branch } of fields) {
        const one = read[key];
        if (one === null && isOptional) continue;
        value[key] = form.fromAvro(
          branch === null || one === null ? one : (one as Record<string, unknown>)[branch],
        );
      }
      const more = hasMore ? (read[MORE] as { string: string } | null) : null;
      if (more !== null) readMore(value, more.string);
      return value;
    },
  };
}

/** What a field of its own says counts. Throws for what is no JSON object. */
function readMore(value: Record<string, unknown>, json: string): void {
  let more: unknown;
  try {
    more = JSON.parse(json);
  } catch {
    more = null; // told below
  }
  if (typeof more !== "object" || more === null || Array.isArray(more))
    throw new Error(`${MORE}: expected a JSON object, got ${JSON.stringify(json.slice(0, 40))}`);
  for (const [key, one] of Object.entries(more)) if (!Object.hasOwn(value, key)) setOwn(value, key, one);
}
