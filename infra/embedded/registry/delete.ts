/** Deleting versions and subjects: first softly (ids and schemas stay readable), then for good. */
import {
  notPermitted,
  referenceExists,
  subjectNotFound,
  subjectNotSoftDeleted,
  subjectSoftDeleted,
  versionNotSoftDeleted,
  versionSoftDeleted,
} from "./api-error.ts";
import { findVersion, referrersOf, requireVersion, versionsOf } from "./queries.ts";
import type { Decision } from "./register.ts";
import { modeOf } from "./settings.ts";
import type { RegistryState } from "./state.ts";
import type { StoredSchema, WrittenRecord } from "./stored-records.ts";

/** Answers the versions deleted. Throws ApiError. */
export function decideDeleteSubject(
  state: RegistryState,
  subject: string,
  permanent: boolean,
): Decision<readonly number[]> {
  requireDeletable(state, subject);
  const all = versionsOf(state, subject, true);
  const active = all.filter(({ deleted }) => !deleted);
  if (all.length === 0) throw subjectNotFound(subject);
  if (permanent && active.length > 0) throw subjectNotSoftDeleted(subject);
  if (!permanent && active.length === 0) throw subjectSoftDeleted(subject);
  const going = permanent ? all : active;
  for (const schema of going) requireUnreferenced(state, schema);
  return {
    write: permanent
      ? going.map(({ version }) => ({ type: "schema", subject, version, value: null }))
      : [{ type: "delete-subject", subject, version: active.at(-1)!.version }, ...settingsOf(state, subject)],
    answer: going.map(({ version }) => version),
  };
}

/** Answers the version deleted. Throws ApiError. */
export function decideDeleteVersion(
  state: RegistryState,
  subject: string,
  version: number | "latest",
  permanent: boolean,
): Decision<number> {
  requireDeletable(state, subject);
  const schema =
    version === "latest"
      ? (findVersion(state, subject, version) ?? requireVersion(state, subject, version, true))
      : requireVersion(state, subject, version, true);
  if (permanent && !schema.deleted) throw versionNotSoftDeleted(subject, schema.version);
  if (!permanent && schema.deleted) throw versionSoftDeleted(subject, schema.version);
  requireUnreferenced(state, schema);
  const value = permanent ? null : { ...schema, deleted: true };
  const isLast = !permanent && versionsOf(state, subject).length === 1;
  return {
    write: [
      { type: "schema", subject, version: schema.version, value },
      ...(isLast ? settingsOf(state, subject) : []),
    ],
    answer: schema.version,
  };
}

/** A subject that is deleted takes its settings with it. */
function settingsOf(state: RegistryState, subject: string): WrittenRecord[] {
  return [
    ...(state.modes.has(subject) ? [{ type: "mode", subject, mode: null } as const] : []),
    ...(state.configs.has(subject) ? [{ type: "config", subject, value: null } as const] : []),
  ];
}

function requireDeletable(state: RegistryState, subject: string): void {
  const mode = modeOf(state, subject);
  if (mode === "READONLY" || mode === "READONLY_OVERRIDE") {
    throw notPermitted(`Subject ${subject} is in read-only mode`);
  }
}

function requireUnreferenced(state: RegistryState, { subject, version }: StoredSchema): void {
  if (referrersOf(state, subject, version).length > 0) throw referenceExists(subject, version);
}
