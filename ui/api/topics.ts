/** Topics: what the broker says about them and what the bounded tail has read of them. */
import { createRoute, z } from "@hono/zod-openapi";
import type { ReadView, TopicView } from "../../runtime/view.ts";
import type { Api } from "./api.ts";
import { isoNow, isoTime, toIso } from "./time.ts";

export const topic = z
  .object({
    name: z.string(),
    partitions: z.int().openapi({ description: "How many" }),
    replication_factor: z.int(),
    message_count: z.int().openapi({ description: "Records it holds now: end less start offsets" }),
    recent_messages: z.int().openapi({ description: "Records in the server's bounded tail" }),
    total_consumed: z.int().openapi({ description: "Records that the tail has read since the start" }),
    rate: z.number().openapi({ description: "Records per second written to it" }),
    defined: z
      .boolean()
      .openapi({ description: "Whether a definition in functions/topics stands behind it" }),
    description: z.string().nullable(),
    key: z.string().nullable().openapi({ description: "The field of the value that is the key" }),
    retention_ms: z
      .int()
      .nullable()
      .openapi({ description: "As Kafka has it configured (−1: for ever); null until it is known" }),
    cleanup_policy: z.string().nullable(),
    size_bytes: z.int().nullable().openapi({ description: "Of all partitions, one replica each" }),
    role: z.enum(["input", "derived", "dlq", "other"]).openapi({
      description:
        "By definitions: written by producers or others, by consumers, dead letters, without definition",
    }),
    alerts: z.boolean().openapi({ description: "Whether its definition says that its records are alerts" }),
    unreadable: z
      .string()
      .nullable()
      .openapi({ description: "Why Kafka does not let its records be read; null where it does" }),
    partition_details: z.array(
      z.object({
        partition: z.int(),
        leader: z.int(),
        replicas: z.array(z.int()),
        isr: z.array(z.int()),
        start_offset: z.string(),
        end_offset: z.string(),
        size_bytes: z
          .int()
          .nullable()
          .openapi({ description: "Of the leader's log; null where Kafka does not tell" }),
      }),
    ),
  })
  .openapi("Topic");

export function toTopic(view: TopicView): z.output<typeof topic> {
  return {
    name: view.name,
    partitions: view.partitions.length,
    replication_factor: view.replicationFactor,
    message_count: view.messageCount,
    recent_messages: view.recentCount,
    total_consumed: view.totalConsumed,
    rate: view.rate,
    defined: view.defined,
    description: view.description,
    key: view.key,
    retention_ms: view.retentionMs,
    cleanup_policy: view.cleanupPolicy,
    size_bytes: view.sizeBytes,
    role: view.role,
    alerts: view.alerts,
    unreadable: view.unreadable,
    partition_details: view.partitions.map((p) => ({
      partition: p.partition,
      leader: p.leader,
      replicas: [...p.replicas],
      isr: [...p.isr],
      start_offset: p.startOffset,
      end_offset: p.endOffset,
      size_bytes: p.sizeBytes,
    })),
  };
}

const topicsRoute = createRoute({
  method: "get",
  path: "/api/topics",
  summary: "All topics",
  responses: {
    200: {
      description: "The topics, as the last look at the broker showed them",
      content: {
        "application/json": { schema: z.object({ topics: z.array(topic), timestamp: isoTime }) },
      },
    },
  },
});

const stats = z
  .object({
    total_messages: z.int().openapi({ description: "The sum of `total_consumed`" }),
    total_topics: z.int(),
    topics: z.record(z.string(), z.object({ total_consumed: z.int(), recent_count: z.int() })),
    last_update: isoTime.nullable().openapi({ description: "When the tail last read a record" }),
    timestamp: isoTime,
  })
  .openapi("Stats");

const statsRoute = createRoute({
  method: "get",
  path: "/api/stats",
  summary: "What the tail has read",
  responses: { 200: { description: "Counts", content: { "application/json": { schema: stats } } } },
});

export function addTopics(api: Api, view: ReadView): void {
  api.openapi(topicsRoute, (c) => c.json({ topics: view.topics().map(toTopic), timestamp: isoNow() }, 200));
  api.openapi(statsRoute, (c) => {
    const topics = view.topics();
    return c.json(
      {
        total_messages: topics.reduce((sum, t) => sum + t.totalConsumed, 0),
        total_topics: topics.length,
        // fromEntries defines its properties: a topic called `__proto__` is one like any other.
        topics: Object.fromEntries(
          topics.map((t) => [t.name, { total_consumed: t.totalConsumed, recent_count: t.recentCount }]),
        ),
        last_update: toIso(view.lastUpdate()),
        timestamp: isoNow(),
      },
      200,
    );
  });
}
