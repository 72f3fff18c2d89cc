/** Answers as Confluent's registry gives them. */
import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { StoredSchema } from "../stored-records.ts";

const MEDIA_TYPE = "application/vnd.schemaregistry.v1+json";

export const answer = (c: Context, body: unknown, status: ContentfulStatusCode = 200): Response =>
  c.body(JSON.stringify(body), status, { "content-type": MEDIA_TYPE });

/** A schema's own text. */
export const answerText = (c: Context, text: string): Response =>
  c.body(text, 200, { "content-type": MEDIA_TYPE });

/** `schemaType` is told where it is not Avro, references where there are any. */
export const toContent = ({ schemaType, references, schema }: StoredSchema) => ({
  ...(schemaType && schemaType !== "AVRO" && { schemaType }),
  ...(references && references.length > 0 && { references }),
  schema,
});

export const toVersion = (schema: StoredSchema) => ({
  subject: schema.subject,
  version: schema.version,
  id: schema.id,
  ...toContent(schema),
});
