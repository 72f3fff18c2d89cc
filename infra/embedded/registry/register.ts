/** Registering a schema, and looking one up. */
import { ApiError, idDoesNotMatch, invalidSchema, notPermitted, schemaNotFound } from "./api-error.ts";
import { problemsWith } from "./compatibility.ts";
import { InvalidSchema } from "./invalid-schema.ts";
import { allSchemas, requireVersions, versionsOf, withId } from "./queries.ts";
import { resolveReferences } from "./references.ts";
import { type ParsedSchema, parseSchema } from "./schema-format.ts";
import { levelOf, modeOf, normalizes } from "./settings.ts";
import type { RegistryState } from "./state.ts";
import type { Reference, StoredSchema, WrittenRecord } from "./stored-records.ts";

export interface SchemaRequest {
  readonly schema: string;
  readonly schemaType: string;
  readonly references: readonly Reference[];
  /** Both only for what is imported. Null: the registry chooses. */
  readonly id: number | null;
  readonly version: number | null;
}

/** What is to be written, and the answer once it is. */
export interface Decision<T> {
  readonly write: readonly WrittenRecord[];
  readonly answer: T;
}

/** Throws ApiError 42201. */
export function parseRequest(
  state: RegistryState,
  subject: string,
  request: SchemaRequest,
  normalize: boolean,
): ParsedSchema {
  try {
    const references = resolveReferences(state, request.references, false);
    const source = { type: request.schemaType, text: request.schema, references };
    return parseSchema(source, normalize || normalizes(state, subject));
  } catch (error) {
    if (error instanceof InvalidSchema) throw invalidSchema(`Invalid schema: ${error.message}`);
    throw error;
  }
}

const sortedReferences = (references: readonly Reference[]): string =>
  JSON.stringify(references.map(({ name, subject, version }) => [name, subject, version]).sort());

function isSame(stored: StoredSchema, parsed: ParsedSchema, references: readonly Reference[]): boolean {
  return (
    stored.schema === parsed.text &&
    (stored.schemaType ?? "AVRO") === parsed.type &&
    sortedReferences(stored.references ?? []) === sortedReferences(references)
  );
}

/** Throws ApiError: 40401 without such a subject, 40403 without that schema in it. */
export function lookup(
  state: RegistryState,
  subject: string,
  request: SchemaRequest,
  options: { readonly normalize: boolean; readonly deleted: boolean },
): StoredSchema {
  const versions = requireVersions(state, subject, options.deleted);
  const references = withNumbers(state, request.references);
  const parsed = parseRequest(state, subject, { ...request, references }, options.normalize);
  const found = versions.findLast((stored) => isSame(stored, parsed, references));
  if (!found) throw schemaNotFound();
  return found;
}

/** The same schema keeps its id, in every subject, and its version in this one. Throws ApiError. */
export function decideRegister(
  state: RegistryState,
  subject: string,
  request: SchemaRequest,
  normalize: boolean,
): Decision<{ readonly id: number }> {
  requireWritable(state, subject, request);
  const references = withNumbers(state, request.references);
  const parsed = parseRequest(state, subject, { ...request, references }, normalize);
  const same = allSchemas(state, true).filter((stored) => isSame(stored, parsed, references));
  const versions = versionsOf(state, subject);
  const here = same.find((stored) => stored.subject === subject && !stored.deleted);
  if (here && (request.id === null || request.id === here.id)) {
    return { write: [], answer: { id: here.id } };
  }
  if (request.id === null) {
    const problems = problemsWith(state, parsed, versions, levelOf(state, subject));
    if (problems.length > 0) {
      throw new ApiError(
        409,
        `Schema being registered is incompatible with an earlier schema for subject "${subject}", details: [${problems.join(", ")}]`,
      );
    }
  }
  const id = request.id ?? same[0]?.id ?? state.maxId + 1;
  const taken = withId(state, id)[0];
  if (taken && !isSame(taken, parsed, references)) {
    throw idDoesNotMatch(`Overwrite new schema with id ${id} is not permitted.`);
  }
  const next = (versionsOf(state, subject, true).at(-1)?.version ?? 0) + 1;
  const version = request.version ?? next;
  if (request.id === null && version !== next) {
    throw invalidSchema(`Expected version ${next}, one more than the last, got ${version}`);
  }
  const value: StoredSchema = {
    subject,
    version,
    id,
    ...(parsed.type !== "AVRO" && { schemaType: parsed.type }),
    ...(references.length > 0 && { references: [...references] }),
    schema: parsed.text,
    deleted: false,
  };
  return { write: [{ type: "schema", subject, version, value }], answer: { id } };
}

/** A reference to version -1 is one to the latest as it is now. */
function withNumbers(state: RegistryState, references: readonly Reference[]): readonly Reference[] {
  return references.map((reference) =>
    reference.version === -1
      ? { ...reference, version: versionsOf(state, reference.subject).at(-1)?.version ?? -1 }
      : reference,
  );
}

function requireWritable(state: RegistryState, subject: string, { id }: SchemaRequest): void {
  const mode = modeOf(state, subject);
  if (mode === "READONLY" || mode === "READONLY_OVERRIDE") {
    throw notPermitted(`Subject ${subject} is in read-only mode`);
  }
  if (id !== null && mode !== "IMPORT") throw notPermitted(`Subject ${subject} is not in import mode`);
  if (id === null && mode === "IMPORT") throw notPermitted(`Subject ${subject} is in import mode`);
}
