/** Which schemas a schema refers to, directly or through others. */
import { InvalidSchema, step } from "./invalid-schema.ts";
import { findVersion } from "./queries.ts";
import type { Referenced } from "./schema-format.ts";
import type { RegistryState } from "./state.ts";
import type { Reference } from "./stored-records.ts";

const MAX_REFERENCED = 1_000;

/**
 * Each schema once, after those it needs. With `deleted` also softly deleted ones: what is there may need them, a new
 * schema may not. Throws InvalidSchema for one that is missing or needs itself.
 */
export function resolveReferences(
  state: RegistryState,
  references: readonly Reference[],
  deleted: boolean,
): readonly Referenced[] {
  const resolved = new Map<string, Referenced>();
  const pending = new Set<string>();
  const resolve = ({ name, subject, version }: Reference, path: string): void => {
    const key = JSON.stringify([subject, version]);
    if (resolved.has(key)) return;
    if (pending.has(key)) throw new InvalidSchema(path, `expected no cycle, got "${name}" inside itself`);
    if (pending.size + resolved.size === MAX_REFERENCED) {
      throw new InvalidSchema(path, `expected at most ${MAX_REFERENCED} schemas that are referred to`);
    }
    const found = findVersion(state, subject, version === -1 ? "latest" : version, deleted);
    if (!found) {
      throw new InvalidSchema(
        path,
        `No schema reference found for subject "${subject}" and version ${version}`,
      );
    }
    pending.add(key);
    for (const inner of found.references ?? []) resolve(inner, path + step(inner.name));
    pending.delete(key);
    resolved.set(key, { name, text: found.schema });
  };
  for (const [i, reference] of references.entries()) resolve(reference, `references/${i}`);
  return [...resolved.values()];
}
