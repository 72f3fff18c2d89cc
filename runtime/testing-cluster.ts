/** A cluster in memory for tests: topics that can be appended to, cut and taken down. */
import { type Cluster, EARLIEST, type FetchFrom, LATEST, type Offsets } from "./cluster.ts";
import type { RawKafkaRecord } from "./codec.ts";
import { rawRecord } from "./testing.ts";

interface Partition {
  leader: number;
  start: bigint;
  readonly records: RawKafkaRecord[];
}

export interface TestCluster extends Cluster {
  createTopic(name: string, leaders: readonly number[]): void;
  deleteTopic(name: string): void;
  /** Appends records; values that are no Buffers are written as JSON. */
  append(topic: string, partition: number, ...values: unknown[]): void;
  /** Deletes what lies below `start`. */
  cut(topic: string, partition: number, start: bigint): void;
  partition(topic: string, partition: number): Partition;
  /** While set, every request is rejected with it. */
  trouble: Error | null;
  /** Topics that may be seen but not read. */
  readonly denied: Set<string>;
  readonly fetches: FetchFrom[][];
  readonly connected: boolean;
}

export function createTestCluster(mostPerFetch = Number.POSITIVE_INFINITY): TestCluster {
  const topics = new Map<string, Partition[]>();
  const fetches: FetchFrom[][] = [];
  let connected = false;
  const endOf = (p: Partition): bigint => BigInt(p.records.at(-1)?.offset ?? p.start - 1n) + 1n;
  const ask = async (): Promise<void> => {
    await null;
    connected = true;
    if (cluster.trouble) throw cluster.trouble;
  };
  const offsetAt = (p: Partition, timestamp: number): bigint => {
    if (timestamp === EARLIEST) return p.start;
    if (timestamp === LATEST) return endOf(p);
    const found = p.records.find((record) => Number(record.timestamp) >= timestamp);
    return found ? BigInt(found.offset) : -1n;
  };

  const cluster: TestCluster = {
    trouble: null,
    denied: new Set(),
    fetches,
    get connected() {
      return connected;
    },
    createTopic: (name, leaders) =>
      void topics.set(
        name,
        leaders.map((leader) => ({ leader, start: 0n, records: [] })),
      ),
    deleteTopic: (name) => void topics.delete(name),
    partition: (topic, partition) => topics.get(topic)![partition]!,
    append(topic, partition, ...values) {
      const p = cluster.partition(topic, partition);
      for (const value of values) p.records.push(rawRecord(Number(endOf(p)), value));
    },
    cut(topic, partition, start) {
      const p = cluster.partition(topic, partition);
      p.start = start;
      while (p.records[0] && BigInt(p.records[0].offset) < start) p.records.shift();
    },
    async metadata() {
      await ask();
      const described = [...topics].map(([name, partitions]) => {
        const all = partitions.map(({ leader }, partition) => ({
          partition,
          leader,
          replicas: [leader],
          isr: [leader],
        }));
        return [name, all] as const;
      });
      return new Map(described);
    },
    async brokers() {
      await ask();
      return [{ id: 1, host: "127.0.0.1", port: 9092 }];
    },
    async offsets(asked, timestamp) {
      await ask();
      const found: [string, Map<number, bigint>][] = [...asked].map(([name, partitions]) => {
        const led = partitions.filter(({ leader }) => leader >= 0);
        return [
          name,
          new Map(led.map(({ partition: i }) => [i, offsetAt(cluster.partition(name, i), timestamp)])),
        ];
      });
      return new Map(found) satisfies Offsets;
    },
    async fetch(_nodeId, from) {
      fetches.push([...from]);
      await ask();
      if (from.some(({ topic }) => cluster.denied.has(topic))) {
        // As kafkajs tells it: for all, and not of which.
        throw Object.assign(new Error("Not authorized"), { type: "TOPIC_AUTHORIZATION_FAILED" });
      }
      return from.map(({ topic, partition, offset }) => {
        const p = cluster.partition(topic, partition);
        if (offset < p.start || offset > endOf(p)) {
          throw Object.assign(new Error("out of range"), { type: "OFFSET_OUT_OF_RANGE", topic, partition });
        }
        const records = p.records.filter((record) => BigInt(record.offset) >= offset).slice(0, mostPerFetch);
        const last = records.at(-1);
        return {
          topic,
          partition,
          records,
          highWatermark: endOf(p),
          nextOffset: last ? BigInt(last.offset) + 1n : offset,
        };
      });
    },
    async disconnect() {
      connected = false;
    },
  };
  return cluster;
}
