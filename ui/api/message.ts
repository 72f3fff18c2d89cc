/**
 * A record as the API gives it. A value's text goes out as it came, spliced into the answer: parsing and writing it
 * anew would change numbers (2^53+1 would become 2^53).
 */
import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { RecordView } from "../../runtime/view.ts";
import type { ApiEnv } from "./api.ts";
import { isoTime, toIso } from "./time.ts";

export const message = z
  .object({
    topic: z.string(),
    partition: z.int(),
    offset: z.string(),
    timestamp: isoTime.nullable(),
    key: z.string().nullable(),
    value: z.unknown().openapi({
      description:
        "JSON exactly as on the topic, or decoded from Avro; a string where it is not JSON; null for a tombstone",
    }),
    headers: z.record(z.string(), z.string()),
    key_size: z.int().nullable().openapi({ description: "Bytes" }),
    value_size: z.int().nullable().openapi({ description: "Bytes" }),
    truncated: z.boolean().openapi({
      description:
        "Whether the key, the value (then a string) or a header was cut to its first 16 KiB; " +
        "/api/records has the whole",
    }),
    schema_id: z
      .int()
      .optional()
      .openapi({ description: "Of the schema that an Avro value was written with" }),
    schema_version: z.int().nullable().optional().openapi({ description: "Of the topic's subject" }),
  })
  .openapi("Message");

/** The record as JSON text. It may hold line breaks, as the value on the topic does: between tokens only. */
export function toMessageJson(record: RecordView): string {
  const { topic, partition, offset, key, headers, valueText, isJson } = record;
  const head = JSON.stringify({ topic, partition, offset, timestamp: toIso(record.timestamp), key });
  const value = valueText !== null && isJson ? valueText : JSON.stringify(valueText);
  const tail = JSON.stringify({
    headers,
    key_size: record.keySize,
    value_size: record.valueSize,
    truncated: record.isCut,
    ...(record.schema && { schema_id: record.schema.id, schema_version: record.schema.version }),
  });
  return `${head.slice(0, -1)},"value":${value},${tail.slice(1)}`;
}

/** An answer with `fields` and one more, `name`, whose value is JSON text already. */
export function spliced(
  c: Context<ApiEnv>,
  fields: Record<string, unknown>,
  name: string,
  json: string,
): never {
  const body = `${JSON.stringify(fields).slice(0, -1)},"${name}":${json}}`;
  // The types follow what c.json() is given; no type knows what a text holds.
  return c.body(body, 200, { "Content-Type": "application/json" }) as never;
}
