/** The newest record of a topic. */
import { createRoute, z } from "@hono/zod-openapi";
import type { ReadView } from "../../runtime/view.ts";
import type { Api } from "./api.ts";
import { message, spliced, toMessageJson } from "./message.ts";
import { requireTopic, topicParams } from "./parameters.ts";
import { problems } from "./problem.ts";
import { isoNow, isoTime } from "./time.ts";

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

export function addLatest(api: Api, view: ReadView): void {
  api.openapi(latestRoute, async (c) => {
    const { topic } = c.req.valid("param");
    requireTopic(view, topic);
    const newest = await view.latest(topic);
    return spliced(c, { topic, timestamp: isoNow() }, "message", newest ? toMessageJson(newest) : "null");
  });
}
