/**
 * A Kafka cluster below what kafkajs offers publicly: metadata of all topics in one request, offsets of all
 * partitions in one, and fetch without joining a group (kafkajs has no groupless consumer). Built on kafkajs's own
 * internals, whose version is pinned for it.
 */
import { createRequire } from "node:module";
import type { Kafka } from "kafkajs";
import type { RawKafkaRecord } from "./codec.ts";
import { connectCluster, type PartitionData } from "./internal-cluster.ts";

export interface PartitionMetadata {
  readonly partition: number;
  readonly leader: number;
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
}

export interface BrokerMetadata {
  readonly id: number;
  readonly host: string;
  readonly port: number;
}

export type TopicMetadata = ReadonlyMap<string, readonly PartitionMetadata[]>;

/** `topic` → partition → offset. */
export type Offsets = ReadonlyMap<string, ReadonlyMap<number, bigint>>;

export interface FetchedPartition {
  readonly topic: string;
  readonly partition: number;
  readonly highWatermark: bigint;
  readonly records: readonly RawKafkaRecord[];
  /** Where to go on: past control records and what compaction left out. */
  readonly nextOffset: bigint;
}

/** One partition to fetch from, and where. */
export interface FetchFrom {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
}

export const EARLIEST = -2;
export const LATEST = -1;

export interface Cluster {
  /** All topics, freshly asked; internal ones (`__…`) left out. */
  metadata(): Promise<TopicMetadata>;
  /** The brokers as of the last metadata: no request of its own. */
  brokers(): Promise<readonly BrokerMetadata[]>;
  /** For each partition the offset at `timestamp` (ms; EARLIEST, LATEST): −1 where there is none at or after it. */
  offsets(topics: TopicMetadata, timestamp: number): Promise<Offsets>;
  /** Waits up to `maxWaitMs` for records of partitions that `nodeId` leads. */
  fetch(
    nodeId: number,
    from: readonly FetchFrom[],
    options: { maxWaitMs: number; maxBytesPerPartition: number },
  ): Promise<FetchedPartition[]>;
  disconnect(): Promise<void>;
}

interface InternalBatch {
  messages: RawKafkaRecord[];
  rawMessages: unknown[];
  lastOffset(): string;
}

const require = createRequire(import.meta.url);
const KafkaJsBatch = require("kafkajs/src/consumer/batch") as new (
  topic: string,
  fetchedOffset: string,
  data: PartitionData,
) => InternalBatch;

/** Connects at the first call; after a failure the next call connects anew. */
export function createCluster(kafka: Kafka): Cluster {
  const connection = connectCluster(kafka);
  const withCluster = connection.use;

  return {
    disconnect: connection.disconnect,
    metadata: () =>
      withCluster(async (cluster) => {
        await cluster.refreshMetadata();
        const topics = cluster.brokerPool.metadata.topicMetadata.filter((t) => !t.topic.startsWith("__"));
        return new Map(
          topics
            .sort((a, b) => (a.topic < b.topic ? -1 : 1))
            .map((t) => [
              t.topic,
              t.partitionMetadata
                .map((p) => ({
                  partition: p.partitionId,
                  leader: p.leader,
                  replicas: p.replicas,
                  isr: p.isr,
                }))
                .sort((a, b) => a.partition - b.partition),
            ]),
        );
      }),
    brokers: () =>
      withCluster(async (cluster) =>
        cluster.brokerPool.metadata.brokers
          .map(({ nodeId, host, port }) => ({ id: nodeId, host, port }))
          .sort((a, b) => a.id - b.id),
      ),
    offsets: (topics, timestamp) =>
      withCluster(async (cluster) => {
        const found = new Map<string, Map<number, bigint>>();
        for (const [leader, byTopic] of groupByLeader(topics)) {
          const broker = await cluster.findBroker({ nodeId: leader });
          const { responses } = await broker.listOffsets({
            replicaId: -1,
            isolationLevel: 1,
            topics: [...byTopic].map(([topic, partitions]) => ({
              topic,
              partitions: partitions.map((partition) => ({ partition, timestamp })),
            })),
          });
          for (const { topic, partitions } of responses) {
            const at = found.get(topic) ?? new Map<number, bigint>();
            for (const { partition, offset } of partitions) at.set(partition, BigInt(offset));
            found.set(topic, at);
          }
        }
        return found;
      }),
    fetch: (nodeId, from, { maxWaitMs, maxBytesPerPartition }) =>
      withCluster(async (cluster) => {
        const broker = await cluster.findBroker({ nodeId });
        const topics = new Map<string, FetchFrom[]>();
        for (const one of from) topics.set(one.topic, [...(topics.get(one.topic) ?? []), one]);
        const { responses } = await broker.fetch({
          maxWaitTime: maxWaitMs,
          minBytes: 1,
          maxBytes: 10 * maxBytesPerPartition,
          isolationLevel: 1,
          rackId: "",
          topics: [...topics].map(([topic, partitions]) => ({
            topic,
            partitions: partitions.map((p) => ({
              partition: p.partition,
              fetchOffset: String(p.offset),
              maxBytes: maxBytesPerPartition,
            })),
          })),
        });
        const asked = new Map(from.map((f) => [`${f.topic}/${f.partition}`, f.offset]));
        return responses.flatMap(({ topicName, partitions }) =>
          partitions.map((data): FetchedPartition => {
            const offset = asked.get(`${topicName}/${data.partition}`) ?? 0n;
            const batch = new KafkaJsBatch(topicName, String(offset), data);
            const last = batch.rawMessages.length > 0 ? BigInt(batch.lastOffset()) + 1n : offset;
            return {
              topic: topicName,
              partition: data.partition,
              highWatermark: BigInt(data.highWatermark),
              records: batch.messages,
              nextOffset: last > offset ? last : offset,
            };
          }),
        );
      }),
  };
}

/** Leader → topic → partitions; partitions without a leader are left out. */
export function groupByLeader(topics: TopicMetadata): Map<number, Map<string, number[]>> {
  const leaders = new Map<number, Map<string, number[]>>();
  for (const [topic, partitions] of topics) {
    for (const { leader, partition } of partitions) {
      if (leader < 0) continue;
      const byTopic = leaders.get(leader) ?? new Map<string, number[]>();
      leaders.set(leader, byTopic);
      byTopic.set(topic, [...(byTopic.get(topic) ?? []), partition]);
    }
  }
  return leaders;
}
