/**
 * The newest records of every topic, in a bounded ring a topic: read without a group, one long poll a broker. What
 * no reader could keep up with is skipped: when it falls far behind, it goes on near the end.
 */

import { wait } from "./backoff.ts";
import { type Cluster, type FetchFrom, groupByLeader } from "./cluster.ts";
import { decodeHeaders, type RawKafkaRecord } from "./codec.ts";
import { describeError, kafkaErrorType } from "./kafka.ts";
import type { Logger } from "./log.ts";
import type { ClusterPicture, Observer } from "./observer.ts";
import { toRecordView } from "./record-view.ts";
import type { RecordView } from "./view.ts";

/** Records that a topic's ring holds. */
export const TAIL_RECORDS = 1_000;
/** Behind the end by more than this a partition is skipped ahead. */
const MOST_BEHIND = 5_000n;
const MAX_WAIT_MS = 1_000;
const MAX_BYTES_PER_PARTITION = 256 * 1024;
const PAUSE_MS = 1_000;

export interface Tail {
  /** The newest `limit`, oldest first. */
  recent(topic: string, limit: number): readonly RecordView[];
  recentCount(topic: string): number;
  /** Records read since the start. */
  consumed(topic: string): number;
  lastUpdate(): number | null;
  start(): void;
  stop(): Promise<void>;
}

interface Tailed {
  readonly partition: number;
  /** Turned into a view when somebody looks: most records are never looked at. */
  readonly raw: RawKafkaRecord;
}

interface Ring {
  readonly records: Tailed[];
  consumed: number;
}

export function createTail(options: {
  /** One connection for each broker: a long poll holds up whatever else is asked on it. */
  createCluster(): Cluster;
  observer: Observer;
  now(): number;
  log: Logger;
}): Tail {
  const { observer, log } = options;
  const stopping = new AbortController();
  const rings = new Map<string, Ring>();
  const positions = new Map<string, bigint>();
  const readers = new Map<number, { cluster: Cluster; done: Promise<void> }>();
  let lastUpdate: number | null = null;
  let supervising: Promise<void> = Promise.resolve();

  const ringOf = (topic: string): Ring => {
    const ring = rings.get(topic) ?? { records: [], consumed: 0 };
    rings.set(topic, ring);
    return ring;
  };

  /** Where to read each partition that `leader` leads: near its end at first, or after falling far behind. */
  const plan = (picture: ClusterPicture, leader: number): FetchFrom[] => {
    const from: FetchFrom[] = [];
    for (const [topic, partitions] of groupByLeader(picture.topics).get(leader) ?? []) {
      for (const partition of partitions) {
        const id = `${topic}/${partition}`;
        const start = picture.starts.get(topic)?.get(partition) ?? 0n;
        const end = picture.ends.get(topic)?.get(partition) ?? start;
        const near = end - BigInt(TAIL_RECORDS) > start ? end - BigInt(TAIL_RECORDS) : start;
        const at = positions.get(id);
        if (at === undefined || at < start || end - at > MOST_BEHIND) positions.set(id, near);
        from.push({ topic, partition, offset: positions.get(id)! });
      }
    }
    return from;
  };

  const keep = (topic: string, partition: number, records: readonly RawKafkaRecord[]): void => {
    if (records.length === 0) return;
    const ring = ringOf(topic);
    ring.consumed += records.length;
    lastUpdate = options.now();
    for (const raw of records.slice(-TAIL_RECORDS)) ring.records.push({ partition, raw: detached(raw) });
    // Trimmed in one go now and then: shifting one by one would move the whole ring each time.
    if (ring.records.length > 2 * TAIL_RECORDS) trim(ring);
  };

  const read = async (leader: number, cluster: Cluster): Promise<void> => {
    while (!stopping.signal.aborted) {
      const picture = observer.picture();
      const from = picture ? plan(picture, leader) : [];
      if (from.length === 0) {
        await wait(PAUSE_MS, stopping.signal);
        continue;
      }
      try {
        const limits = { maxWaitMs: MAX_WAIT_MS, maxBytesPerPartition: MAX_BYTES_PER_PARTITION };
        for (const got of await cluster.fetch(leader, from, limits)) {
          keep(got.topic, got.partition, got.records);
          positions.set(`${got.topic}/${got.partition}`, got.nextOffset);
        }
      } catch (error) {
        log.debug(`tail: ${describeError(error)}`);
        // Cut away by retention, or a topic made anew: that topic starts over.
        const { topic } = error as { topic?: string };
        if (kafkaErrorType(error) === "OFFSET_OUT_OF_RANGE" && topic !== undefined) {
          for (const one of from) if (one.topic === topic) positions.delete(`${topic}/${one.partition}`);
          rings.delete(topic);
        }
        await wait(PAUSE_MS, stopping.signal);
      }
    }
  };

  const supervise = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const leaders = groupByLeader(observer.picture()?.topics ?? new Map()).keys();
      for (const leader of leaders) {
        if (readers.has(leader)) continue;
        const cluster = options.createCluster();
        readers.set(leader, { cluster, done: read(leader, cluster) });
      }
      await wait(PAUSE_MS, stopping.signal);
    }
  };

  return {
    recent(topic, limit) {
      const ring = rings.get(topic);
      if (!ring) return [];
      trim(ring);
      return ring.records
        .slice(Math.max(0, ring.records.length - limit))
        .map(({ partition, raw }) => toRecordView(topic, partition, raw));
    },
    recentCount: (topic) => Math.min(rings.get(topic)?.records.length ?? 0, TAIL_RECORDS),
    consumed: (topic) => rings.get(topic)?.consumed ?? 0,
    lastUpdate: () => lastUpdate,
    start() {
      supervising = supervise();
    },
    async stop() {
      stopping.abort();
      await supervising;
      const all = [...readers.values()];
      await Promise.all(all.map(({ cluster }) => cluster.disconnect())); // ends the long polls
      await Promise.all(all.map(({ done }) => done));
    },
  };
}

/** With bytes of its own: a slice would hold the whole response of all topics in memory, for each record kept. */
const detached = (raw: RawKafkaRecord): RawKafkaRecord => ({
  offset: raw.offset,
  timestamp: raw.timestamp,
  key: raw.key && Buffer.from(raw.key),
  value: raw.value && Buffer.from(raw.value),
  headers: decodeHeaders(raw.headers),
});

/** Partitions are read side by side: the ring is put in the order of time before anyone looks. */
function trim(ring: Ring): void {
  ring.records.sort(
    (a, b) =>
      Number(a.raw.timestamp) - Number(b.raw.timestamp) ||
      a.partition - b.partition ||
      (BigInt(a.raw.offset) < BigInt(b.raw.offset) ? -1 : 1),
  );
  if (ring.records.length > TAIL_RECORDS) ring.records.splice(0, ring.records.length - TAIL_RECORDS);
}
