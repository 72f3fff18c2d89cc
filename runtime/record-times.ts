/** The timestamps of records that readers stand at, asked of Kafka once for each place: for readers far behind. */
import { type Cluster, type FetchFrom, groupByLeader, type TopicMetadata } from "./cluster.ts";

/** One fetch asks for the first records of so many partitions. */
const MOST_AT_ONCE = 100;
/** Places remembered: readers move on, and nobody asks for where they were. */
const MOST_KNOWN = 2_000;
const LIMITS = { maxWaitMs: 100, maxBytesPerPartition: 64 * 1024 };

export interface RecordTimes {
  /** The timestamp of the first record at or after `offset`, ms since 1970; null as long as it was not learned. */
  at(topic: string, partition: number, offset: bigint): number | null;
  /** Asks for places that are not known. What one answer has no room for is left for the next time. */
  learn(topics: TopicMetadata, unknown: readonly FetchFrom[]): Promise<void>;
}

const placeOf = (topic: string, partition: number, offset: bigint): string =>
  `${topic}/${partition}:${offset}`;

export function createRecordTimes(cluster: Cluster): RecordTimes {
  /** In the order in which they were learned. */
  const known = new Map<string, number>();
  return {
    at: (topic, partition, offset) => known.get(placeOf(topic, partition, offset)) ?? null,
    async learn(topics, unknown) {
      for (const [leader, led] of groupByLeader(topics)) {
        // A fetch reads a partition at one place: the other groups of it have their turn next time.
        const from = new Map<string, FetchFrom>();
        for (const one of unknown) {
          if (from.size < MOST_AT_ONCE && led.get(one.topic)?.includes(one.partition)) {
            from.set(`${one.topic}/${one.partition}`, one);
          }
        }
        if (from.size === 0) continue;
        for (const { topic, partition, records } of await cluster.fetch(leader, [...from.values()], LIMITS)) {
          const asked = from.get(`${topic}/${partition}`);
          const timestamp = Number(records[0]?.timestamp ?? -1);
          if (asked && timestamp >= 0) known.set(placeOf(topic, partition, asked.offset), timestamp);
        }
      }
      for (const place of known.keys()) {
        if (known.size <= MOST_KNOWN) break;
        known.delete(place);
      }
    },
  };
}
