/** Writers' schemas by their id: asked for once and kept for ever, since an id never changes its meaning. */
import type { Type } from "avsc";
import { loadAvro, MissingReferenceError } from "./avro-references.ts";
import { describeError } from "./kafka.ts";
import { type Registry, RegistryError, type SchemaText } from "./registry-client.ts";

export interface WriterSchema {
  readonly id: number;
  /** Null for one that is no Avro schema that can be used; `reason` says why. */
  readonly type: Type | null;
  readonly reason: string | null;
}

export interface SchemaCache {
  /** What is known of an id: null for one that the registry does not know, undefined for one to be fetched. */
  get(id: number): WriterSchema | null | undefined;
  /** Of that subject; null where it is not known, or the registry does not tell. */
  versionOf(id: number, subject: string): number | null;
  /** Whether there is anything to be fetched of an id. */
  isMissing(id: number, subject: string): boolean;
  /** Resolves when all are known. Rejects when the registry cannot be asked. */
  fetch(ids: Iterable<number>, subject: string): Promise<void>;
}

/** How long a registry's "there is none" or "not that one" counts: a schema may be registered any moment. */
const UNKNOWN_MS = 5_000;
/** How long a version, which is for people only, is not asked for again where it could not be had. */
const NO_VERSION_MS = 60_000;
const MOST_UNKNOWN = 10_000;

/** `now`: ms since 1970. */
export function createSchemaCache(registry: Registry, now: () => number): SchemaCache {
  const known = new Map<number, WriterSchema>();
  const unknown = new Map<number, { readonly until: number; readonly schema: WriterSchema | null }>();
  const versions = new Map<string, { readonly version: number | null; readonly until: number }>();
  const asked = new Map<string, Promise<void>>();

  const isUnknown = (id: number): boolean => (unknown.get(id)?.until ?? 0) > now();
  const hasVersion = (key: string): boolean => (versions.get(key)?.until ?? 0) > now();

  const askVersion = async (id: number, subject: string): Promise<void> => {
    const key = keyOf(id, subject);
    let version: number | null = null;
    try {
      version = (await registry.versionsOf(id)).find((one) => one.subject === subject)?.version ?? null;
    } catch {
      // The id is enough to decode.
    }
    versions.set(key, { version, until: version === null ? now() + NO_VERSION_MS : Infinity });
  };

  const askSchema = async (id: number): Promise<void> => {
    let refusal: WriterSchema | null = null;
    try {
      const found = await registry.schema(id);
      if (found) {
        known.set(id, await toWriter(registry, id, found));
        return;
      }
    } catch (error) {
      if (isRefusal(error))
        await registry.subjects(); // rejects where the registry is away, and not the schema
      else if (!(error instanceof MissingReferenceError)) throw error;
      refusal = { id, type: null, reason: error.message };
    }
    if (unknown.size >= MOST_UNKNOWN) unknown.clear();
    unknown.set(id, { until: now() + UNKNOWN_MS, schema: refusal });
  };

  const ask = async (id: number, subject: string): Promise<void> => {
    if (!known.has(id)) await askSchema(id);
    if (known.has(id)) await askVersion(id, subject);
  };

  const isMissing = (id: number, subject: string): boolean =>
    known.has(id) ? !hasVersion(keyOf(id, subject)) : !isUnknown(id);

  return {
    isMissing,
    get: (id) => known.get(id) ?? (isUnknown(id) ? unknown.get(id)!.schema : undefined),
    versionOf: (id, subject) => versions.get(keyOf(id, subject))?.version ?? null,
    async fetch(ids, subject) {
      for (const id of ids) {
        if (!isMissing(id, subject)) continue;
        const key = keyOf(id, subject);
        const running = asked.get(key) ?? ask(id, subject).finally(() => asked.delete(key));
        asked.set(key, running);
        await running;
      }
    },
  };
}

const keyOf = (id: number, subject: string): string => `${id} ${subject}`;

/** Those that another login, or another moment, would not get. */
const NOT_NOW = [401, 403, 407, 408, 425, 429];

/** Whether a registry says no to what it is asked for, which it would do for ever. */
const isRefusal = (error: unknown): error is RegistryError =>
  error instanceof RegistryError &&
  error.status >= 400 &&
  error.status < 500 &&
  !NOT_NOW.includes(error.status);

async function toWriter(registry: Registry, id: number, found: SchemaText): Promise<WriterSchema> {
  const { schemaType = "AVRO" } = found;
  const unusable = (reason: string): WriterSchema => ({ id, type: null, reason });
  if (schemaType !== "AVRO") return unusable(`expected an Avro schema, got one of ${schemaType}`);
  const loaded = await loadAvro(registry, found);
  return "reason" in loaded
    ? unusable(`expected an Avro schema, got one that avsc refuses: ${describeError(loaded.reason)}`)
    : { id, type: loaded.type, reason: null };
}
