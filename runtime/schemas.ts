/** What a schema registry knows of the topics' definitions, and whether a changed one can be followed by its readers. */

import type { Type } from "avsc";
import { loadAvro, MissingReferenceError, parseAvro } from "./avro-references.ts";
import { toAvroForm } from "./avro-schema.ts";
import { subjectOf } from "./avro-serde.ts";
import type { Topic } from "./define.ts";
import type { LoadedFunction } from "./invoke.ts";
import { describeError } from "./kafka.ts";
import { type RegisteredSchema, type Registry, RegistryError } from "./registry-client.ts";

/** A definition beside the newest version of its subject. */
export interface SchemaCheck {
  readonly topic: string;
  readonly subject: string;
  /** new: the registry has no version. breaking: to be registered, but not to be followed by all who read. */
  readonly result: "new" | "unchanged" | "compatible" | "breaking" | "refused";
  /** The version that it was held against; null where there is none. */
  readonly version: number | null;
  /** Functions that read the topic. */
  readonly consumers: readonly string[];
  /** What breaks, and whom. */
  readonly problems: readonly string[];
}

export interface Registration {
  readonly topic: string;
  readonly subject: string;
  readonly result: "registered" | "unchanged" | "refused";
  readonly id: number | null;
  /** Why it was refused. */
  readonly reason: string | null;
}

/** A topic's schema as text. Throws NoAvroFormError for a definition that Avro cannot say. */
export const schemaTextOf = (topic: Topic): string => JSON.stringify(toAvroForm(topic).schema);

/** Requests that a registry gets at a time. */
const AT_ONCE = 16;

/** The newest version of each subject, by name. */
export async function listSchemas(registry: Registry): Promise<readonly RegisteredSchema[]> {
  const subjects = [...(await registry.subjects())].sort();
  const found: (RegisteredSchema | null)[] = [];
  for (let i = 0; i < subjects.length; i += AT_ONCE) {
    const some = subjects.slice(i, i + AT_ONCE);
    found.push(...(await Promise.all(some.map((subject) => registry.version(subject, "latest")))));
  }
  return found.filter((latest) => latest !== null); // else it was deleted just now
}

/** Changes nothing. `functions`: all that may read the topic. */
export async function checkSchema(
  registry: Registry,
  topic: Topic,
  functions: readonly LoadedFunction[],
): Promise<SchemaCheck> {
  const subject = subjectOf(topic.name);
  const text = schemaTextOf(topic);
  const consumers = functions
    .filter(({ definition }) => definition.kind === "consumer" && definition.topic.name === topic.name)
    .map(({ name }) => name);
  const latest = await registry.version(subject, "latest");
  const about = { topic: topic.name, subject, version: latest?.version ?? null, consumers, problems: [] };
  if (!latest) return { ...about, result: "new" };
  if ((await registry.lookup(subject, text))?.id === latest.id) return { ...about, result: "unchanged" };
  const answer = await registry.check(subject, text);
  if (answer && !answer.isCompatible) {
    const reasons = answer.messages.length > 0 ? answer.messages : ["no reason given"];
    return { ...about, result: "refused", problems: reasons.map((one) => `the registry refuses it: ${one}`) };
  }
  const problems = await breaksOf(registry, subject, latest.version, text, consumers);
  return { ...about, result: problems.length > 0 ? "breaking" : "compatible", problems };
}

/** Registries that allow changes in one direction, or beside the latest version only, let others pass. */
async function breaksOf(
  registry: Registry,
  subject: string,
  latest: number,
  text: string,
  consumers: readonly string[],
): Promise<readonly string[]> {
  const who = consumers.join(", ") || "whoever reads it";
  const newer = parseAvro(text);
  const problems: string[] = [];
  for (const version of (await registry.versions(subject)).toSorted((a, b) => b - a)) {
    const older = await typeOf(registry, subject, version);
    if (older === null) continue;
    const stored = "reason" in older ? older.reason : whyNot(newer, older.type);
    const running = "reason" in older || version !== latest ? null : whyNot(older.type, newer);
    if (running !== null)
      problems.push(
        `${who} of version ${version} cannot read what it writes: deploy consumers first (${running})`,
      );
    if (stored !== null)
      problems.push(`${who} cannot read records of version ${version} any more (${stored})`);
  }
  return problems;
}

/** Why a reader cannot read what a writer writes, or null. */
function whyNot(reader: Type, writer: Type): string | null {
  try {
    reader.createResolver(writer, { ignoreNamespaces: true });
    return null;
  } catch (error) {
    return describeError(error);
  }
}

/** Null for a version that is not there any more, and for one that is not Avro. */
async function typeOf(
  registry: Registry,
  subject: string,
  version: number,
): Promise<{ readonly type: Type } | { readonly reason: string } | null> {
  const found = await registry.version(subject, version);
  if (!found || (found.schemaType ?? "AVRO") !== "AVRO") return null;
  try {
    const loaded = await loadAvro(registry, found);
    return "type" in loaded ? loaded : { reason: describeError(loaded.reason) };
  } catch (error) {
    if (error instanceof MissingReferenceError) return { reason: error.message };
    throw error;
  }
}

/** Rejects when the registry cannot be asked; what it refuses is told. */
export async function registerSchema(registry: Registry, topic: Topic): Promise<Registration> {
  const subject = subjectOf(topic.name);
  const about = { topic: topic.name, subject, reason: null };
  const text = schemaTextOf(topic);
  const known = await registry.lookup(subject, text);
  if (known) return { ...about, result: "unchanged", id: known.id };
  try {
    return { ...about, result: "registered", id: await registry.register(subject, text) };
  } catch (error) {
    if (!(error instanceof RegistryError && (error.status === 409 || error.status === 422))) throw error;
    return { ...about, result: "refused", id: null, reason: error.message };
  }
}
