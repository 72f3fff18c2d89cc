/** Texts, numbers, truth values and closed vocabularies in Avro. */
import { z } from "zod";
import { type AvroSchema, avroName, type Bucket, EncodeError, type Form, isAvroName } from "./avro-form.ts";

const same = (value: unknown): unknown => value;

function primitive(zod: z.core.$ZodType, type: string, bucket: Bucket, toAvro: Form["toAvro"]): Form {
  return { schema: type, branch: type, bucket, zod, toAvro, fromAvro: same };
}

const expected = (what: string, value: unknown): EncodeError =>
  new EncodeError(`expected ${what}, got ${JSON.stringify(value)?.slice(0, 80)}`);

/** In Node 20, and in the next edition of TypeScript's library. */
type WellFormed = string & { isWellFormed(): boolean };

function toText(value: unknown): string {
  if (typeof value !== "string") throw expected("a string", value);
  // UTF-8 has no form for half of a surrogate pair: it would come back as another character.
  if (!(value as WellFormed).isWellFormed()) throw expected("text without lone surrogates", value);
  return value;
}

function toNumber(value: unknown): number {
  if (typeof value !== "number" || !Number.isFinite(value)) throw expected("a number", value);
  return value;
}

/** avsc writes and reads what lies below as another number, and refuses what lies above. */
const LEAST_LONG = -(2 ** 52);
const MOST_LONG = 2 ** 53 - 2;

function toWhole(value: unknown): number {
  if (!Number.isSafeInteger(value) || (value as number) < LEAST_LONG || (value as number) > MOST_LONG)
    throw expected("a whole number from -2^52 to 2^53 - 2", value);
  return value as number;
}

function toInt(value: unknown): number {
  if ((value as number) >> 0 !== value) throw expected("a whole number of 32 bits", value);
  return value as number;
}

function toBoolean(value: unknown): boolean {
  if (typeof value !== "boolean") throw expected("true or false", value);
  return value;
}

function toNull(value: unknown): null {
  if (value !== null) throw expected("null", value);
  return null;
}

export const textForm = (zod: z.core.$ZodType): Form => primitive(zod, "string", "string", toText);
export const doubleForm = (zod: z.core.$ZodType): Form => primitive(zod, "double", "number", toNumber);
const longForm = (zod: z.core.$ZodType): Form => primitive(zod, "long", "number", toWhole);
const intForm = (zod: z.core.$ZodType): Form => primitive(zod, "int", "number", toInt);
export const booleanForm = (zod: z.core.$ZodType): Form => primitive(zod, "boolean", "boolean", toBoolean);
export const nullForm = (zod: z.core.$ZodType): Form => primitive(zod, "null", "null", toNull);

const isInt32 = (n: number): boolean => n >= -(2 ** 31) && n < 2 ** 31;

/** Whole numbers are `int` where their bounds say so, else `long`; all others are `double`. */
export function numberForm(zod: z.core.$ZodType): Form {
  if (!(zod instanceof z.ZodNumber) || !zod.isInt) return doubleForm(zod);
  const { minValue, maxValue } = zod;
  if (minValue === null || maxValue === null) return longForm(zod);
  return isInt32(minValue) && isInt32(maxValue) ? intForm(zod) : longForm(zod);
}

/** An enum where its values are names as Avro wants them, else text. */
function enumForm(
  zod: z.core.$ZodType,
  values: readonly string[],
  path: readonly string[],
  namespace: string,
): Form {
  if (!values.every(isAvroName)) return textForm(zod);
  const name = avroName(path);
  const known = new Set<unknown>(values);
  const schema: AvroSchema = { type: "enum", name, namespace, symbols: values };
  return {
    schema,
    branch: `${namespace}.${name}`,
    bucket: "string",
    zod,
    toAvro(value) {
      if (!known.has(value)) throw expected(`one of ${values.join(", ")}`, value);
      return value;
    },
    fromAvro: same,
  };
}

/** The one form of values that are all of one kind; null where they are not. */
export function literalForm(
  zod: z.core.$ZodType,
  values: readonly unknown[],
  path: readonly string[],
  namespace: string,
): Form | null {
  if (values.every((value) => typeof value === "string")) return enumForm(zod, values, path, namespace);
  if (values.every((value) => typeof value === "number")) {
    if (!values.every((value) => Number.isSafeInteger(value))) return doubleForm(zod);
    return values.every(isInt32) ? intForm(zod) : longForm(zod);
  }
  if (values.every((value) => typeof value === "boolean")) return booleanForm(zod);
  return values.every((value) => value === null) ? nullForm(zod) : null;
}
