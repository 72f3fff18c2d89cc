/** The newest records of a topic. */
import { createRoute, z } from "@hono/zod-openapi";
import type { ReadView } from "../../runtime/view.ts";
import type { Api } from "./api.ts";
import { message, spliced, toMessageJson } from "./message.ts";
import { DEFAULT_LIMIT, limitQuery, requireTopic, topicParams, unknown } from "./parameters.ts";
import { problems } from "./problem.ts";
import { isoNow, isoTime } from "./time.ts";

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
            messages: z.array(message),
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
          schema: z.object({ topic: z.string(), timestamp: isoTime, message: message.nullable() }),
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
    return spliced(c, fields, "messages", `[${records.map(toMessageJson).join(",")}]`);
  });

  api.openapi(latestRoute, async (c) => {
    const { topic } = c.req.valid("param");
    requireTopic(view, topic);
    const newest = await view.latest(topic);
    return spliced(c, { topic, timestamp: isoNow() }, "message", newest ? toMessageJson(newest) : "null");
  });
}
