/** Avro's names: https://avro.apache.org/docs/1.12.0/specification/#names */
import { InvalidSchema, shown } from "../invalid-schema.ts";

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const FULL_NAME = /^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$/;

/** `name` as seen from `namespace` (empty: none). */
export const qualify = (name: string, namespace: string): string =>
  name.includes(".") || namespace === "" ? name : `${namespace}.${name}`;

/** What stands before the last dot; empty if there is none. */
export const namespaceOf = (fullName: string): string =>
  fullName.slice(0, Math.max(0, fullName.lastIndexOf(".")));

export const simpleName = (fullName: string): string => fullName.slice(fullName.lastIndexOf(".") + 1);

/** Throws InvalidSchema for what is no name of one part. */
export function requireName(value: unknown, path: string): string {
  if (typeof value === "string" && NAME.test(value)) return value;
  throw new InvalidSchema(path, `expected a name of letters, digits and _, got ${shown(value)}`);
}

/** Throws InvalidSchema for what is no name, possibly of parts joined by dots. */
export function requireFullName(value: unknown, path: string): string {
  if (typeof value === "string" && FULL_NAME.test(value)) return value;
  throw new InvalidSchema(path, `expected a name of letters, digits, _ and dots, got ${shown(value)}`);
}

/** Throws InvalidSchema for what is no list of names. Full ones are returned, seen from `namespace`. */
export function requireAliases(value: unknown, namespace: string, path: string): readonly string[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw new InvalidSchema(path, `expected a list of names, got ${shown(value)}`);
  return value.map((alias, i) => qualify(requireFullName(alias, `${path}/${i}`), namespace));
}
