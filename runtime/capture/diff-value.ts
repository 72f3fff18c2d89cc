/** Compares plain data field by field. Numbers are compared exactly; the order of an object's keys means nothing. */

/** One difference. `before` is absent where only the later value has the field, and `after` the other way round. */
export interface FieldChange {
  /** Such as `items[2].price`; empty for the value itself. */
  readonly path: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/**
 * What JSON makes of a value: that is what stands in a capture and on a topic. Fields that are undefined go, -0
 * becomes 0. Big integers, which a log field may hold, become text.
 */
export function toPlain(value: unknown): unknown {
  const json = JSON.stringify(value, (_key, v) => (typeof v === "bigint" ? `${v}n` : v));
  return json === undefined ? undefined : JSON.parse(json);
}

/** One text for all plain values that are equal. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (!isObject(value)) return value === undefined ? "" : JSON.stringify(value);
  const fields = Object.keys(value).sort();
  return `{${fields.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join()}}`;
}

/** All differences from `before` to `after`, by path. */
export function diffValue(before: unknown, after: unknown, path = ""): readonly FieldChange[] {
  if (Array.isArray(before) && Array.isArray(after)) {
    const longest = Math.max(before.length, after.length);
    return Array.from({ length: longest }, (_, i) => {
      const at = `${path}[${i}]`;
      if (i >= before.length) return [{ path: at, after: after[i] }];
      if (i >= after.length) return [{ path: at, before: before[i] }];
      return diffValue(before[i], after[i], at);
    }).flat();
  }
  if (isObject(before) && isObject(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap((key) => {
      const at = joinPath(path, key);
      if (!Object.hasOwn(before, key)) return [{ path: at, after: after[key] }];
      if (!Object.hasOwn(after, key)) return [{ path: at, before: before[key] }];
      return diffValue(before[key], after[key], at);
    });
  }
  return Object.is(before, after) ? [] : [{ path, before, after }];
}

function joinPath(path: string, key: string): string {
  if (!/^[A-Za-z_$][\w$-]*$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === "" ? key : `${path}.${key}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
