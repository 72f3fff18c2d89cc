/** What routes read of a request. Throws ApiError for what is wrong with it. */
import type { Context } from "hono";
import { z } from "zod";
import { ApiError, invalidSchema, invalidSubject } from "../api-error.ts";
import { InvalidSchema } from "../invalid-schema.ts";
import { parseJson } from "../json-text.ts";
import type { SchemaRequest } from "../register.ts";

/** A schema becomes one record, which Kafka takes up to 1 MiB. */
const MAX_BODY_BYTES = 1024 * 1024;
const MEDIA_TYPES = [
  "application/vnd.schemaregistry.v1+json",
  "application/vnd.schemaregistry+json",
  "application/json",
  "application/octet-stream",
];

/** The body as JSON. Other media types are refused, so that no web page can send one without being asked first. */
export async function readJson<T>(c: Context, schema: z.ZodType<T>): Promise<T> {
  const type = c.req.header("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type === undefined || !MEDIA_TYPES.includes(type)) {
    throw new ApiError(
      415,
      `HTTP 415 Unsupported Media Type: expected ${MEDIA_TYPES[0]}, got ${type ?? "none"}`,
    );
  }
  let json: unknown;
  try {
    json = parseJson(await readText(c));
  } catch (error) {
    if (error instanceof InvalidSchema) throw new ApiError(400, `The body: ${error.message}`);
    throw error;
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  throw new ApiError(422, path.length > 0 ? `${path.join(".")}: ${message}` : message);
}

/** Stops reading at the limit, whatever length the client has told. */
async function readText(c: Context): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of c.req.raw.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BODY_BYTES) throw new ApiError(413, `Expected a body of at most ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** The subject in the path. Contexts are not served, and control characters are in no name. */
export function subjectOf(c: Context): string {
  const subject = c.req.param("subject") ?? "";
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(subject)) {
    throw invalidSubject(JSON.stringify(subject).slice(1, -1), "control characters are in no subject");
  }
  if (subject === "" || subject === "__GLOBAL" || subject === "__EMPTY") {
    throw invalidSubject(subject, "that name is taken");
  }
  if (subject.startsWith(":.")) throw invalidSubject(subject, "contexts are not supported");
  return subject;
}

/** `?name=true`; anything else is false. */
export const flag = (c: Context, name: string): boolean => c.req.query(name)?.toLowerCase() === "true";

/** The integer in the path, also one that is no schema's. Other text is no such place. */
export function idOf(c: Context): number {
  const text = c.req.param("id") ?? "";
  if (!/^-?\d+$/.test(text)) throw new ApiError(404, "HTTP 404 Not Found");
  return Number(text);
}

const reference = z.strictObject({ name: z.string(), subject: z.string(), version: z.int() });

const schemaBody = z.looseObject({
  schema: z.string().nullish(),
  schemaType: z.string().nullish(),
  references: z.array(reference).nullish(),
  id: z.int().nullish(),
  version: z.int().nullish(),
  metadata: z.null("expected none: metadata are not supported").optional(),
  ruleSet: z.null("expected none: rules are not supported").optional(),
});

/** A schema as clients send it. Ids and versions that are not above 0 stand for none. */
export async function readSchema(c: Context): Promise<SchemaRequest> {
  const { schema, schemaType, references, id, version } = await readJson(c, schemaBody);
  if (schema === undefined || schema === null || schema.trim() === "") throw invalidSchema("Empty schema");
  return {
    schema,
    schemaType: schemaType?.toUpperCase() ?? "AVRO",
    references: references ?? [],
    id: id && id > 0 ? id : null,
    version: version && version > 0 ? version : null,
  };
}
