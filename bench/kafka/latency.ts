/** How long single records take at a steady rate, through kafkajs. */
import { setTimeout as delay } from "node:timers/promises";
import { Kafka, logLevel, Partitioners } from "kafkajs";
import type { Load } from "./clients.ts";

/** Milliseconds from sending a record until it was acknowledged, and until a consumer had it. */
export interface Latencies {
  readonly acknowledged: readonly number[];
  readonly consumed: readonly number[];
}

/** Sends the records of `load`, one a send, so many a second, to a consumer of the same process. */
export async function measureLatencies(load: Load, recordsPerSecond: number): Promise<Latencies> {
  const { brokers, topic, records, recordBytes } = load;
  const kafka = new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING });
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  const consumer = kafka.consumer({ groupId: topic, maxWaitTimeInMs: 500 });
  await Promise.all([producer.connect(), consumer.connect()]);
  await consumer.subscribe({ topic, fromBeginning: true });
  const acknowledged: number[] = [];
  const consumed: number[] = [];
  const joined = new Promise<void>((resolve) => {
    consumer.on(consumer.events.GROUP_JOIN, () => resolve());
  });
  const allConsumed = new Promise<void>((resolve) => {
    void consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch }) => {
        const now = performance.now();
        for (const { value } of batch.messages) consumed.push(now - value!.readDoubleBE(0));
        if (consumed.length >= records) resolve();
      },
    });
  });
  await joined;
  const sends: Promise<unknown>[] = [];
  const started = performance.now();
  for (let i = 0; i < records; i++) {
    const wait = started + (i * 1000) / recordsPerSecond - performance.now();
    if (wait > 0) await delay(wait);
    const value = Buffer.alloc(recordBytes);
    const sent = performance.now();
    value.writeDoubleBE(sent, 0);
    const done = () => acknowledged.push(performance.now() - sent);
    sends.push(producer.send({ topic, messages: [{ value }] }).then(done));
  }
  await Promise.all([...sends, allConsumed]);
  await Promise.all([producer.disconnect(), consumer.disconnect()]);
  return { acknowledged, consumed };
}

/** The value that a `share` (0–1) of all lies at or below. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)]!;
}
