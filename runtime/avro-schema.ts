/**
 * Avro from a topic's zod definition, its one source of truth. Names follow from where a part stands, so that a
 * definition that gains or loses a field keeps them, as schema resolution wants it.
 */
import { z } from "zod";
import { listForm, mapForm } from "./avro-collections.ts";
import { avroName, type Form, isAvroName, NoAvroFormError, type UnionForm } from "./avro-form.ts";
import { type Absence, type FieldForm, recordForm } from "./avro-record.ts";
import { booleanForm, literalForm, nullForm, numberForm, textForm } from "./avro-scalars.ts";
import { kindsOfOne, unionForm } from "./avro-union.ts";
import type { Topic } from "./define.ts";

type AnyForm = Form | UnionForm;

/** What there is to know of a definition while it is turned into Avro. */
interface Walk {
  readonly topic: string;
  readonly namespace: string;
  /** Taken names. */
  readonly names: Set<string>;
  /** Objects that are being made: one that comes again within itself is named, not repeated. */
  readonly open: Map<z.core.$ZodType, Form>;
}

/**
 * The Avro form of a topic's values. Throws NoAvroFormError with topic and path for a part of the definition that
 * Avro cannot say without changing values.
 */
export function toAvroForm(topic: Topic): AnyForm {
  const namespace = `ksp.${topic.name.replace(/[^A-Za-z0-9]+/g, "_").replace(/^(?=\d)/, "_")}`;
  return walk(topic.schema, [], { topic: topic.name, namespace, names: new Set(), open: new Map() });
}

const whereOf = ({ topic }: Walk, path: readonly string[]): string => [topic, ...path].join(".");

function nameFor(w: Walk, path: readonly string[]): readonly string[] {
  const parts = path.length === 0 ? ["value"] : path;
  const name = avroName(parts);
  if (w.names.has(name))
    throw new NoAvroFormError(`${whereOf(w, path)}: expected a name of its own in Avro, got ${name} again`);
  w.names.add(name);
  return parts;
}

function walk(schema: z.core.$ZodType, path: readonly string[], w: Walk): AnyForm {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case "string":
    case "template_literal":
      return textForm(schema);
    case "number":
      return numberForm(schema);
    case "boolean":
      return booleanForm(schema);
    case "null":
      return nullForm(schema);
    case "enum":
      return literals(schema, Object.values(def.entries), path, w);
    case "literal":
      return literals(schema, def.values, path, w);
    case "nullable":
      return unionForm(schema, [nullForm(z.null()), walk(def.innerType, path, w)], whereOf(w, path));
    case "readonly":
    case "nonoptional":
      return walk(def.innerType, path, w);
    case "lazy":
      return walk(def.getter(), path, w);
    case "array":
      return listForm(schema, walk(def.element, path, w));
    case "record":
      return map(schema as z.core.$ZodRecord, path, w);
    case "union":
      return union(schema as z.core.$ZodUnion, path, w);
    case "object":
      return object(schema as z.core.$ZodObject, path, w);
    default:
      throw new NoAvroFormError(
        `${whereOf(w, path)}: expected a part of a definition that Avro has a form for, got z.${def.type}`,
      );
  }
}

function literals(
  zod: z.core.$ZodType,
  values: readonly unknown[],
  path: readonly string[],
  w: Walk,
): AnyForm {
  const isEnum = values.every((one) => typeof one === "string" && isAvroName(one));
  const form = literalForm(zod, values, isEnum ? nameFor(w, path) : path, w.namespace);
  if (form) return form;
  const parts = values.map((one) =>
    typeof one === "string" ? textForm(zod) : literalForm(zod, [one], path, w.namespace),
  );
  if (!parts.includes(null)) return unionForm(zod, parts as Form[], whereOf(w, path));
  throw new NoAvroFormError(`${whereOf(w, path)}: expected literals that JSON has, got others`);
}

function map(schema: z.core.$ZodRecord, path: readonly string[], w: Walk): Form {
  const { keyType, valueType } = schema._zod.def;
  if (keyType._zod.def.type !== "string") {
    throw new NoAvroFormError(
      `${whereOf(w, path)}: expected a record with keys of z.string(), got z.${keyType._zod.def.type}()`,
    );
  }
  return mapForm(schema, walk(valueType, path, w));
}

function union(schema: z.core.$ZodUnion, path: readonly string[], w: Walk): AnyForm {
  const { options } = schema._zod.def;
  const discriminator = (schema as Partial<z.core.$ZodDiscriminatedUnion>)._zod?.def.discriminator ?? null;
  const records = options.filter((option) => option._zod.def.type === "object").length;
  const parts = options.map((option, i) => {
    if (discriminator !== null)
      return walk(option, [...path, kindsOfOne(option, discriminator).join(" ")], w);
    // One object among others needs no number to be told from.
    return walk(option, records > 1 ? [...path, String(i + 1)] : path, w);
  });
  return unionForm(schema, parts, whereOf(w, path), discriminator);
}

function object(schema: z.core.$ZodObject, path: readonly string[], w: Walk): Form {
  const open = w.open.get(schema);
  if (open) return open;
  const name = avroName(nameFor(w, path));
  const branch = `${w.namespace}.${name}`;
  let form: Form | null = null;
  w.open.set(schema, {
    schema: branch,
    branch,
    bucket: "object",
    zod: schema,
    toAvro: (value) => form!.toAvro(value),
    fromAvro: (value) => form!.fromAvro(value),
  });
  const { shape, catchall } = schema._zod.def;
  const inner = path.length === 0 ? ["value"] : path;
  const fields = Object.entries(shape).map(([field, zod]) => toFieldForm(field, zod, [...inner, field], w));
  const kind = catchall?._zod.def.type;
  form = recordForm({
    zod: schema,
    name,
    namespace: w.namespace,
    fields,
    others: kind === undefined ? "dropped" : kind === "never" ? "refused" : "kept",
    where: whereOf(w, path),
  });
  w.open.delete(schema);
  return form;
}

function toFieldForm(name: string, zod: z.core.$ZodType, path: readonly string[], w: Walk): FieldForm {
  if (!isAvroName(name)) {
    throw new NoAvroFormError(
      `${whereOf(w, path)}: expected a field name of letters, digits and _ for Avro, got "${name}"`,
    );
  }
  const { inner, absence, isNullable } = peel(zod);
  const form = walk(inner, path, w);
  return {
    name,
    absence,
    form: isNullable ? unionForm(zod, [nullForm(z.null()), form], whereOf(w, path)) : form,
  };
}

/** What a field's definition says of null and absence, and the definition without it. */
function peel(zod: z.core.$ZodType): { inner: z.core.$ZodType; absence: Absence; isNullable: boolean } {
  const { def } = (zod as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case "optional":
      return { ...peel(def.innerType), absence: "optional" };
    case "nonoptional":
      return { ...peel(def.innerType), absence: "required" };
    case "default":
      return { ...peel(def.innerType), absence: { default: def.defaultValue } };
    case "nullable":
      return { ...peel(def.innerType), isNullable: true };
    case "readonly":
      return peel(def.innerType);
    default:
      return { inner: zod, absence: "required", isNullable: false };
  }
}
