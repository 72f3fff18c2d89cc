/** Brokers and topics under kafka_exporter's names and labels, from the picture that the observer takes anyway. */
import type { PartitionMetadata } from "../cluster.ts";
import type { ClusterPicture } from "../observer.ts";
import type { Family, Sample } from "./family.ts";

/** Samples that a partition does not have (without a leader, say) are null. */
type OfPartition = (partition: PartitionMetadata, topic: string, picture: ClusterPicture) => number | null;

const PARTITION_FAMILIES: readonly (readonly [name: string, help: string, value: OfPartition])[] = [
  [
    "current_offset",
    "Offset of the next record to be written to the partition",
    ({ partition }, topic, { ends }) => toNumber(ends.get(topic)?.get(partition)),
  ],
  [
    "oldest_offset",
    "Offset of the oldest record that the partition holds",
    ({ partition }, topic, { starts }) => toNumber(starts.get(topic)?.get(partition)),
  ],
  ["leader", "Broker that leads the partition", ({ leader }) => (leader < 0 ? null : leader)],
  ["replicas", "Replicas that the partition is to have", ({ replicas }) => replicas.length],
  ["in_sync_replica", "Replicas of the partition that are in sync", ({ isr }) => isr.length],
  [
    "under_replicated_partition",
    "1 if replicas of the partition are not in sync",
    ({ replicas, isr }) => Number(isr.length < replicas.length),
  ],
  [
    "leader_is_preferred",
    "1 if the partition is led by its first replica",
    ({ leader, replicas }) => Number(leader >= 0 && leader === replicas[0]),
  ],
];

const toNumber = (offset: bigint | undefined): number | null =>
  offset === undefined ? null : Number(offset);

/** @param picture that of now; null while Kafka does not answer: then there are no samples. */
export function topicFamilies(picture: () => ClusterPicture | null): readonly Family[] {
  const gauge = (
    name: string,
    help: string,
    labels: readonly string[],
    samples: (picture: ClusterPicture) => readonly Sample[],
  ): Family => ({
    name,
    help,
    type: "gauge",
    labels,
    read: () => {
      const now = picture();
      return now === null ? [] : samples(now);
    },
  });
  return [
    gauge("kafka_brokers", "Brokers of the cluster", [], ({ brokers }) => [
      { labels: {}, value: brokers.length },
    ]),
    gauge("kafka_broker_info", "A broker and its address", ["id", "address"], ({ brokers }) =>
      brokers.map(({ id, host, port }) => ({ labels: { id, address: `${host}:${port}` }, value: 1 })),
    ),
    gauge("kafka_topic_partitions", "Partitions of the topic", ["topic"], ({ topics }) =>
      [...topics].map(([topic, partitions]) => ({ labels: { topic }, value: partitions.length })),
    ),
    ...PARTITION_FAMILIES.map(([name, help, value]) =>
      gauge(`kafka_topic_partition_${name}`, help, ["topic", "partition"], (now) =>
        [...now.topics].flatMap(([topic, partitions]) =>
          partitions.flatMap((one) => {
            const known = value(one, topic, now);
            return known === null ? [] : [{ labels: { topic, partition: one.partition }, value: known }];
          }),
        ),
      ),
    ),
  ];
}
