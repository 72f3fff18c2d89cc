/** Writes one record to a topic. */
import { createRoute, z } from "@hono/zod-openapi";
import type { Api, ApiDeps } from "./api.ts";
import { bodyOf, checkBody, readJsonText } from "./body.ts";
import { requestedBy } from "./guard.ts";
import { memberText } from "./json-member.ts";
import { requireTopic, topicParams } from "./parameters.ts";
import { Problem, problems } from "./problem.ts";
import { instant } from "./time.ts";

const record = z.strictObject({
  key: z.string().nullish().describe("Left out: the field of the value that is the topic's key"),
  value: z.unknown().describe("Any JSON, written as it stands; null for a tombstone"),
  headers: z.record(z.string(), z.string()).default({}),
  partition: z.int().nonnegative().optional().describe("Left out: chosen by the key"),
  timestamp: instant.optional().describe("ISO 8601 or ms since 1970; left out: now"),
  validate: z.boolean().default(true).describe("Whether the value must be what the topic's schema says"),
});

const produceRoute = createRoute({
  method: "post",
  path: "/api/topics/{topic}/records",
  summary: "Writes one record",
  request: { params: topicParams, headers: requestedBy, body: bodyOf(record, "The record") },
  responses: {
    201: {
      description: "Kafka has it",
      content: {
        "application/json": {
          schema: z.object({ topic: z.string(), partition: z.int(), offset: z.string() }),
        },
      },
    },
    ...problems(400, 403, 404, 413, 415, 422, 503),
  },
});

export function addProduce(api: Api, { view, admin }: ApiDeps): void {
  api.openapi(produceRoute, async (c) => {
    const topic = requireTopic(view, c.req.valid("param").topic);
    const { value: body, text } = await readJsonText(c.req.raw);
    const { key, headers, partition, timestamp, validate } = checkBody(record, body);
    const valueText = memberText(text, "value");
    const last = topic.partitions.length - 1;
    if (partition !== undefined && partition > last) {
      throw new Problem(400, `partition: expected 0–${last}, got ${partition}`);
    }
    const result = await admin.produce({
      topic: topic.name,
      valueText: valueText === "null" ? null : valueText,
      headers,
      validate,
      ...(key !== undefined && { key }),
      ...(partition !== undefined && { partition }),
      ...(timestamp !== undefined && { timestamp }),
    });
    if (result.kind === "refused") throw new Problem(422, result.reason);
    return c.json({ topic: result.topic, partition: result.partition, offset: result.offset }, 201);
  });
}
