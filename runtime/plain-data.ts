/** Plain data: what JSON carries unchanged. Anything else would be another value after a capture, or on a topic. */

/** How deeply lists and objects may nest. Whoever walks a value does so on the stack, and the stack ends. */
export const MAX_DEPTH = 500;

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/**
 * Null for plain data; else what is wrong, and where below `path`. Fields that are undefined count as left out.
 * This runs for every output: the path is only looked for when something is wrong.
 */
export function findNotPlain(value: unknown, path: string): string | null {
  return isPlain(value, MAX_DEPTH) ? null : describe(value, path, MAX_DEPTH);
}

function isPlain(value: unknown, depth: number): boolean {
  if (typeof value === "string" || typeof value === "boolean" || value === null) return true;
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value !== "object" || depth === 0) return false;
  if (Array.isArray(value)) {
    for (const item of value) if (!isPlain(item, depth - 1)) return false;
    return true;
  }
  if (!isPlainObject(value)) return false;
  for (const key of Object.keys(value)) {
    const field = value[key];
    if (field !== undefined && !isPlain(field, depth - 1)) return false;
  }
  return true;
}

/** Goes down to the first part that is not plain. */
function describe(value: unknown, path: string, depth: number): string {
  if (typeof value === "number") return `${path}: expected a finite number, got ${value}`;
  const isList = Array.isArray(value);
  if (!isList && !isPlainObject(value)) return `${path}: expected plain data, got ${nameOf(value)}`;
  if (depth === 0) return `${path}: expected at most ${MAX_DEPTH} levels of lists and objects, got more`;
  // `Array.from` and not `entries`: it shows the holes, which JSON would fill with null.
  const parts = isList
    ? Array.from(value, (item, i) => [`${path}[${i}]`, item] as const)
    : Object.entries(value).flatMap(([key, field]) =>
        field === undefined ? [] : [[`${path}.${key}`, field] as const],
      );
  const [where, part] = parts.find(([, one]) => !isPlain(one, depth - 1))!;
  return describe(part, where, depth - 1);
}

/** What a value is, in a word: `null`, `string`, `Date`. */
export function nameOf(value: unknown): string {
  if (value === null) return "null";
  if (typeof value !== "object") return typeof value;
  const type: unknown = value.constructor;
  return typeof type === "function" && type.name ? type.name : "object";
}
