/**
 * Where the tail reads each partition. What was written before it first looked fills its rings but is no news; a
 * topic that appears later is all news. Behind by too much it goes on near the end, and counts what it left out.
 */
import type { ClusterPicture } from "./observer.ts";
import type { Positions } from "./stream-view.ts";

interface Place {
  next: bigint;
  /** Records before it were there before the tail. */
  readonly newsFrom: bigint;
  skipped: bigint;
}

export interface TailPositions {
  /** Takes the cluster's offsets in: places partitions that are new, moves those that are too far behind or cut away. */
  place(picture: ClusterPicture): void;
  /** The next offset to read; null for a partition that no picture had offsets of. */
  next(topic: string, partition: number): bigint | null;
  /** It was read up to `next`. Returns how many records were left out before this step. */
  advance(topic: string, partition: number, next: bigint): number;
  isNews(topic: string, partition: number, offset: bigint): boolean;
  /** The topic starts over, near its end: it was cut away or made anew. */
  forget(topic: string): void;
  /** Where news go on. */
  news(): Positions;
}

/** `near`: how many records before the end it begins. `mostBehind`: further back it jumps there again. */
export function createTailPositions(near: bigint, mostBehind: bigint): TailPositions {
  const places = new Map<string, Map<number, Place>>();
  /** Topics that were there before the tail; null until it has looked. */
  let old: Set<string> | null = null;
  let placed: ClusterPicture | null = null;
  const placeOf = (topic: string, partition: number): Place | undefined => places.get(topic)?.get(partition);

  return {
    place(picture) {
      if (picture === placed) return;
      placed = picture;
      old ??= new Set(picture.topics.keys());
      for (const [topic, partitions] of picture.topics) {
        const byPartition = places.get(topic) ?? new Map<number, Place>();
        places.set(topic, byPartition);
        for (const { partition } of partitions) {
          const start = picture.starts.get(topic)?.get(partition);
          const end = picture.ends.get(topic)?.get(partition);
          if (start === undefined || end === undefined) continue; // without a leader at the moment
          const begin = end - near > start ? end - near : start;
          const place = byPartition.get(partition);
          if (!place) {
            byPartition.set(partition, { next: begin, newsFrom: old.has(topic) ? end : begin, skipped: 0n });
          } else if (place.next < start || end - place.next > mostBehind) {
            const left = begin - (place.next > place.newsFrom ? place.next : place.newsFrom);
            if (left > 0n) place.skipped += left;
            place.next = begin;
          }
        }
      }
    },
    next: (topic, partition) => placeOf(topic, partition)?.next ?? null,
    advance(topic, partition, next) {
      const place = placeOf(topic, partition);
      if (!place) return 0; // forgotten while it was being read
      const skipped = Number(place.skipped);
      place.next = next;
      place.skipped = 0n;
      return skipped;
    },
    isNews(topic, partition, offset) {
      const place = placeOf(topic, partition);
      return place !== undefined && offset >= place.newsFrom;
    },
    forget(topic) {
      places.delete(topic);
      old?.delete(topic);
      placed = null;
    },
    news: () =>
      new Map(
        [...places].map(([topic, byPartition]) => [
          topic,
          new Map(
            [...byPartition].map(([partition, { next, newsFrom }]) => [
              partition,
              next > newsFrom ? next : newsFrom,
            ]),
          ),
        ]),
      ),
  };
}
