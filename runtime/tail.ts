/**
 * The newest records of every topic, in a bounded ring a topic: read without a group, one long poll a broker. What
 * no reader could keep up with is skipped: when it falls far behind, it goes on near the end.
 */

import { wait } from "./backoff.ts";
import { type Cluster, type FetchedPartition, type FetchFrom, groupByLeader } from "./cluster.ts";
import { decodeHeaders, type RawKafkaRecord } from "./codec.ts";
import { describeError, kafkaErrorType } from "./kafka.ts";
import { createListeners } from "./listeners.ts";
import type { Logger } from "./log.ts";
import type { ClusterPicture, Observer } from "./observer.ts";
import type { Readable } from "./readable.ts";
import { toRecordView } from "./record-view.ts";
import type { LiveBatch, Positions } from "./stream-view.ts";
import { createTailPositions } from "./tail-positions.ts";
import { createUnreadable } from "./unreadable.ts";
import type { RecordView } from "./view.ts";

/** Records that a topic's ring holds. */
export const TAIL_RECORDS = 1_000;
/** Bytes of keys and values that it holds at the most: fewer records, but always the newest one. */
export const TAIL_BYTES = 16 * 1024 * 1024;
/** Behind the end by more than this a partition is skipped ahead. */
const MOST_BEHIND = 5_000n;
const MAX_WAIT_MS = 1_000;
const MAX_BYTES_PER_PARTITION = 256 * 1024;
const PAUSE_MS = 1_000;
const DENIED = "TOPIC_AUTHORIZATION_FAILED";

export interface Tail {
  /** The newest `limit`, oldest first. */
  recent(topic: string, limit: number): readonly RecordView[];
  recentCount(topic: string): number;
  /** Records read since the start. */
  consumed(topic: string): number;
  lastUpdate(): number | null;
  /** Why Kafka does not let a topic be read; null where it does. */
  unreadable(topic: string): string | null;
  /** Resolves once it knows its positions. */
  ready(): Promise<void>;
  /** Where `listen` goes on. */
  positions(): Positions;
  /** Tells `listener` what is read from now on, but nothing that was there before the tail first looked. */
  listen(listener: (batch: LiveBatch) => void): () => void;
  /** The records of a partition from `from` up to and without `to`; null where the ring lacks any. */
  held(topic: string, partition: number, from: bigint, to: bigint): readonly RecordView[] | null;
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
  bytes: number;
  consumed: number;
}

const sizeOf = ({ key, value }: RawKafkaRecord): number => (key?.length ?? 0) + (value?.length ?? 0);

export function createTail(options: {
  /** One connection for each broker: a long poll holds up whatever else is asked on it. */
  createCluster(): Cluster;
  observer: Observer;
  now(): number;
  log: Logger;
  readable: Readable;
}): Tail {
  const { observer, log, readable } = options;
  const toView = (topic: string, partition: number, raw: RawKafkaRecord): RecordView =>
    toRecordView(topic, partition, readable.read(topic, raw));
  const stopping = new AbortController();
  const rings = new Map<string, Ring>();
  const unreadable = createUnreadable(options.now, log);
  const positions = createTailPositions(BigInt(TAIL_RECORDS), MOST_BEHIND);
  const listeners = createListeners<LiveBatch>((error) =>
    log.error({ err: error }, "a listener of the tail failed"),
  );
  let becomeReady = (): void => {};
  const ready = new Promise<void>((resolve) => {
    becomeReady = resolve;
  });
  const readers = new Map<number, { cluster: Cluster; done: Promise<void> }>();
  let lastUpdate: number | null = null;
  let supervising: Promise<void> = Promise.resolve();

  const ringOf = (topic: string): Ring => {
    const ring = rings.get(topic) ?? { records: [], bytes: 0, consumed: 0 };
    rings.set(topic, ring);
    return ring;
  };

  /** Where to read each partition that `leader` leads. */
  const plan = (picture: ClusterPicture, leader: number): FetchFrom[] => {
    positions.place(picture);
    becomeReady();
    return [...(groupByLeader(picture.topics).get(leader) ?? [])].flatMap(([topic, partitions]) =>
      partitions.flatMap((partition) => {
        const offset = positions.next(topic, partition);
        return offset === null ? [] : [{ topic, partition, offset }];
      }),
    );
  };

  const keep = (topic: string, partition: number, records: readonly RawKafkaRecord[]): void => {
    if (records.length === 0) return;
    const ring = ringOf(topic);
    ring.consumed += records.length;
    lastUpdate = options.now();
    for (const raw of records.slice(-TAIL_RECORDS)) {
      ring.records.push({ partition, raw: detached(raw) });
      ring.bytes += sizeOf(raw);
    }
    // Trimmed in one go now and then: shifting one by one would move the whole ring each time.
    if (ring.records.length > 2 * TAIL_RECORDS || ring.bytes > 2 * TAIL_BYTES) trim(ring);
  };

  /** Keeps what was read and tells it. */
  const take = ({ topic, partition, records, nextOffset }: FetchedPartition): void => {
    keep(topic, partition, records);
    const skipped = positions.advance(topic, partition, nextOffset);
    if (listeners.size === 0 || (records.length === 0 && skipped === 0)) return;
    const live = records
      .map((raw) => ({ offset: BigInt(raw.offset), toView: () => toView(topic, partition, raw) }))
      .filter(({ offset }) => positions.isNews(topic, partition, offset));
    if (live.length > 0 || skipped > 0) listeners.tell({ topic, partition, skipped, records: live });
  };

  /** Kafka refuses a request as a whole, without saying for which topic: it is asked for each by itself. */
  const tryAlone = async (leader: number, cluster: Cluster, from: readonly FetchFrom[]): Promise<void> => {
    for (const topic of new Set(from.map((one) => one.topic))) {
      const own = from.filter((one) => one.topic === topic);
      try {
        await cluster.fetch(leader, own, { maxWaitMs: 0, maxBytesPerPartition: 1 });
        unreadable.set(topic, null);
      } catch (error) {
        if (kafkaErrorType(error) !== DENIED) throw error;
        unreadable.set(topic, describeError(error));
      }
    }
  };

  const read = async (leader: number, cluster: Cluster): Promise<void> => {
    let doubtful = false;
    while (!stopping.signal.aborted) {
      const picture = observer.picture();
      const all = picture ? plan(picture, leader) : [];
      try {
        await tryAlone(
          leader,
          cluster,
          all.filter(({ topic }) => (unreadable.reason(topic) === null ? doubtful : unreadable.isDue(topic))),
        );
        doubtful = false;
        const from = all.filter(({ topic }) => unreadable.reason(topic) === null);
        if (from.length === 0) {
          await wait(PAUSE_MS, stopping.signal);
          continue;
        }
        const limits = { maxWaitMs: MAX_WAIT_MS, maxBytesPerPartition: MAX_BYTES_PER_PARTITION };
        const fetched = await cluster.fetch(leader, from, limits);
        for (const { topic, records } of fetched) await readable.prepare(topic, records);
        for (const got of fetched) take(got);
      } catch (error) {
        log.debug(`tail: ${describeError(error)}`);
        doubtful = kafkaErrorType(error) === DENIED;
        // Cut away by retention, or a topic made anew: that topic starts over.
        const { topic } = error as { topic?: string };
        if (kafkaErrorType(error) === "OFFSET_OUT_OF_RANGE" && topic !== undefined) {
          positions.forget(topic);
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
        .map(({ partition, raw }) => toView(topic, partition, raw));
    },
    recentCount: (topic) => Math.min(rings.get(topic)?.records.length ?? 0, TAIL_RECORDS),
    consumed: (topic) => rings.get(topic)?.consumed ?? 0,
    lastUpdate: () => lastUpdate,
    unreadable: (topic) => unreadable.reason(topic),
    ready: () => ready,
    positions: () => positions.news(),
    listen: (listener) => listeners.add(listener),
    held(topic, partition, from, to) {
      const found = (rings.get(topic)?.records ?? []).filter(({ partition: at, raw }) => {
        const offset = BigInt(raw.offset);
        return at === partition && offset >= from && offset < to;
      });
      if (BigInt(found.length) !== to - from) return null;
      const views = found.map(({ raw }) => toView(topic, partition, raw));
      return views.sort((a, b) => (BigInt(a.offset) < BigInt(b.offset) ? -1 : 1));
    },
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
  let from = 0;
  for (const { raw } of ring.records) {
    const left = ring.records.length - from;
    if (left <= TAIL_RECORDS && (ring.bytes <= TAIL_BYTES || left === 1)) break;
    ring.bytes -= sizeOf(raw);
    from += 1;
  }
  if (from > 0) ring.records.splice(0, from);
}
