/**
 * Records of `_schemas`, as Confluent's registry writes them. Keys: {"keytype":"SCHEMA","subject","version","magic":1},
 * CONFIG and MODE (subject null: global), DELETE_SUBJECT, CLEAR_SUBJECT, NOOP (magic 0). A null value deletes the key.
 */
import { z } from "zod";

const referenceSchema = z.object({ name: z.string(), subject: z.string(), version: z.int() });
export type Reference = z.output<typeof referenceSchema>;

/** What it does not know (metadata, rules) is kept, so that a version is deleted without losing it. */
const schemaValue = z.looseObject({
  subject: z.string(),
  version: z.int(),
  id: z.int(),
  schemaType: z.string().nullish(),
  references: z.array(referenceSchema).nullish(),
  schema: z.string(),
  deleted: z.boolean().default(false),
});
export type StoredSchema = z.output<typeof schemaValue>;

const configValue = z.looseObject({
  compatibilityLevel: z.string().nullish(),
  normalize: z.boolean().nullish(),
});
export type StoredConfig = z.output<typeof configValue>;

const keySchema = z.discriminatedUnion("keytype", [
  z.looseObject({ keytype: z.literal("SCHEMA"), subject: z.string(), version: z.int() }),
  z.looseObject({ keytype: z.literal("CONFIG"), subject: z.string().nullish() }),
  z.looseObject({ keytype: z.literal("MODE"), subject: z.string().nullish() }),
  z.looseObject({ keytype: z.literal("DELETE_SUBJECT"), subject: z.string() }),
  z.looseObject({ keytype: z.literal("CLEAR_SUBJECT"), subject: z.string() }),
]);
const ignoredKey = z.looseObject({ keytype: z.string() });

const deleteValue = z.looseObject({ version: z.int() });
const modeValue = z.looseObject({ mode: z.string() });

export type RegistryRecord =
  | {
      readonly type: "schema";
      readonly subject: string;
      readonly version: number;
      readonly value: StoredSchema | null;
    }
  | { readonly type: "config"; readonly subject: string | null; readonly value: StoredConfig | null }
  | { readonly type: "mode"; readonly subject: string | null; readonly mode: string | null }
  /** All versions up to this one are deleted (softly). */
  | { readonly type: "delete-subject"; readonly subject: string; readonly version: number }
  /** What is deleted softly is gone. */
  | { readonly type: "clear-subject"; readonly subject: string }
  | { readonly type: "ignored"; readonly keytype: string };

/** Throws an error that says what is wrong with the record. */
export function fromStored(key: string | null, value: string | null): RegistryRecord {
  const json: unknown = JSON.parse(key ?? "null");
  const known = keySchema.safeParse(json);
  if (!known.success) {
    const { keytype } = ignoredKey.parse(json);
    if (keySchema.options.some(({ shape }) => shape.keytype.value === keytype)) throw known.error;
    return { type: "ignored", keytype };
  }
  const { data } = known;
  const content: unknown = value === null ? null : JSON.parse(value);
  const read = <T>(schema: z.ZodType<T>): T | null => (content === null ? null : schema.parse(content));
  switch (data.keytype) {
    case "SCHEMA":
      return { type: "schema", subject: data.subject, version: data.version, value: read(schemaValue) };
    case "CONFIG":
      return { type: "config", subject: data.subject ?? null, value: read(configValue) };
    case "MODE":
      return { type: "mode", subject: data.subject ?? null, mode: read(modeValue)?.mode ?? null };
    case "DELETE_SUBJECT": {
      const deleted = read(deleteValue);
      if (!deleted) return { type: "ignored", keytype: data.keytype };
      return { type: "delete-subject", subject: data.subject, version: deleted.version };
    }
    case "CLEAR_SUBJECT":
      return { type: "clear-subject", subject: data.subject };
  }
}

export interface KeyValue {
  readonly key: string;
  readonly value: string | null;
}

type Written = Exclude<RegistryRecord, { type: "ignored" | "clear-subject" }>;

/** The record to write for what is to be. */
export function toStored(record: Written): KeyValue {
  const { subject } = record;
  const stored = (key: object, value: object | null): KeyValue => ({
    key: JSON.stringify(key),
    value: value && JSON.stringify(value),
  });
  switch (record.type) {
    case "schema":
      return stored({ keytype: "SCHEMA", subject, version: record.version, magic: 1 }, record.value);
    case "config":
      return stored({ keytype: "CONFIG", subject, magic: 0 }, record.value);
    case "mode":
      return stored(
        { keytype: "MODE", subject, magic: 0 },
        record.mode === null ? null : { mode: record.mode },
      );
    case "delete-subject":
      return stored({ keytype: "DELETE_SUBJECT", subject, magic: 0 }, { subject, version: record.version });
  }
}

export type { Written as WrittenRecord };
