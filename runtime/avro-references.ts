/** Avro schemas as a registry has them: types of their own, and those of the schemas that they refer to. */
import avro from "avsc";
import type { Registry, SchemaText } from "./registry-client.ts";

const MOST_REFERENCED = 1_000;
const MOST_LEVELS = 100;

/** A schema refers to one that cannot be had; `message` says which. */
export class MissingReferenceError extends Error {
  override readonly name = "MissingReferenceError";
}

/** Unions stand wrapped: that way each has one form only, whatever its branches. `known` gains the types it names. */
export function parseAvro(schema: string, known: Record<string, avro.Type> = {}): avro.Type {
  const parsed: unknown = JSON.parse(schema);
  return avro.Type.forSchema(parsed as avro.Schema, { wrapUnions: true, registry: known });
}

/**
 * Asks for what the schema refers to, directly or through others. `reason` is what avsc refuses the schema for. Rejects
 * with MissingReferenceError, and when the registry cannot be asked.
 */
export async function loadAvro(
  registry: Registry,
  { schema, references }: SchemaText,
): Promise<{ readonly type: avro.Type } | { readonly reason: unknown }> {
  const texts = new Map<string, string>();
  const open = new Set<string>();
  const visit = async (of: SchemaText["references"]): Promise<void> => {
    for (const { name, subject, version } of of ?? []) {
      const key = JSON.stringify([subject, version]);
      if (texts.has(key)) continue;
      const refuse = (text: string) => new MissingReferenceError(`its reference "${name}": ${text}`);
      if (open.has(key)) throw refuse("expected no circle, got one that leads to itself");
      if (open.size === MOST_LEVELS) throw refuse(`expected at most ${MOST_LEVELS} levels, got more`);
      if (open.size + texts.size === MOST_REFERENCED)
        throw refuse(`expected at most ${MOST_REFERENCED} schemas that are referred to, got more`);
      const found = await registry.version(subject, version);
      if (!found) throw refuse(`expected version ${version} of ${subject} in the registry, got none`);
      open.add(key);
      await visit(found.references);
      open.delete(key);
      texts.set(key, found.schema); // after those that it needs itself
    }
  };
  await visit(references);
  const known: Record<string, avro.Type> = {};
  try {
    for (const text of texts.values()) parseAvro(text, known);
    return { type: parseAvro(schema, known) };
  } catch (reason) {
    return { reason };
  }
}
