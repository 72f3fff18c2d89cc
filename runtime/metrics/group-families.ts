/** Consumer groups under kafka_exporter's names and labels, as they were measured after the observer's last picture. */
import type { ClusterPicture } from "../observer.ts";
import type { GroupPartitionView, GroupView } from "../view.ts";
import type { Family, Sample } from "./family.ts";

export interface MeasuredGroups {
  readonly groups: readonly GroupView[];
  readonly picture: ClusterPicture;
}

/** kafka_exporter's word for an offset that was never committed, and for the lag that follows from it. */
const NOT_COMMITTED = -1;

interface ConsumedPartition {
  readonly consumergroup: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly lag: number;
}

/**
 * Every partition of each topic of which a group has committed at least one: those without a commit are −1 there. As
 * in kafka_exporter, a topic without any commit is left out.
 */
function consumedPartitions({ groups, picture }: MeasuredGroups): readonly ConsumedPartition[] {
  return groups.flatMap(({ id: consumergroup, partitions }) => {
    const byTopic = new Map<string, GroupPartitionView[]>();
    for (const one of partitions) {
      if (one.committedOffset === null) continue;
      byTopic.set(one.topic, [...(byTopic.get(one.topic) ?? []), one]);
    }
    return [...byTopic].flatMap(([topic, committed]) => {
      const known = picture.topics.get(topic)?.map(({ partition }) => partition) ?? [];
      const at = new Map(committed.map((one) => [one.partition, one]));
      return known.map((partition): ConsumedPartition => {
        const one = at.get(partition);
        const offset = one ? Number(one.committedOffset) : NOT_COMMITTED;
        return { consumergroup, topic, partition, offset, lag: one?.lag ?? NOT_COMMITTED };
      });
    });
  });
}

/** @param measured what is known of now; null while Kafka does not answer: then there are no samples. */
export function groupFamilies(measured: () => MeasuredGroups | null): readonly Family[] {
  const gauge = (
    name: string,
    help: string,
    labels: readonly string[],
    samples: (measured: MeasuredGroups) => readonly Sample[],
  ): Family => ({
    name: `kafka_consumergroup_${name}`,
    help,
    type: "gauge",
    labels,
    read: () => {
      const now = measured();
      return now === null ? [] : samples(now);
    },
  });
  const ofPartition =
    (value: (one: ConsumedPartition) => number) =>
    (now: MeasuredGroups): readonly Sample[] =>
      consumedPartitions(now).map((one) => ({
        labels: { consumergroup: one.consumergroup, topic: one.topic, partition: one.partition },
        value: value(one),
      }));
  const ofTopic =
    (value: (one: ConsumedPartition) => number) =>
    (now: MeasuredGroups): readonly Sample[] => {
      const sums = new Map<string, { consumergroup: string; topic: string; value: number }>();
      for (const one of consumedPartitions(now)) {
        const { consumergroup, topic } = one;
        const id = JSON.stringify([consumergroup, topic]);
        sums.set(id, { consumergroup, topic, value: (sums.get(id)?.value ?? 0) + value(one) });
      }
      return [...sums.values()].map((sum) => ({
        labels: { consumergroup: sum.consumergroup, topic: sum.topic },
        value: sum.value,
      }));
    };
  const PARTITION = ["consumergroup", "topic", "partition"];
  const TOPIC = ["consumergroup", "topic"];
  return [
    gauge(
      "current_offset",
      "Offset that the group has committed; -1: none",
      PARTITION,
      ofPartition(({ offset }) => offset),
    ),
    gauge(
      "current_offset_sum",
      "Sum of the offsets that the group has committed",
      TOPIC,
      ofTopic(({ offset }) => offset),
    ),
    gauge(
      "lag",
      "Records that the group has not committed; -1: it has not committed in this partition yet",
      PARTITION,
      ofPartition(({ lag }) => lag),
    ),
    gauge(
      "lag_sum",
      "Records of the topic that the group has not committed, over the partitions that it commits in",
      TOPIC,
      ofTopic(({ lag }) => Math.max(0, lag)),
    ),
    gauge("members", "Members of the group", ["consumergroup"], ({ groups }) =>
      groups.map(({ id, members }) => ({ labels: { consumergroup: id }, value: members.length })),
    ),
    gauge(
      "group_lag_seconds",
      "Age of the oldest record that the group has not committed; left out while it is not known",
      ["group", "topic", "partition"],
      ({ groups }) =>
        groups.flatMap(({ id, partitions }) =>
          partitions.flatMap(({ topic, partition, lagSeconds }) =>
            lagSeconds === null ? [] : [{ labels: { group: id, topic, partition }, value: lagSeconds }],
          ),
        ),
    ),
  ];
}
