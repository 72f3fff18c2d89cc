/** Brokers of a cluster that are killed while records flow through the platform: how long until they flow again. */
import type { ApacheKafka } from "../infra/apache-kafka/start.ts";
import { type Load, withAdmin } from "./kafka-client.ts";
import { until } from "./until.ts";

export interface Failover {
  /** The broker that was killed, leader of the partition at hand, and what else it was. */
  readonly node: number;
  readonly controller: boolean;
  /** From the kill until Kafka acknowledges records for all partitions again, ms. */
  readonly writtenMs: number;
  /** From the kill until all partitions of what the platform derives from them grow again, ms. */
  readonly processedMs: number;
}

const DEADLINE_MS = 90_000;

const endsOf = async (brokers: string, topic: string): Promise<ReadonlyMap<number, number>> => {
  const ends = await withAdmin(brokers, (admin) => admin.fetchTopicOffsets(topic));
  return new Map(ends.map(({ partition, high }) => [partition, Number(high)]));
};

/**
 * Kills the leader of `partition` of `source` while `load` writes to it, measures until `derived` grows again in every
 * partition, starts the broker again and waits until every partition of both topics has all its replicas.
 */
export async function killLeader(
  kafka: ApacheKafka,
  load: Load,
  { source, derived, partition }: { source: string; derived: string; partition: number },
): Promise<Failover> {
  const { topics } = await withAdmin(kafka.brokers, (admin) =>
    admin.fetchTopicMetadata({ topics: [source] }),
  );
  const { leader } = topics[0]!.partitions.find((one) => one.partitionId === partition)!;
  const { controller } = await withAdmin(kafka.brokers, (admin) => admin.describeCluster());
  const node = kafka.nodes.find(({ id }) => id === leader)!;
  const killedAt = performance.now();
  await node.kill();
  // What was on its way is acknowledged at once; each write goes to all partitions.
  const before = load.begun();
  await until(() => load.lastAcknowledged() > before, "records to be acknowledged again", DEADLINE_MS);
  const writtenMs = performance.now() - killedAt;
  const ends = await until(() => endsOf(kafka.brokers, derived), "the ends of partitions", DEADLINE_MS);
  await until(
    async () => {
      const now = await endsOf(kafka.brokers, derived);
      return [...ends].every(([at, end]) => now.get(at)! > end);
    },
    `${derived} to grow in every partition`,
    DEADLINE_MS,
  );
  const processedMs = performance.now() - killedAt;
  await node.start();
  await until(
    async () => {
      const all = await withAdmin(kafka.brokers, (admin) =>
        admin.fetchTopicMetadata({ topics: [source, derived, "__consumer_offsets"] }),
      );
      return all.topics.every((topic) =>
        topic.partitions.every(({ isr }) => isr.length === kafka.nodes.length),
      );
    },
    "all replicas to be in sync",
    DEADLINE_MS,
  );
  return { node: leader, controller: controller === leader, writtenMs, processedMs };
}
