import { nearest } from "../did-you-mean.ts";
import type { LoadedFunction } from "../invoke.ts";
import { UsageError } from "./errors.ts";

/** The function of that name; throws UsageError that names the known ones. */
export function findFunction(functions: readonly LoadedFunction[], name: string): LoadedFunction {
  const found = functions.find((fn) => fn.name === name);
  if (!found)
    throw unknownFunction(
      name,
      functions.map((fn) => fn.name),
    );
  return found;
}

export function unknownFunction(name: string, known: readonly string[]): UsageError {
  const close = nearest(name, known);
  const hint = close === null ? "." : `; did you mean ${close}?`;
  return new UsageError(
    `unknown function ${JSON.stringify(name)}${hint} Known: ${known.join(", ") || "none"}`,
  );
}
