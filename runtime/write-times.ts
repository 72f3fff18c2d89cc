/**
 * When records were written, from the end offsets that were seen over time: no request to Kafka is needed to tell how
 * far behind in seconds a reader is. Exact to the distance of two looks (2 s); between them it is interpolated.
 */
import type { ClusterPicture } from "./observer.ts";

/** The partition ended at `end` from `since` to `until`, ms. */
interface Seen {
  readonly end: bigint;
  readonly since: number;
  until: number;
}

export interface WriteTimes {
  observe(picture: Pick<ClusterPicture, "ends" | "takenAt">): void;
  /**
   * When the record at `offset` was written, ms since 1970; of one not yet seen, the time of the last look. Null where
   * it is older than what is remembered.
   */
  at(topic: string, partition: number, offset: bigint): number | null;
}

export function createWriteTimes(keepMs: number): WriteTimes {
  /** By `topic/partition`, oldest first. A partition that stands still takes one entry, however long. */
  const seen = new Map<string, Seen[]>();
  return {
    observe({ ends, takenAt }) {
      for (const [topic, partitions] of ends) {
        for (const [partition, end] of partitions) {
          const id = `${topic}/${partition}`;
          const all = seen.get(id) ?? [];
          const last = all[all.length - 1];
          if (last && end < last.end) all.length = 0; // made anew
          if (last && end === last.end) last.until = takenAt;
          else all.push({ end, since: takenAt, until: takenAt });
          while (all.length > 1 && takenAt - all[1]!.since > keepMs) all.shift();
          seen.set(id, all);
        }
      }
    },
    at(topic, partition, offset) {
      const all = seen.get(`${topic}/${partition}`) ?? [];
      const last = all[all.length - 1];
      if (!last || offset < all[0]!.end) return null;
      if (offset >= last.end) return last.until;
      let i = all.length - 1;
      while (all[i - 1]!.end > offset) i -= 1;
      const [before, after] = [all[i - 1]!, all[i]!];
      const share = Number(offset - before.end) / Number(after.end - before.end);
      return before.until + share * (after.since - before.until);
    },
  };
}
