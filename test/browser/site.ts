/** A platform with something to see: functions that run faster than they would by themselves, dead letters, alerts. */
import { randomUUID } from "node:crypto";
import { CompressionTypes, Kafka, logLevel, type Message, Partitioners } from "kafkajs";
import { type Platform, startPlatform } from "../platform.ts";
import { until } from "../until.ts";

/** All that is rare comes within seconds. */
const BUSY = {
  EVENT_PRODUCER_RATE_PER_SECOND: "10",
  LOG_PRODUCER_RATE_PER_SECOND: "5",
  LOG_PRODUCER_INCIDENT_EVERY_MS: "5000",
  LOG_PRODUCER_INCIDENT_RATE_PER_SECOND: "5",
  METRICS_PRODUCER_SAMPLE_EVERY_MS: "1000",
  METRICS_PRODUCER_ANOMALY_EVERY_MS: "5000",
};

export const PAGES = [
  "/",
  "/topics",
  "/topics/user-events",
  "/topics/user-events?tab=browse",
  "/topics/user-events?tab=produce",
  "/functions",
  "/functions/analytics-consumer",
  "/groups",
  "/groups/analytics-group",
  "/alerts",
  "/dashboards/events",
  "/dashboards/logs",
  "/dashboards/metrics",
  "/dead-letters",
  "/schemas",
  "/broker",
];

export interface Site extends Platform {
  readonly kafka: Kafka;
  createTopic(name: string, partitions?: number): Promise<void>;
  /** Writes records in batches, as they are acknowledged. */
  produce(topic: string, messages: Iterable<Message>): Promise<void>;
  /** Stops the platform and what was opened for it. */
  stop(): Promise<void>;
}

export async function startSite(env: Readonly<Record<string, string>> = BUSY): Promise<Site> {
  const platform = await startPlatform({ env });
  const kafka = new Kafka({
    brokers: platform.brokers.split(","),
    clientId: `browser-test-${randomUUID()}`,
    logLevel: logLevel.NOTHING,
  });
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  return {
    ...platform,
    kafka,
    async createTopic(topic, numPartitions = 1) {
      const admin = kafka.admin();
      await admin.connect();
      await admin.createTopics({ topics: [{ topic, numPartitions, replicationFactor: 1 }] });
      await admin.disconnect();
    },
    async produce(topic, messages) {
      for (const batch of batches(messages, 5000)) {
        await producer.send({ topic, messages: batch, compression: CompressionTypes.GZIP });
      }
    },
    async stop() {
      await producer.disconnect();
      platform.signal("SIGTERM");
      await platform.ended;
    },
  };
}

function* batches<T>(items: Iterable<T>, size: number): Generator<T[]> {
  let batch: T[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** Waits until each page has something to show: alerts of both kinds, dead letters. */
export async function untilBusy(site: Site): Promise<void> {
  await site.untilHealthy();
  await site.produce("user-events", [{ key: "user_1", value: "not what it should be" }]);
  const names = ["user-events", "processed-events", "alerts", "anomalies", "user-events.dlq"];
  await until(
    async () => {
      const { topics } = await site.get<{ topics: { name: string; message_count: number }[] }>("/api/topics");
      return names.every((name) => topics.some((topic) => topic.name === name && topic.message_count > 0));
    },
    `records on ${names.join(", ")}`,
  );
}
