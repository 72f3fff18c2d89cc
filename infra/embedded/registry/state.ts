/** What the registry holds: a fold over the records of `_schemas`. */
import type { RegistryRecord, StoredConfig, StoredSchema } from "./stored-records.ts";

export interface RegistryState {
  /** Subject → version → schema, softly deleted ones among them; versions rising. */
  readonly subjects: ReadonlyMap<string, ReadonlyMap<number, StoredSchema>>;
  /** By subject; null: for all that have none of their own. */
  readonly configs: ReadonlyMap<string | null, StoredConfig>;
  readonly modes: ReadonlyMap<string | null, string>;
  /** The highest schema id ever seen; 0: none. Ids are not given out again while the log still tells of them. */
  readonly maxId: number;
}

export const EMPTY_STATE: RegistryState = {
  subjects: new Map(),
  configs: new Map(),
  modes: new Map(),
  maxId: 0,
};

/** The state after these records. The one before stays as it is. */
export function evolve(state: RegistryState, records: Iterable<RegistryRecord>): RegistryState {
  const subjects = new Map(state.subjects);
  const configs = new Map(state.configs);
  const modes = new Map(state.modes);
  let { maxId } = state;
  const owned = new Set<string>();
  /** The versions of a subject in a map of this call's own. */
  const versionsOf = (subject: string): Map<number, StoredSchema> => {
    if (owned.has(subject)) return subjects.get(subject) as Map<number, StoredSchema>;
    const versions = new Map(subjects.get(subject));
    subjects.set(subject, versions);
    owned.add(subject);
    return versions;
  };
  for (const record of records) {
    switch (record.type) {
      case "schema": {
        const versions = versionsOf(record.subject);
        if (record.value) versions.set(record.version, record.value);
        else versions.delete(record.version);
        maxId = Math.max(maxId, record.value?.id ?? 0);
        break;
      }
      case "delete-subject":
        for (const [version, schema] of versionsOf(record.subject)) {
          if (version <= record.version) {
            versionsOf(record.subject).set(version, { ...schema, deleted: true });
          }
        }
        break;
      case "clear-subject":
        for (const [version, { deleted }] of versionsOf(record.subject)) {
          if (deleted) versionsOf(record.subject).delete(version);
        }
        break;
      case "config":
        if (record.value) configs.set(record.subject, record.value);
        else configs.delete(record.subject);
        break;
      case "mode":
        if (record.mode !== null) modes.set(record.subject, record.mode);
        else modes.delete(record.subject);
        break;
    }
  }
  for (const subject of owned) {
    const versions = subjects.get(subject)!;
    if (versions.size === 0) subjects.delete(subject);
    else subjects.set(subject, new Map([...versions].sort(([a], [b]) => a - b)));
  }
  return { subjects, configs, modes, maxId };
}
