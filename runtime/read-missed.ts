/** Records that somebody missed, read again: from the tail where it still holds them, or else from Kafka. */
import PQueue from "p-queue";
import type { Cluster } from "./cluster.ts";
import type { Observer } from "./observer.ts";
import type { Readable } from "./readable.ts";
import { toRecordView } from "./record-view.ts";
import type { MissedRecords } from "./stream-view.ts";
import type { Tail } from "./tail.ts";
import type { RecordView } from "./view.ts";

const LIMITS = { maxWaitMs: 100, maxBytesPerPartition: 256 * 1024 };
/** Partitions read at a time: after a restart, hundreds of clients come back at once. */
const AT_ONCE = 4;

export type ReadMissed = (
  topic: string,
  partition: number,
  from: bigint,
  to: bigint,
) => Promise<MissedRecords>;

/** Reads `from` up to and without `to`. Rejects when Kafka does not answer or the partition has no leader. */
export function createReadMissed(options: {
  tail: Pick<Tail, "held">;
  cluster: Pick<Cluster, "fetch">;
  observer: Pick<Observer, "picture">;
  readable: Readable;
}): ReadMissed {
  const { tail, cluster, observer, readable } = options;
  const queue = new PQueue({ concurrency: AT_ONCE });

  const readFromKafka: ReadMissed = async (topic, partition, from, to) => {
    const picture = observer.picture();
    const leader = picture?.topics.get(topic)?.find((one) => one.partition === partition)?.leader ?? -1;
    if (leader < 0) throw new Error(`partition ${partition} of ${topic} has no leader at the moment`);
    const start = picture!.starts.get(topic)?.get(partition) ?? 0n;
    const records: RecordView[] = [];
    let at = from > start ? from : start;
    while (at < to) {
      const [got] = await cluster.fetch(leader, [{ topic, partition, offset: at }], LIMITS);
      if (!got || got.nextOffset <= at) break; // fewer records than offsets: the rest was never there to read
      await readable.prepare(topic, got.records);
      for (const raw of got.records) {
        if (BigInt(raw.offset) < to) records.push(toRecordView(topic, partition, readable.read(topic, raw)));
      }
      at = got.nextOffset;
    }
    return { records, gone: start > from ? Number((start < to ? start : to) - from) : 0 };
  };

  return async (topic, partition, from, to) => {
    const held = tail.held(topic, partition, from, to);
    if (held) return { records: held, gone: 0 };
    return queue.add(() => readFromKafka(topic, partition, from, to));
  };
}
