/** How values of a zod definition stand in Avro: the schema, and the way there and back, which lose nothing. */
import type { z } from "zod";

/** An Avro schema as JSON. */
export type AvroSchema = string | readonly AvroSchema[] | { readonly [key: string]: unknown };

/** What JavaScript sees of a value: tells the branches of a union apart. */
export type Bucket = "null" | "boolean" | "number" | "string" | "array" | "object";

/** One part of a definition in Avro. Made once for a topic; what it does for each value makes no functions. */
export interface Form {
  readonly schema: AvroSchema;
  /** How a union calls it: its full name for records and enums, else its type. */
  readonly branch: string;
  readonly bucket: Bucket;
  /** The definition that it was made from. */
  readonly zod: z.core.$ZodType;
  /** The value as avsc writes it. Throws EncodeError for what Avro would change. */
  toAvro(value: unknown): unknown;
  /** Plain data from what avsc has read. */
  fromAvro(value: unknown): unknown;
}

/** A union of forms; it has no branch of its own, since unions do not nest. */
export interface UnionForm extends Omit<Form, "branch" | "bucket"> {
  readonly branches: readonly Form[];
}

/** A definition has a part that Avro cannot say. */
export class NoAvroFormError extends Error {
  override readonly name = "NoAvroFormError";
}

/** A value cannot be written as its topic's serde writes it, and where. */
export class EncodeError extends Error {
  override readonly name = "EncodeError";
  /** Where in the value, the outermost first. */
  path: string;
  readonly #detail: string;
  constructor(detail: string, path = "") {
    super(path ? `${path}: ${detail}` : detail);
    this.#detail = detail;
    this.path = path;
  }
  /** The same, seen from one level further out. */
  under(name: string): EncodeError {
    return new EncodeError(this.#detail, this.path ? `${name}.${this.path}` : name);
  }
}

/** Tells an error of a part from the whole's view; hands other errors on. */
export const under = (name: string, error: unknown): unknown =>
  error instanceof EncodeError ? error.under(name) : error;

export const isUnion = (form: Form | UnionForm): form is UnionForm => "branches" in form;

/** `cart_add` → `CartAdd`; what Avro does not take in a name is left out. */
export function avroName(parts: readonly string[]): string {
  const name = parts
    .flatMap((part) => part.split(/[^A-Za-z0-9]+/))
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join("");
  return /^[A-Za-z]/.test(name) ? name : `_${name}`;
}

export const isAvroName = (name: string): boolean => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);

/** `__proto__` is a name like any. */
export function setOwn(target: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== "__proto__") target[name] = value;
  else Object.defineProperty(target, name, { value, enumerable: true, writable: true, configurable: true });
}

export function requireObject(value: unknown): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new EncodeError(`expected an object, got ${value === null ? "null" : typeof value}`);
}
