/** Whether a schema may follow those before it, by compatibility level. */
import { InvalidSchema } from "./invalid-schema.ts";
import { resolveReferences } from "./references.ts";
import { type ParsedSchema, parseSchema, readProblems } from "./schema-format.ts";
import type { Level } from "./settings.ts";
import type { RegistryState } from "./state.ts";
import type { StoredSchema } from "./stored-records.ts";

/**
 * Why `schema` may not follow `before` (versions rising), as lines for people; empty: it may. A level that is not
 * transitive looks at the last one only.
 */
export function problemsWith(
  state: RegistryState,
  schema: ParsedSchema,
  before: readonly StoredSchema[],
  level: Level,
): readonly string[] {
  if (level === "NONE") return [];
  const against = level.endsWith("_TRANSITIVE") ? [...before].reverse() : before.slice(-1);
  const backward = level.startsWith("BACKWARD") || level.startsWith("FULL");
  const forward = level.startsWith("FORWARD") || level.startsWith("FULL");
  for (const stored of against) {
    const problems = problemsWithOne(state, schema, stored, backward, forward);
    if (problems.length === 0) continue;
    return [
      ...problems,
      `{oldSchemaVersion: ${stored.version}}`,
      `{oldSchema: '${stored.schema}'}`,
      `{compatibility: '${level}'}`,
    ];
  }
  return [];
}

function problemsWithOne(
  state: RegistryState,
  schema: ParsedSchema,
  stored: StoredSchema,
  backward: boolean,
  forward: boolean,
): readonly string[] {
  const type = stored.schemaType ?? "AVRO";
  let old: ParsedSchema;
  try {
    const references = resolveReferences(state, stored.references ?? [], true);
    old = parseSchema({ type, text: stored.schema, references }, false);
  } catch (error) {
    if (!(error instanceof InvalidSchema)) throw error;
    return [`{errorType:'INVALID_OLD_SCHEMA', description:'${error.message}'}`];
  }
  return [
    ...(backward ? readProblems(schema, old).map((problem) => toLine(problem, "new", "old")) : []),
    ...(forward ? readProblems(old, schema).map((problem) => toLine(problem, "old", "new")) : []),
  ];
}

function toLine(
  { type, path, text }: { type: string; path: string; text: string },
  reader: string,
  writer: string,
): string {
  const told = text
    .replaceAll("the reader's", `the ${reader} schema's`)
    .replaceAll("the writer's", `the ${writer} schema's`);
  return `{errorType:'${type}', description:'${told}', path: '${path}', reader: '${reader} schema'}`;
}
