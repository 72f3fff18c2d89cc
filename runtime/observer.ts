/**
 * A picture of the cluster's topics that is kept fresh in the background: partitions, leaders, first and last
 * offsets, write rates. Requests and lag are answered from it, so that nobody waits for Kafka.
 */

import { wait } from "./backoff.ts";
import {
  type BrokerMetadata,
  type Cluster,
  EARLIEST,
  LATEST,
  type Offsets,
  type TopicMetadata,
} from "./cluster.ts";
import { describeError, describeUnreached } from "./kafka.ts";

export interface ClusterPicture {
  readonly brokers: readonly BrokerMetadata[];
  readonly topics: TopicMetadata;
  readonly starts: Offsets;
  readonly ends: Offsets;
  readonly takenAt: number;
}

export interface Observer {
  /** Null until the first picture has been taken. */
  picture(): ClusterPicture | null;
  /** Why the last try failed, or null. */
  trouble(): string | null;
  /** Records per second written to a topic over the last pictures. */
  rate(topic: string): number;
  /** The first offset that a partition still holds, and its end; null while not known. */
  startOffset(topic: string, partition: number): bigint | null;
  endOffset(topic: string, partition: number): bigint | null;
  /** Takes a picture now. Rejects when Kafka does not answer. */
  refresh(): Promise<ClusterPicture>;
  /** Tells `listener` each picture to come, until the returned function is called. */
  listen(listener: (picture: ClusterPicture) => void): () => void;
  start(): void;
  stop(): Promise<void>;
}

const EVERY_MS = 2_000;
const RATE_WINDOW_MS = 10_000;

/** `onChange` is told why Kafka, once reached, does not answer any more, and with null when it answers again. */
export function createObserver(
  cluster: Cluster,
  now: () => number,
  onChange: (trouble: string | null) => void = () => {},
): Observer {
  const stopping = new AbortController();
  /** Pictures of the rate window, oldest first. */
  let pictures: ClusterPicture[] = [];
  const listeners = new Set<(picture: ClusterPicture) => void>();
  let trouble: string | null = "not connected yet";
  let reached = false;
  let looping: Promise<void> = Promise.resolve();

  const refresh = async (): Promise<ClusterPicture> => {
    try {
      const topics = await cluster.metadata();
      const brokers = await cluster.brokers();
      const starts = await cluster.offsets(topics, EARLIEST);
      const ends = await cluster.offsets(topics, LATEST);
      const picture: ClusterPicture = { brokers, topics, starts, ends, takenAt: now() };
      pictures = [...pictures.filter((p) => picture.takenAt - p.takenAt <= RATE_WINDOW_MS), picture];
      if (trouble !== null && reached) onChange(null);
      reached = true;
      trouble = null;
      for (const listener of listeners) listener(picture);
      return picture;
    } catch (error) {
      const reason = reached ? describeError(error) : describeUnreached(error);
      if (trouble === null && !stopping.signal.aborted) onChange(reason);
      trouble = reason;
      throw error;
    }
  };

  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await refresh().catch(() => {}); // kept in `trouble`, and tried again below
      await wait(EVERY_MS, stopping.signal);
    }
  };

  const picture = (): ClusterPicture | null => pictures[pictures.length - 1] ?? null;
  return {
    picture,
    trouble: () => trouble,
    rate(topic) {
      const [first, last] = [pictures[0], picture()];
      if (!first || !last || last.takenAt <= first.takenAt) return 0;
      const written = total(last.ends, topic) - total(first.ends, topic);
      // A topic that was deleted and made again starts from 0: no rate is negative.
      return Math.max(0, Number(written) / ((last.takenAt - first.takenAt) / 1000));
    },
    startOffset: (topic, partition) => picture()?.starts.get(topic)?.get(partition) ?? null,
    endOffset: (topic, partition) => picture()?.ends.get(topic)?.get(partition) ?? null,
    refresh,
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    start() {
      looping = loop();
    },
    async stop() {
      stopping.abort();
      await cluster.disconnect(); // ends what is being asked
      await looping;
      await cluster.disconnect(); // which may have gone on with the next question
    },
  };
}

export const total = (offsets: Offsets, topic: string): bigint =>
  [...(offsets.get(topic)?.values() ?? [])].reduce((sum, offset) => sum + offset, 0n);
