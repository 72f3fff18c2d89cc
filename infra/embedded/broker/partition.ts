import type { CompactionResult } from "../log/compaction.ts";
import type { CompactionPolicy } from "../log/compaction-plan.ts";
import { type LogFs, nodeFs } from "../log/log-fs.ts";
import type { PartitionLog } from "../log/partition-log.ts";
import { parseBatchHeader, readProducerId } from "../wire/record-batch.ts";
import { readNewestSnapshot, syncSnapshots, writeSnapshot } from "./producer-snapshot.ts";
import { ProducerState } from "./producer-state.ts";
import { readBatches } from "./read-batches.ts";

export interface PartitionOptions {
  readonly topic: string;
  readonly index: number;
  /** The folder of `log`; producer snapshots are kept there too. */
  readonly dir: string;
  readonly log: PartitionLog;
  readonly producerExpirationMs: number;
  /** Ms since 1970. */
  readonly now: () => number;
  readonly fs?: LogFs;
}

/** One partition: its log, those who wait for it, and the producers that write to it. */
export class Partition {
  readonly topic: string;
  readonly index: number;
  readonly log: PartitionLog;
  readonly producers: ProducerState;
  private readonly dir: string;
  private readonly fs: LogFs;
  private readonly now: () => number;
  private readonly watchers = new Set<() => void>();

  /** Reads what the log says of its producers: from the newest snapshot on. */
  constructor(options: PartitionOptions) {
    this.topic = options.topic;
    this.index = options.index;
    this.log = options.log;
    this.dir = options.dir;
    this.fs = options.fs ?? nodeFs;
    this.now = options.now;
    this.producers = this.readProducers(options.producerExpirationMs);
    this.log.observe({
      onBatch: (batch) => this.apply(batch),
      onRoll: () => this.writeSnapshot(),
    });
    this.log.onAppend(() => this.notify());
  }

  /** What a read_committed consumer reads up to: behind it lies a transaction that is open. */
  get lastStableOffset(): number {
    const { firstOpenOffset } = this.producers;
    return firstOpenOffset === null ? this.log.endOffset : Math.max(firstOpenOffset, this.log.startOffset);
  }

  /** Calls `listener` whenever there are new records, and when the partition is deleted. Returns how to stop that. */
  watch(listener: () => void): () => void {
    this.watchers.add(listener);
    return () => {
      this.watchers.delete(listener);
    };
  }

  notify(): void {
    for (const watcher of [...this.watchers]) watcher();
  }

  /** As the log's own; what the deleted records say of their producers is kept. Throws RangeError above the end offset. */
  deleteRecordsBefore(offset: number): void {
    this.writeSnapshot();
    this.log.deleteRecordsBefore(offset);
  }

  /** Compacts the log, if that is due (see log/compaction.ts). */
  async compact(policy: CompactionPolicy): Promise<CompactionResult | null> {
    // Compacted batches no longer tell the sequences of their producers. From here on the snapshots do.
    await syncSnapshots(this.fs, this.dir);
    const { aborted } = this.producers;
    return this.log.compact(policy, {
      lastStableOffset: this.lastStableOffset,
      isAborted: (producerId, offset) =>
        aborted.between(offset, offset + 1).some((transaction) => transaction.producerId === producerId),
    });
  }

  /** Closes the log; the next start reads nothing of it. */
  async close(): Promise<void> {
    await this.log.close();
    this.writeSnapshot();
  }

  private readProducers(expirationMs: number): ProducerState {
    const { log } = this;
    const snapshot = readNewestSnapshot(this.fs, this.dir, log.endOffset);
    const state = new ProducerState(expirationMs, snapshot ?? undefined);
    const from = snapshot?.offset ?? 0;
    // Producers of the replayed part live a little longer: records may carry any timestamp.
    const now = this.now();
    for (const { header, batch } of readBatches(log, from)) {
      if (header.baseOffset >= from) state.apply(batch, header, now);
    }
    return state;
  }

  private apply(batch: Buffer): void {
    if (readProducerId(batch) < 0) return;
    this.producers.apply(batch, parseBatchHeader(batch), this.now());
  }

  private writeSnapshot(): void {
    const { endOffset, startOffset } = this.log;
    writeSnapshot(this.fs, this.dir, this.producers.toSnapshot(endOffset, startOffset, this.now()));
  }
}
