/**
 * How far behind each consumer group is, in records and in seconds, measured after every picture that the observer
 * takes (every 2 s) and kept for 15 minutes. Where there are so many groups that asking takes long, it asks less often.
 */

import type { AdminPort } from "./admin-client.ts";
import type { Cluster } from "./cluster.ts";
import { listGroups, type SecondsBehind } from "./groups-view.ts";
import { describeError } from "./kafka.ts";
import { createListeners } from "./listeners.ts";
import type { Logger } from "./log.ts";
import type { ClusterPicture, Observer } from "./observer.ts";
import { createRecordTimes } from "./record-times.ts";
import type { LagPoint } from "./stream-view.ts";
import type { GroupView } from "./view.ts";
import { createWriteTimes } from "./write-times.ts";

export const KEEP_MS = 15 * 60_000;
/** Of a group of more partitions than this, only the sum is kept. */
const MOST_PARTITIONS = 500;
/** It works for at most one part in so many of the time. */
const SPARING = 10;

export interface LagHistory {
  /** The groups as last measured; null before the first time. */
  current(): readonly GroupView[] | null;
  points(group: string): readonly LagPoint[] | null;
  /** The age in seconds of the record that a reader at `offset` would read next; null where it is not known (yet). */
  readonly secondsBehind: SecondsBehind;
  listen(listener: (groups: readonly GroupView[]) => void): () => void;
  start(): void;
  stop(): void;
}

export function createLagHistory(options: {
  admin: AdminPort;
  observer: Observer;
  /** A connection to look up records that are older than what is remembered. */
  cluster: Cluster;
  now(): number;
  log: Logger;
}): LagHistory {
  const { admin, observer, cluster, now, log } = options;
  const listeners = createListeners<readonly GroupView[]>((error) =>
    log.error({ err: error }, "a listener of the lag failed"),
  );
  const writeTimes = createWriteTimes(KEEP_MS);
  const recordTimes = createRecordTimes(cluster);
  const history = new Map<string, LagPoint[]>();
  let current: readonly GroupView[] | null = null;
  let busyUntil = 0;
  let unlisten = (): void => {};

  const secondsBehind: SecondsBehind = (topic, partition, offset) => {
    const at = writeTimes.at(topic, partition, offset) ?? recordTimes.at(topic, partition, offset);
    return at === null ? null : Math.max(0, Math.round(now() - at)) / 1000;
  };

  const keep = (groups: readonly GroupView[], timestamp: number): void => {
    for (const group of groups) {
      const points = history.get(group.id) ?? [];
      history.set(group.id, points);
      const partitions = group.partitions.length > MOST_PARTITIONS ? [] : group.partitions;
      points.push({
        timestamp,
        lag: group.lag,
        lagSeconds: group.lagSeconds,
        partitions: partitions.map(({ topic, partition, lag }) => ({ topic, partition, lag })),
      });
    }
    for (const [id, points] of history) {
      while (points.length > 0 && timestamp - points[0]!.timestamp > KEEP_MS) points.shift();
      if (points.length === 0) history.delete(id);
    }
  };

  const measure = async (picture: ClusterPicture): Promise<void> => {
    const began = now();
    if (began < busyUntil) return;
    busyUntil = Number.POSITIVE_INFINITY;
    try {
      const groups = await listGroups(admin, observer, secondsBehind);
      current = groups;
      keep(groups, began);
      listeners.tell(groups);
      const old = groups
        .flatMap((group) => group.partitions)
        .filter(({ lagSeconds }) => lagSeconds === null)
        .map(({ topic, partition, endOffset, lag }) => ({
          topic,
          partition,
          offset: BigInt(endOffset) - BigInt(lag),
        }));
      if (old.length > 0) await recordTimes.learn(picture.topics, old);
    } catch (error) {
      log.debug(`lag: ${describeError(error)}`); // Kafka does not answer, as health says; measured again at the next picture
    } finally {
      const ended = now();
      const took = ended - began;
      // Half a rhythm is spare time enough: only long measuring is to skip a picture.
      busyUntil = took < 100 ? 0 : ended + took * SPARING;
    }
  };

  return {
    current: () => current,
    points: (group) => history.get(group) ?? null,
    secondsBehind,
    listen: (listener) => listeners.add(listener),
    start() {
      unlisten = observer.listen((picture) => {
        writeTimes.observe(picture);
        void measure(picture);
      });
    },
    stop: () => unlisten(),
  };
}
