import type { LogConfig } from "./log-config.ts";
import type { LogFs } from "./log-fs.ts";
import type { RecoveryCut } from "./recovery.ts";

export interface PartitionLogOptions {
  /** The partition's own folder; made if it is not there. */
  readonly dir: string;
  readonly config: LogConfig;
  /** Ms since 1970. */
  readonly now: () => number;
  readonly fs?: LogFs;
  /** Told of every torn write that is cut off at opening. */
  readonly onRecovery?: (cut: RecoveryCut) => void;
  /** Bytes of the newest batches kept in memory. */
  readonly tailBytes?: number;
}

/** Follows a log as it is written, in the same turn: what it makes of a batch is there before anybody can read it. */
export interface LogObserver {
  /** `batch` stands in the log, whole, with its offsets. Called for each, in order. */
  onBatch(batch: Buffer): void;
  /** What was appended so far is complete: the next batch begins a segment. */
  onRoll(): void;
}
