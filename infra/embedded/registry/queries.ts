/** What can be asked of the registry's state. */
import { invalidVersion, subjectNotFound, versionNotFound } from "./api-error.ts";
import type { RegistryState } from "./state.ts";
import type { StoredSchema } from "./stored-records.ts";

/** Versions of a subject, rising; with `deleted` also those softly deleted. */
export function versionsOf(state: RegistryState, subject: string, deleted = false): readonly StoredSchema[] {
  return [...(state.subjects.get(subject)?.values() ?? [])].filter((schema) => deleted || !schema.deleted);
}

/** All schemas in the order of subjects and versions. */
export function allSchemas(state: RegistryState, deleted = false): readonly StoredSchema[] {
  return [...state.subjects.keys()].sort().flatMap((subject) => versionsOf(state, subject, deleted));
}

/** `latest`, -1 or a version's number. Throws ApiError 42202. */
export function parseVersion(text: string): number | "latest" {
  if (text === "latest" || text === "-1") return "latest";
  const version = Number(text);
  if (!/^\d+$/.test(text) || version < 1 || version > 2 ** 31 - 1) throw invalidVersion(text);
  return version;
}

export function findVersion(
  state: RegistryState,
  subject: string,
  version: number | "latest",
  deleted = false,
): StoredSchema | undefined {
  const versions = versionsOf(state, subject, deleted);
  return version === "latest" ? versions.at(-1) : versions.find((schema) => schema.version === version);
}

/** Throws ApiError 40401 or 40402. */
export function requireVersion(
  state: RegistryState,
  subject: string,
  version: number | "latest",
  deleted = false,
): StoredSchema {
  const found = findVersion(state, subject, version, deleted);
  if (found) return found;
  if (version === "latest" || versionsOf(state, subject, deleted).length === 0)
    throw subjectNotFound(subject);
  throw versionNotFound(version);
}

/** Throws ApiError 40401. */
export function requireVersions(
  state: RegistryState,
  subject: string,
  deleted = false,
): readonly StoredSchema[] {
  const versions = versionsOf(state, subject, deleted);
  if (versions.length === 0) throw subjectNotFound(subject);
  return versions;
}

const indexes = new WeakMap<RegistryState, ReadonlyMap<number, readonly StoredSchema[]>>();

/** Made once for a state, when it is first asked for an id: most are replaced before. */
function byIdOf(state: RegistryState): ReadonlyMap<number, readonly StoredSchema[]> {
  const known = indexes.get(state);
  if (known) return known;
  const byId = new Map<number, StoredSchema[]>();
  for (const schema of allSchemas(state, true)) {
    const same = byId.get(schema.id);
    if (same) same.push(schema);
    else byId.set(schema.id, [schema]);
  }
  indexes.set(state, byId);
  return byId;
}

/** Where the schema of this id is, in all subjects, softly deleted ones last. */
export function withId(state: RegistryState, id: number): readonly StoredSchema[] {
  const found = [...(byIdOf(state).get(id) ?? [])];
  return found.sort((a, b) => Number(a.deleted) - Number(b.deleted));
}

/** The schemas in use that refer to this version. */
export function referrersOf(state: RegistryState, subject: string, version: number): readonly StoredSchema[] {
  return allSchemas(state).filter(({ references }) =>
    references?.some((reference) => reference.subject === subject && reference.version === version),
  );
}
