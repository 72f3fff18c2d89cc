/** Closed vocabularies, with errors that say what was expected and what came. */
import { z } from "zod";

const quoted = (values: readonly unknown[]): string =>
  values.map((value) => JSON.stringify(value)).join(", ");

/** One of these strings; otherwise `expected one of "a", "b", got "c"`. */
export function oneOf<const Values extends readonly string[]>(values: Values) {
  return z.enum(values, { error: (issue) => expectedOneOf(values, issue.input) });
}

/**
 * The error of a discriminated union: an unknown discriminator is answered with the known ones. Other issues
 * keep zod's own wording.
 */
export function unknownKind(field: string, values: readonly string[]) {
  return (issue: { code?: string; input?: unknown }): string | undefined =>
    issue.code === "invalid_union"
      ? expectedOneOf(values, (issue.input as Record<string, unknown>)[field])
      : undefined;
}

function expectedOneOf(values: readonly string[], got: unknown): string {
  return `expected one of ${quoted(values)}, got ${got === undefined ? "nothing" : JSON.stringify(got)}`;
}
