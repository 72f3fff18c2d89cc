/**
 * `_schemas` as kafkajs reaches it: made when missing, read without a group (kafkajs has no groupless consumer: this
 * stands on its internals, whose version is pinned for it), written with acks=all.
 */
import { randomUUID } from "node:crypto";
import { createRequire } from "node:module";
import kafkajs, { type Kafka, type Producer } from "kafkajs";
import { registerCodecs } from "./kafkajs-codecs.ts";
import { calmKafkajs } from "./kafkajs-timers.ts";
import type { KeyValue } from "./stored-records.ts";
import { connectLeader, type LeaderBroker } from "./topic-connection.ts";

export const TOPIC = "_schemas";
const ROUND_TRIP_MS = 5_000;
const FETCH_WAIT_MS = 500;
const FETCH_BYTES = 4 * 1024 * 1024;
/** A header that tells whose record it is. Confluent's registry pays no heed to it. */
const WRITER_HEADER = "ksp-registry";
const LATEST = -1;
const EARLIEST = -2;

export interface TopicRecord {
  readonly offset: bigint;
  readonly key: string | null;
  readonly value: string | null;
  /** Which registry wrote it; null: one that does not say, such as Confluent's. */
  readonly writer: string | null;
}

export interface SchemasTopic {
  /** What records have as `writer` that were appended here. */
  readonly writer: string;
  /** Makes the topic if there is none. Rejects for one that the registry cannot stand on. */
  prepare(): Promise<void>;
  /** The offset of its first record, and that after its last. */
  bounds(): Promise<{ readonly start: bigint; readonly end: bigint }>;
  /** Waits half a second for records. `next` is where to go on. */
  fetch(offset: bigint): Promise<{ readonly records: readonly TopicRecord[]; readonly next: bigint }>;
  /** Resolves to the offset of the last one when all replicas in sync have them. */
  append(records: readonly KeyValue[]): Promise<bigint>;
  disconnect(): Promise<void>;
}

type Headers = Readonly<Record<string, Buffer | undefined>>;
interface InternalBatch {
  readonly messages: { offset: string; key: Buffer | null; value: Buffer | null; headers?: Headers }[];
  readonly rawMessages: unknown[];
  lastOffset(): string;
}
const require = createRequire(import.meta.url);
const KafkaJsBatch = require("kafkajs/src/consumer/batch") as new (
  topic: string,
  fetchedOffset: string,
  data: unknown,
) => InternalBatch;

/** Connects when first used; after a failure it connects anew. */
export function createSchemasTopic(brokers: readonly string[]): SchemasTopic {
  calmKafkajs();
  registerCodecs();
  const writer = `process ${process.pid} (${randomUUID()})`;
  const kafka = new kafkajs.Kafka({
    brokers: [...brokers],
    clientId: "ksp-registry",
    connectionTimeout: 3_000,
    requestTimeout: ROUND_TRIP_MS,
    retry: { initialRetryTime: 100, retries: 2, maxRetryTime: 1_000 },
    logLevel: kafkajs.logLevel.NOTHING,
  });
  // A fetch that waits would hold up whatever is asked after it on the same connection.
  const following = connectLeader(kafka, TOPIC);
  const asking = connectLeader(kafka, TOPIC);
  let producing: Promise<Producer> | null = null;

  const connectProducer = async (): Promise<Producer> => {
    const producer = kafka.producer({ allowAutoTopicCreation: false });
    await producer.connect();
    return producer;
  };
  const dropProducer = async (): Promise<void> => {
    const old = producing;
    producing = null;
    await (await old?.catch(() => null))?.disconnect();
  };
  const offsetAt = async (broker: LeaderBroker, timestamp: number): Promise<bigint> => {
    const { responses } = await broker.listOffsets({
      replicaId: -1,
      isolationLevel: 0,
      topics: [{ topic: TOPIC, partitions: [{ partition: 0, timestamp }] }],
    });
    return BigInt(responses[0]!.partitions[0]!.offset);
  };

  return {
    writer,
    prepare: () => prepareTopic(kafka),
    bounds: () =>
      asking.use(async (broker) => ({
        start: await offsetAt(broker, EARLIEST),
        end: await offsetAt(broker, LATEST),
      })),
    fetch: (offset) =>
      following.use(async (broker) => {
        const { responses } = await broker.fetch({
          maxWaitTime: FETCH_WAIT_MS,
          minBytes: 1,
          maxBytes: FETCH_BYTES,
          isolationLevel: 0,
          rackId: "",
          topics: [
            {
              topic: TOPIC,
              partitions: [{ partition: 0, fetchOffset: String(offset), maxBytes: FETCH_BYTES }],
            },
          ],
        });
        const batch = new KafkaJsBatch(TOPIC, String(offset), responses[0]!.partitions[0]);
        const last = batch.rawMessages.length > 0 ? BigInt(batch.lastOffset()) + 1n : offset;
        return {
          records: batch.messages.map((record) => ({
            offset: BigInt(record.offset),
            key: record.key?.toString("utf8") ?? null,
            value: record.value?.toString("utf8") ?? null,
            writer: record.headers?.[WRITER_HEADER]?.toString("utf8") ?? null,
          })),
          next: last > offset ? last : offset,
        };
      }),
    async append(records) {
      try {
        producing ??= connectProducer();
        const headers = { [WRITER_HEADER]: writer };
        const messages = records.map(({ key, value }) => ({ key, value, headers, partition: 0 }));
        const [result] = await (await producing).send({
          topic: TOPIC,
          messages,
          acks: -1,
          timeout: ROUND_TRIP_MS,
        });
        return BigInt(result!.baseOffset!) + BigInt(records.length - 1);
      } catch (error) {
        await dropProducer();
        throw error;
      }
    },
    async disconnect() {
      await Promise.all([following.disconnect(), asking.disconnect(), dropProducer()]);
    },
  };
}

async function prepareTopic(kafka: Kafka): Promise<void> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    await admin.createTopics({
      topics: [
        {
          topic: TOPIC,
          numPartitions: 1,
          replicationFactor: -1,
          configEntries: [{ name: "cleanup.policy", value: "compact" }],
        },
      ],
    });
    const { topics } = await admin.fetchTopicMetadata({ topics: [TOPIC] });
    const partitions = topics[0]?.partitions.length;
    if (partitions !== 1) throw new Error(`${TOPIC}: expected 1 partition, got ${partitions}`);
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: TOPIC, configNames: ["cleanup.policy"] }],
    });
    const policy = resources[0]?.configEntries.find(({ configName }) => configName === "cleanup.policy");
    if (policy && policy.configValue !== "compact") {
      throw new Error(
        `${TOPIC}: expected cleanup.policy=compact, got ${policy.configValue}: schemas would be deleted by age`,
      );
    }
  } finally {
    await admin.disconnect();
  }
}
