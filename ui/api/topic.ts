/** One topic: its configuration, who writes and reads it, the schema of its values. */
import { createRoute, z } from "@hono/zod-openapi";
import type { ConfigEntry } from "../../runtime/admin-view.ts";
import type { Api, ApiDeps } from "./api.ts";
import { requireTopic, topicParams } from "./parameters.ts";
import { problems } from "./problem.ts";
import { isoNow, isoTime } from "./time.ts";
import { topic, toTopic } from "./topics.ts";

export const configEntry = z
  .object({
    name: z.string(),
    value: z.string().nullable().openapi({ description: "Null, or `[redacted]`, for a secret" }),
    is_default: z.boolean().openapi({ description: "For a topic: not set on the topic itself" }),
    is_sensitive: z.boolean(),
  })
  .openapi("ConfigEntry");

export const toConfigEntry = (entry: ConfigEntry): z.output<typeof configEntry> => ({
  name: entry.name,
  value: entry.value,
  is_default: entry.isDefault,
  is_sensitive: entry.isSensitive,
});

const topicRoute = createRoute({
  method: "get",
  path: "/api/topics/{topic}",
  summary: "One topic: configuration, writers and readers",
  request: { params: topicParams },
  responses: {
    200: {
      description: "The topic",
      content: {
        "application/json": {
          schema: topic.extend({
            config: z.array(configEntry),
            producers: z.array(z.string()).openapi({ description: "Functions that write to it" }),
            consumers: z.array(z.object({ function: z.string(), group: z.string() })),
            timestamp: isoTime,
          }),
        },
      },
    },
    ...problems(400, 404, 503),
  },
});

const schemaRoute = createRoute({
  method: "get",
  path: "/api/topics/{topic}/schema",
  summary: "What the topic's values look like",
  request: { params: topicParams },
  responses: {
    200: {
      description: "Both null for a topic without a definition",
      content: {
        "application/json": {
          schema: z.object({
            json_schema: z.looseObject({}).nullable().openapi({ description: "JSON Schema 2020-12" }),
            sample: z.unknown().openapi({ description: "A value that it accepts; null where none is known" }),
          }),
        },
      },
    },
    ...problems(400, 404, 503),
  },
});

export function addTopic(api: Api, { view, admin }: ApiDeps): void {
  api.openapi(topicRoute, async (c) => {
    const found = requireTopic(view, c.req.valid("param").topic);
    const { config, producers, consumers } = await admin.topicDetail(found.name);
    return c.json(
      {
        ...toTopic(found),
        config: config.map(toConfigEntry),
        producers: [...producers],
        consumers: [...consumers],
        timestamp: isoNow(),
      },
      200,
    );
  });
  api.openapi(schemaRoute, (c) => {
    const { name } = requireTopic(view, c.req.valid("param").topic);
    const { jsonSchema, sample } = admin.topicSchema(name);
    return c.json({ json_schema: jsonSchema, sample }, 200);
  });
}
