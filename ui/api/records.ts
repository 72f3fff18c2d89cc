/**
 * The newest records of a topic. A value's text goes out as it came, spliced into the answer: parsing and writing
 * it anew would change numbers (2^53+1 would become 2^53).
 */
import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { ReadView, RecordView } from "../../runtime/view.ts";
import type { Api, ApiEnv } from "./api.ts";
import { DEFAULT_LIMIT, limitQuery, requireTopic, topicParams, unknown } from "./parameters.ts";
import { problems } from "./problem.ts";
import { isoNow, isoTime, toIso } from "./time.ts";

const record = z
  .object({
    topic: z.string(),
    partition: z.int(),
    offset: z.string(),
    timestamp: isoTime.nullable(),
    key: z.string().nullable(),
    value: z.unknown().openapi({
      description: "JSON exactly as on the topic; a string where it is not JSON; null for a tombstone",
    }),
    headers: z.record(z.string(), z.string()),
  })
  .openapi("Record");

/** The record as JSON text. */
function toRecordJson(view: RecordView): string {
  const { topic, partition, offset, key, headers, valueText, isJson } = view;
  const head = JSON.stringify({ topic, partition, offset, timestamp: toIso(view.timestamp), key });
  const value = valueText !== null && isJson ? valueText : JSON.stringify(valueText);
  return `${head.slice(0, -1)},"value":${value},"headers":${JSON.stringify(headers)}}`;
}

/** `fields` and one more, `name`, whose value is JSON text already. */
function spliced(c: Context<ApiEnv>, fields: Record<string, unknown>, name: string, json: string): never {
  const body = `${JSON.stringify(fields).slice(0, -1)},"${name}":${json}}`;
  // The types follow what c.json() is given; no type knows what a text holds.
  return c.body(body, 200, { "Content-Type": "application/json" }) as never;
}

const messagesRoute = createRoute({
  method: "get",
  path: "/api/messages/{topic}",
  summary: "The newest records of a topic, oldest first",
  request: { params: topicParams, query: z.object({ limit: limitQuery }) },
  responses: {
    200: {
      description: "The records",
      content: {
        "application/json": {
          schema: z.object({
            topic: z.string(),
            count: z.int(),
            timestamp: isoTime,
            messages: z.array(record),
          }),
        },
      },
    },
    ...problems(400, 404, 503),
  },
});

const latestRoute = createRoute({
  method: "get",
  path: "/api/latest/{topic}",
  summary: "The newest record of a topic",
  request: { params: topicParams },
  responses: {
    200: {
      description: "The record, or null where the topic has none",
      content: {
        "application/json": {
          schema: z.object({ topic: z.string(), timestamp: isoTime, message: record.nullable() }),
        },
      },
    },
    ...problems(400, 404, 503),
  },
});

export function addRecords(api: Api, view: ReadView): void {
  api.openapi(messagesRoute, async (c) => {
    const { topic } = c.req.valid("param");
    requireTopic(view, topic);
    const records = await view.messages(topic, c.req.valid("query").limit ?? DEFAULT_LIMIT);
    if (records === null)
      throw unknown(
        "topic",
        topic,
        view.topics().map((t) => t.name),
      );
    const fields = { topic, count: records.length, timestamp: isoNow() };
    return spliced(c, fields, "messages", `[${records.map(toRecordJson).join(",")}]`);
  });

  api.openapi(latestRoute, async (c) => {
    const { topic } = c.req.valid("param");
    requireTopic(view, topic);
    const newest = await view.latest(topic);
    return spliced(c, { topic, timestamp: isoNow() }, "message", newest ? toRecordJson(newest) : "null");
  });
}
