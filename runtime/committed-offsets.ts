/** What a group has committed, asked without kafkajs's consumer, which keeps what it knows to itself. */
import type { Kafka } from "kafkajs";
import { connectCluster } from "./internal-cluster.ts";

/** Partition → the offset that the group goes on from, null where it has committed none. Rejects when Kafka cannot be asked. */
export async function fetchCommitted(
  kafka: Kafka,
  groupId: string,
  topic: string,
  partitions: readonly number[],
): Promise<ReadonlyMap<number, bigint | null>> {
  if (partitions.length === 0) return new Map();
  const connection = connectCluster(kafka);
  try {
    return await connection.use(async (cluster) => {
      const coordinator = await cluster.findGroupCoordinator({ groupId });
      const asked = [{ topic, partitions: partitions.map((partition) => ({ partition })) }];
      const { responses } = await coordinator.offsetFetch({ groupId, topics: asked });
      const found = responses.find((one) => one.topic === topic)?.partitions ?? [];
      const offsets = new Map(found.map(({ partition, offset }) => [partition, BigInt(offset)]));
      return new Map(
        partitions.map((partition) => {
          const offset = offsets.get(partition) ?? -1n;
          return [partition, offset < 0n ? null : offset];
        }),
      );
    });
  } finally {
    await connection.disconnect();
  }
}
