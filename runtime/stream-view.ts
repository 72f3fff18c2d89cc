/**
 * What the live stream sees of the platform: records as the tail reads them, invocations as they end, lag as it is
 * measured. Nothing is computed for it while nobody listens; lag alone is always kept.
 */
import type { Invocation } from "./invoke.ts";
import type { GroupView, RecordView } from "./view.ts";

/** A record that was just read. Most are shown to nobody: its view is made when asked for. */
export interface LiveRecord {
  readonly offset: bigint;
  toView(): RecordView;
}

/** Records of one partition that were just read, in order. */
export interface LiveBatch {
  readonly topic: string;
  readonly partition: number;
  /** Records before the first that nobody will be told of: the tail had fallen too far behind and went on near the end. */
  readonly skipped: number;
  readonly records: readonly LiveRecord[];
}

/** Where the tail goes on: `topic` → partition → the offset of the next record. */
export type Positions = ReadonlyMap<string, ReadonlyMap<number, bigint>>;

export interface MissedRecords {
  /** In the order of their offsets. */
  readonly records: readonly RecordView[];
  /** Offsets that the topic no longer holds. */
  readonly gone: number;
}

/** The lag of a group at one time. */
export interface LagPoint {
  /** ms since 1970. */
  readonly timestamp: number;
  readonly lag: number;
  readonly lagSeconds: number | null;
  /** Empty for a group of very many partitions. */
  readonly partitions: readonly {
    readonly topic: string;
    readonly partition: number;
    readonly lag: number;
  }[];
}

/** Records per second over the last 10 s or so. */
export interface FunctionRate {
  readonly in: number;
  readonly out: number;
}

export interface StreamView {
  /** Resolves once the tail knows its positions, hence as soon as Kafka has answered. */
  ready(): Promise<void>;
  positions(): Positions;
  /** Calls `listener` for all that the tail reads from its positions on, until the returned function is called. */
  listen(listener: (batch: LiveBatch) => void): () => void;
  /** The records of a partition from `from` up to and without `to`. Rejects when Kafka does not answer. */
  missed(topic: string, partition: number, from: bigint, to: bigint): Promise<MissedRecords>;
  /** Topics whose definition says that their records are alerts. */
  alertTopics(): ReadonlySet<string>;
  /** Calls `listener` for each invocation to come, of all functions. */
  onInvocation(listener: (invocation: Invocation) => void): () => void;
  /** By function. */
  rates(): ReadonlyMap<string, FunctionRate>;
  /** The groups as lag was last measured; null before the first time. */
  lag(): readonly GroupView[] | null;
  /** Calls `listener` each time that lag has been measured. */
  onLag(listener: (groups: readonly GroupView[]) => void): () => void;
  /** The last 15 minutes, oldest first; null for a group that was never seen. */
  lagHistory(group: string): readonly LagPoint[] | null;
}
