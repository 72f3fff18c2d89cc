import type { PartitionLog } from "../log/partition-log.ts";
import { parseBatchHeader } from "../wire/record-batch.ts";
import { ProducerState } from "./producer-state.ts";

/** How much of the newest log is searched for the sequences of idempotent producers after a start. */
const SEQUENCE_SCAN_OFFSETS = 100_000;
const SCAN_READ_BYTES = 1024 * 1024;

/** One partition: its log, those who wait for it, and the idempotent producers that write to it. */
export class Partition {
  readonly topic: string;
  readonly index: number;
  readonly log: PartitionLog;
  private readonly watchers = new Set<() => void>();
  private readonly producerExpirationMs: number;
  private producerState: ProducerState | undefined;

  constructor(topic: string, index: number, log: PartitionLog, producerExpirationMs: number) {
    this.topic = topic;
    this.index = index;
    this.log = log;
    this.producerExpirationMs = producerExpirationMs;
    log.onAppend(() => this.notify());
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

  /** Read back from the log when the first idempotent producer shows up: a start does not wait for it. */
  get producers(): ProducerState {
    this.producerState ??= this.readProducerState();
    return this.producerState;
  }

  private readProducerState(): ProducerState {
    const state = new ProducerState(this.producerExpirationMs);
    const { log } = this;
    let offset = Math.max(log.startOffset, log.endOffset - SEQUENCE_SCAN_OFFSETS);
    while (offset < log.endOffset) {
      const before = offset;
      for (const slice of log.read(offset, SCAN_READ_BYTES, true)) {
        for (let at = 0; at < slice.length; ) {
          const header = parseBatchHeader(slice, at);
          if (header.producerId >= 0 && !header.control) {
            const { baseOffset, maxTimestamp, logAppendTime } = header;
            const logAppendTimeMs = logAppendTime ? maxTimestamp : -1;
            state.remember(header, Promise.resolve({ baseOffset, logAppendTimeMs }), maxTimestamp);
          }
          offset = header.baseOffset + header.lastOffsetDelta + 1;
          at += header.sizeBytes;
        }
      }
      if (offset === before) break;
    }
    return state;
  }
}
