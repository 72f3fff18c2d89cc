/** Unions in Avro: the branch is written before the value, so it is told from the value when writing. */
import { z } from "zod";
import {
  EncodeError,
  type Form,
  isUnion,
  NoAvroFormError,
  requireObject,
  type UnionForm,
} from "./avro-form.ts";
import { doubleForm, textForm } from "./avro-scalars.ts";

/** A union with null is read and written by this form's own rules. */
export function unionForm(
  zod: z.core.$ZodType,
  parts: readonly (Form | UnionForm)[],
  where: string,
  discriminator: string | null = null,
): Form | UnionForm {
  const branches = merge(parts.flatMap((part) => (isUnion(part) ? part.branches : [part])));
  if (branches.filter(({ bucket }) => bucket === "array").length > 1)
    throw new NoAvroFormError(`${where}: expected at most one list in a union, as Avro has it, got several`);
  if (branches.length === 1) return branches[0]!;
  const byName = new Map(branches.map((form) => [form.branch, form]));
  const byKind = discriminator === null ? null : kindsOf(branches, discriminator);
  const choose = (value: unknown): Form => {
    if (byKind && value !== null) {
      const form = byKind.get(requireObject(value)[discriminator!]);
      if (form) return form;
      throw new EncodeError(`${discriminator}: expected one of ${[...byKind.keys()].join(", ")}`);
    }
    return chooseByValue(branches, value);
  };
  return {
    schema: branches.map(({ schema }) => schema),
    branches,
    zod,
    toAvro(value) {
      const form = choose(value);
      const inner = form.toAvro(value);
      return inner === null ? null : { [form.branch]: inner };
    },
    fromAvro(value) {
      if (value === null) return null;
      const name = Object.keys(value as object)[0]!;
      return byName.get(name)!.fromAvro((value as Record<string, unknown>)[name]);
    },
  };
}

/** Avro has one branch of each type: texts are one, and numbers. */
function merge(forms: readonly Form[]): Form[] {
  const merged: Form[] = [];
  for (const form of forms) {
    const at = merged.findIndex((other) => other.bucket === form.bucket);
    const other = merged[at];
    if (!other || form.bucket === "object" || form.bucket === "array") merged.push(form);
    else if (form.branch !== other.branch) {
      if (form.bucket === "string") merged[at] = textForm(z.string());
      else
        merged[at] =
          other.branch === "double" || form.branch === "double" ? doubleForm(z.number()) : wider(other, form);
    }
  }
  return merged;
}

const wider = (a: Form, b: Form): Form => (a.branch === "long" ? a : b);

function kindsOf(branches: readonly Form[], discriminator: string): Map<unknown, Form> {
  const kinds = new Map<unknown, Form>();
  for (const form of branches) for (const kind of kindsOfOne(form.zod, discriminator)) kinds.set(kind, form);
  return kinds;
}

/** The values of the field that tells a discriminated union's options apart. */
export function kindsOfOne(zod: z.core.$ZodType, discriminator: string): readonly unknown[] {
  return [...(zod._zod.propValues?.[discriminator] ?? [])];
}

/** By what JavaScript sees; where several could be it, by the definition. */
function chooseByValue(branches: readonly Form[], value: unknown): Form {
  const bucket = value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
  let found: Form | null = null;
  let several = false;
  for (const form of branches) {
    if (form.bucket !== bucket) continue;
    several = found !== null;
    found ??= form;
  }
  if (several)
    found = branches.find((one) => one.bucket === bucket && z.safeParse(one.zod, value).success) ?? null;
  if (found) return found;
  throw new EncodeError(`expected one of ${branches.map((form) => form.branch).join(", ")}, got ${bucket}`);
}
