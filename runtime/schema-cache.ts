/** Writers' schemas by their id: asked for once and kept for ever, since an id never changes its meaning. */
import avro from "avsc";
import { describeError } from "./kafka.ts";
import { type Registry, RegistryError } from "./registry-client.ts";

export interface WriterSchema {
  readonly id: number;
  /** Null for one that is no Avro schema that can be used; `reason` says why. */
  readonly type: avro.Type | null;
  readonly reason: string | null;
  /** Of the subject that it was looked up for; null where the registry does not tell. */
  readonly version: number | null;
}

export interface SchemaCache {
  /** What is known of an id: null for one that the registry does not know, undefined for one to be fetched. */
  get(id: number): WriterSchema | null | undefined;
  /** Resolves when all are known. Rejects when the registry cannot be asked. */
  fetch(ids: Iterable<number>, subject: string): Promise<void>;
}

/** How long a registry's "there is none" or "not that one" counts: a schema may be registered any moment. */
const UNKNOWN_MS = 5_000;
const MOST_UNKNOWN = 10_000;

/** `now`: ms since 1970. */
export function createSchemaCache(registry: Registry, now: () => number): SchemaCache {
  const known = new Map<number, WriterSchema>();
  const unknown = new Map<number, { readonly until: number; readonly schema: WriterSchema | null }>();
  const asked = new Map<number, Promise<void>>();

  const isUnknown = (id: number): boolean => (unknown.get(id)?.until ?? 0) > now();

  const versionOf = async (id: number, subject: string): Promise<number | null> => {
    try {
      return (await registry.versionsOf(id)).find((one) => one.subject === subject)?.version ?? null;
    } catch {
      return null; // for people only: the id is enough to decode
    }
  };

  const ask = async (id: number, subject: string): Promise<void> => {
    let refusal: WriterSchema | null = null;
    try {
      const found = await registry.schema(id);
      if (found) {
        known.set(id, { id, ...parseWriter(found), version: await versionOf(id, subject) });
        return;
      }
    } catch (error) {
      if (!isRefusal(error)) throw error;
      await registry.subjects(); // rejects where it is the registry that is not there, and not the schema
      refusal = { id, type: null, reason: error.message, version: null };
    }
    if (unknown.size >= MOST_UNKNOWN) unknown.clear();
    unknown.set(id, { until: now() + UNKNOWN_MS, schema: refusal });
  };

  const askOnce = (id: number, subject: string): Promise<void> => {
    const running = asked.get(id) ?? ask(id, subject).finally(() => asked.delete(id));
    asked.set(id, running);
    return running;
  };

  return {
    get: (id) => known.get(id) ?? (isUnknown(id) ? unknown.get(id)!.schema : undefined),
    async fetch(ids, subject) {
      for (const id of ids) if (!known.has(id) && !isUnknown(id)) await askOnce(id, subject);
    },
  };
}

/** Those that another login, or another moment, would not get. */
const NOT_NOW = [401, 403, 407, 408, 425, 429];

/** Whether a registry says no to what it is asked for, which it would do for ever. */
const isRefusal = (error: unknown): error is RegistryError =>
  error instanceof RegistryError &&
  error.status >= 400 &&
  error.status < 500 &&
  !NOT_NOW.includes(error.status);

function parseWriter({ schema, schemaType = "AVRO" }: { schema: string; schemaType?: string }) {
  if (schemaType !== "AVRO")
    return { type: null, reason: `expected an Avro schema, got one of ${schemaType}` };
  try {
    return { type: parseAvro(schema), reason: null };
  } catch (error) {
    return {
      type: null,
      reason: `expected an Avro schema, got one that avsc refuses: ${describeError(error)}`,
    };
  }
}

/** Unions stand wrapped: that way each has one form only, whatever its branches. */
export function parseAvro(schema: string): avro.Type {
  const parsed: unknown = JSON.parse(schema);
  return avro.Type.forSchema(parsed as avro.Schema, { wrapUnions: true });
}
