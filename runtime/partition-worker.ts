/**
 * One assigned partition: a bounded queue of fetched records, worked off slice by slice, one at a time and in order.
 * Partitions do not wait for each other, and kafkajs never waits for any: the queue asks for a pause when it is full.
 */
import PQueue from "p-queue";
import type { RawKafkaRecord } from "./codec.ts";

export interface PartitionWorkerOptions {
  readonly maxBatchRecords: number;
  /**
   * Stop fetching above, go on below. What lies between must last longer than kafkajs sleeps when all is paused, or a
   * fast consumer runs dry again and again.
   */
  readonly highWatermarkBytes: number;
  readonly lowWatermarkBytes: number;
  /** Handles one slice; retries inside. A rejection means that it was told to give up. */
  process(records: readonly RawKafkaRecord[]): Promise<void>;
  pause(): void;
  resume(): void;
}

export interface PartitionWorker {
  /** Queues fetched records; `nextOffset` is where fetching goes on after them. */
  enqueue(records: readonly RawKafkaRecord[], nextOffset: bigint): void;
  /** The offset to commit: everything below is done. Null: nothing done yet. */
  readonly position: bigint | null;
  readonly queuedRecords: number;
  /** Forgets what is queued (fetching starts again from the committed offset); what is being worked on goes on. */
  reset(): void;
  /** As reset, and resolves when what is being worked on is over. */
  drain(): Promise<void>;
}

/** What a queued record is counted with: its bytes, and about what the objects around them take. */
export const queuedBytesOf = ({ key, value }: RawKafkaRecord): number =>
  200 + (key?.length ?? 0) + (value?.length ?? 0);

const bytesOf = (records: readonly RawKafkaRecord[]): number =>
  records.reduce((sum, record) => sum + queuedBytesOf(record), 0);

export function createPartitionWorker(options: PartitionWorkerOptions): PartitionWorker {
  const queue = new PQueue({ concurrency: 1 });
  let epoch = 0;
  let queuedRecords = 0;
  let queuedBytes = 0;
  let paused = false;
  let position: bigint | null = null;

  const finish = (slice: readonly RawKafkaRecord[]): void => {
    queuedRecords -= slice.length;
    queuedBytes -= bytesOf(slice);
    if (paused && queuedBytes <= options.lowWatermarkBytes) {
      paused = false;
      options.resume();
    }
  };

  const advance = (next: bigint): void => {
    if (position === null || next > position) position = next;
  };

  const work = async (
    records: readonly RawKafkaRecord[],
    nextOffset: bigint,
    born: number,
  ): Promise<void> => {
    for (let at = 0; at < records.length; at += options.maxBatchRecords) {
      if (born !== epoch) return;
      const slice = records.slice(at, at + options.maxBatchRecords);
      await options.process(slice);
      advance(BigInt(slice[slice.length - 1]!.offset) + 1n);
      if (born === epoch) finish(slice);
    }
    // Past what stands after the last record: control records, and what compaction has left out.
    if (born === epoch) advance(nextOffset);
  };

  const reset = (): void => {
    epoch += 1;
    queue.clear();
    queuedRecords = 0;
    queuedBytes = 0;
    if (paused) options.resume();
    paused = false;
  };

  return {
    enqueue(records, nextOffset) {
      const born = epoch;
      queuedRecords += records.length;
      queuedBytes += bytesOf(records);
      // A rejected slice is one that was told to stop: it stays uncommitted, and the next owner handles it. Caught
      // inside the job: by the time that the queue says so, the next job runs and would move the position past it.
      void queue.add(() => work(records, nextOffset, born).catch(reset));
      if (!paused && queuedBytes > options.highWatermarkBytes) {
        paused = true;
        options.pause();
      }
    },
    get position() {
      return position;
    },
    get queuedRecords() {
      return queuedRecords;
    },
    reset,
    async drain() {
      reset();
      await queue.onIdle();
    },
  };
}
