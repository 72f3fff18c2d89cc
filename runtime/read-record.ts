/** One record by its place, read without a group. */
import type { Cluster } from "./cluster.ts";
import type { RawKafkaRecord } from "./codec.ts";
import { kafkaErrorType } from "./kafka.ts";

/** Kafka gives at least one batch, however large: this only bounds what comes with it. */
const LIMITS = { maxWaitMs: 500, maxBytesPerPartition: 64 * 1024 };
const NOT_THERE = new Set(["OFFSET_OUT_OF_RANGE", "UNKNOWN_TOPIC_OR_PARTITION"]);

/** Null where there is no such record (any more). Rejects when Kafka does not answer. */
export async function readRecord(
  cluster: Cluster,
  topic: string,
  partition: number,
  offset: string,
): Promise<RawKafkaRecord | null> {
  const leader = (await cluster.metadata()).get(topic)?.find((one) => one.partition === partition)?.leader;
  if (leader === undefined) return null;
  if (leader < 0)
    throw new Error(`partition ${partition} of ${topic} has no leader at the moment: try again later`);
  try {
    const [fetched] = await cluster.fetch(leader, [{ topic, partition, offset: BigInt(offset) }], LIMITS);
    return fetched?.records.find((record) => record.offset === offset) ?? null;
  } catch (error) {
    if (NOT_THERE.has(kafkaErrorType(error) ?? "")) return null;
    throw error;
  }
}
