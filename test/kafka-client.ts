/** Kafka as a stranger to the platform sees it: kafkajs, reading whole topics and writing under faults. */
import { randomUUID } from "node:crypto";
import { type Admin, Kafka, type KafkaMessage, logLevel, Partitioners } from "kafkajs";
import { registerCodecs } from "../runtime/codecs.ts";

registerCodecs();

const createClient = (brokers: string): Kafka =>
  new Kafka({
    brokers: brokers.split(","),
    clientId: "test",
    logLevel: logLevel.NOTHING,
    connectionTimeout: 1_000,
    retry: { initialRetryTime: 50, retries: 5 },
  });

export async function withAdmin<T>(brokers: string, use: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = createClient(brokers).admin();
  await admin.connect();
  try {
    return await use(admin);
  } finally {
    await admin.disconnect();
  }
}

export interface TopicRecord {
  readonly partition: number;
  readonly offset: number;
  readonly key: string | null;
  readonly text: string | null;
  /** The value as it is on the topic. */
  readonly bytes: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
}

/** A record's value as JSON. */
export const jsonOf = <T>(record: TopicRecord): T => JSON.parse(record.text!) as T;

/** All that a topic holds now, by partition and offset. */
export async function readTopic(brokers: string, topic: string): Promise<TopicRecord[]> {
  const ends = await withAdmin(brokers, (admin) => admin.fetchTopicOffsets(topic));
  const missing = new Map(
    ends.filter(({ low, high }) => high !== low).map(({ partition, high }) => [partition, Number(high)]),
  );
  const found: TopicRecord[] = [];
  if (missing.size === 0) return found;
  const groupId = `test-${randomUUID()}`;
  const consumer = createClient(brokers).consumer({ groupId, maxWaitTimeInMs: 50 });
  try {
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
      consumer
        .run({
          autoCommit: false,
          eachBatch: async ({ batch }) => {
            found.push(...batch.messages.map((message) => toRecord(batch.partition, message)));
            if (Number(batch.lastOffset()) + 1 >= (missing.get(batch.partition) ?? 0))
              missing.delete(batch.partition);
            if (missing.size === 0) resolve();
          },
        })
        .catch(reject);
    });
  } finally {
    await consumer.disconnect();
  }
  await withAdmin(brokers, (admin) => admin.deleteGroups([groupId]));
  return found.sort((a, b) => a.partition - b.partition || a.offset - b.offset);
}

function toRecord(partition: number, { offset, key, value, headers = {} }: KafkaMessage): TopicRecord {
  return {
    partition,
    offset: Number(offset),
    key: key?.toString() ?? null,
    text: value?.toString() ?? null,
    bytes: value,
    headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, String(text)])),
  };
}

/** The offsets that are missing or there twice, as `partition/offset`: none where a topic is dense from 0. */
export function gaps(records: readonly TopicRecord[]): string[] {
  const next = new Map<number, number>();
  return records.flatMap(({ partition, offset }) => {
    const expected = next.get(partition) ?? 0;
    next.set(partition, offset + 1);
    return offset === expected ? [] : [`${partition}/${expected}`];
  });
}

/** How often each value occurs. */
export function tally<T>(values: Iterable<T>): Map<T, number> {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

/** A valid record of user-events. */
export function userEvent(eventId: string, userId = "user_1234"): { key: string; value: string } {
  const event = {
    event_id: eventId,
    event_type: "view",
    user_id: userId,
    timestamp: new Date().toISOString(),
    session_id: "0a1b2c3d",
    ip_address: "10.0.0.1",
    user_agent: "test",
    page: "home",
    duration: 3,
  };
  return { key: userId, value: JSON.stringify(event) };
}

export async function produce(
  brokers: string,
  topic: string,
  messages: { key: string | null; value: string | Buffer | null; headers?: Record<string, string> }[],
): Promise<void> {
  const producer = createClient(brokers).producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  try {
    await producer.send({ topic, messages });
  } finally {
    await producer.disconnect();
  }
}

export interface Load {
  /** Ids of the events that Kafka has acknowledged so far. */
  readonly acknowledged: ReadonlySet<string>;
  /** How many writes were begun, and which of them was the last that was acknowledged. */
  begun(): number;
  lastAcknowledged(): number;
  stop(): Promise<void>;
}

/** At most 400 records a second: enough for faults to hit some of them, and no race for the machine. */
const BATCH = 20;
const EVERY_MS = 50;
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, EVERY_MS));

/**
 * Writes user events at a steady rate, through whatever happens to the broker, and remembers which
 * were. One whose acknowledgement never came is not written again: it may be there or not.
 */
export function startLoad(brokers: string): Load {
  const acknowledged = new Set<string>();
  let stopped = false;
  let begun = 0;
  let lastAcknowledged = 0;
  const run = async (): Promise<void> => {
    while (!stopped) {
      const producer = createClient(brokers).producer({
        createPartitioner: Partitioners.DefaultPartitioner,
        allowAutoTopicCreation: false,
        retry: { retries: 0 },
      });
      try {
        await producer.connect();
        while (!stopped) {
          const ids = Array.from({ length: BATCH }, () => randomUUID());
          const messages = ids.map((id, i) => userEvent(id, `user_${1000 + i}`));
          begun += 1;
          await producer.send({ topic: "user-events", acks: -1, messages });
          for (const id of ids) acknowledged.add(id);
          lastAcknowledged = begun;
          await pause();
        }
      } catch {
        // The broker is gone or not there yet: that is what the test is about. On with a new client.
        await pause();
      } finally {
        await producer.disconnect().catch(() => {});
      }
    }
  };
  const running = run();
  return {
    acknowledged,
    begun: () => begun,
    lastAcknowledged: () => lastAcknowledged,
    async stop() {
      stopped = true;
      await running;
    },
  };
}
