/**
 * What the API and the UI see of the platform: one read view and one command port, as types. They never reach
 * further in. Everything that is not a promise comes from a snapshot that is kept fresh in the background, so that
 * a request never waits for Kafka. Times are ms since 1970, offsets decimal strings.
 */
import type { BrowsePort } from "./browse-view.ts";
import type { Invocation } from "./invoke.ts";
import type { SchemaRef } from "./serde.ts";
import type { StreamView } from "./stream-view.ts";

export interface CheckView {
  readonly status: "healthy" | "unhealthy";
  /** Why it is unhealthy, and what to do. */
  readonly reason?: string;
}

export interface HealthView {
  readonly status: "healthy" | "unhealthy";
  /** By dependency: `kafka`, `schema registry` where the platform runs one, and each function's name. */
  readonly checks: Readonly<Record<string, CheckView>>;
}

export interface PartitionView {
  readonly partition: number;
  readonly leader: number;
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
  readonly startOffset: string;
  readonly endOffset: string;
  /** Of the leader's log; null where Kafka does not tell. */
  readonly sizeBytes: number | null;
}

/**
 * `input`: what comes from outside or from producers; `derived`: what consumers make; `dlq`: dead letters; `other`:
 * a topic without a definition.
 */
export type TopicRole = "input" | "derived" | "dlq" | "other";

export interface TopicView {
  readonly name: string;
  /** Whether a definition in `functions/topics` (or a dead letter queue of one) stands behind it. */
  readonly defined: boolean;
  readonly description: string | null;
  readonly key: string | null;
  readonly partitions: readonly PartitionView[];
  readonly replicationFactor: number;
  /** Records it holds now: end less start offsets. */
  readonly messageCount: number;
  /** Records in the bounded tail. */
  readonly recentCount: number;
  /** Records that the tail has read since the start. */
  readonly totalConsumed: number;
  /** Records per second written to it, over the last 10 s or so. */
  readonly rate: number;
  /** As Kafka has it configured; null until it is known. −1: for ever. */
  readonly retentionMs: number | null;
  readonly cleanupPolicy: string | null;
  /** Of all partitions, one replica each; null where Kafka does not tell. */
  readonly sizeBytes: number | null;
  readonly role: TopicRole;
  /** Whether its definition says that its records are alerts. */
  readonly alerts: boolean;
  /** Why Kafka does not let its records be read; null where it does. */
  readonly unreadable: string | null;
}

/** A record as it stands on a topic. The value is text, so that no number is ever re-written on the way. */
export interface RecordView {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly timestamp: number;
  readonly key: string | null;
  readonly headers: Readonly<Record<string, string>>;
  /** Null for a tombstone. */
  readonly valueText: string | null;
  /** Whether `valueText` is JSON. */
  readonly isJson: boolean;
  /** Bytes; null for a null key. */
  readonly keySize: number | null;
  /** Bytes; null for a tombstone. */
  readonly valueSize: number | null;
  /** Whether a key, value or header above is only the beginning of a longer one. */
  readonly isCut: boolean;
  /** The schema that the value was written with; left out where it carries none. */
  readonly schema?: SchemaRef;
}

export interface FunctionView {
  readonly name: string;
  readonly kind: "producer" | "consumer";
  readonly description: string;
  readonly codeHash: string;
  readonly config: unknown;
  /** The consumer's input topic. */
  readonly topic: string | null;
  readonly group: string | null;
  readonly emits: readonly string[];
  readonly status: "stopped" | "starting" | "running" | "waiting" | "failing";
  /** Why it is waiting or failing. */
  readonly reason: string | null;
  readonly invocations: { readonly ok: number; readonly error: number; readonly invalid: number };
  readonly recordsIn: number;
  readonly recordsOut: number;
  readonly deadLetters: number;
  /** Tries to write outputs and to finish batches that failed and were repeated. */
  readonly retries: number;
  /** Times that the shadow run under the purity guards found the handler impure. */
  readonly impure: number;
  readonly restarts: number;
  readonly rebalances: number;
  readonly lastInvocationAt: number | null;
  readonly lastError: string | null;
  /** Mean of the last invocations, ms. */
  readonly meanDurationMs: number | null;
  /** Sums of what the handler gave to `ctx.metric`, by name (labels joined in as `name{a="b"}`). */
  readonly metrics: Readonly<Record<string, number>>;
  readonly state: {
    /** In memory only: lost on restart and when a partition moves. */
    readonly durability: "memory";
    readonly keys: number;
  };
  readonly assignment: readonly number[];
  /** Records not yet committed, over the assigned partitions; null where it is not known. */
  readonly lag: number | null;
}

export interface GroupPartitionView {
  readonly topic: string;
  readonly partition: number;
  /** Null: nothing committed yet. */
  readonly committedOffset: string | null;
  readonly endOffset: string;
  readonly lag: number;
  /** The age of the oldest record that is not committed; null where it is not known (yet). */
  readonly lagSeconds: number | null;
  readonly memberId: string | null;
}

export interface GroupView {
  readonly id: string;
  readonly state: string;
  readonly protocol: string;
  readonly members: readonly {
    readonly id: string;
    readonly clientId: string;
    readonly host: string;
    readonly assignment: readonly { readonly topic: string; readonly partitions: readonly number[] }[];
  }[];
  readonly partitions: readonly GroupPartitionView[];
  readonly lag: number;
  /** That of the partition that is furthest behind; null as long as one's is not known. */
  readonly lagSeconds: number | null;
}

export interface ReadView {
  readonly browse: BrowsePort;
  readonly stream: StreamView;
  health(): HealthView;
  /** Whether Kafka answers: `/readyz`. */
  ready(): CheckView;
  topics(): readonly TopicView[];
  topic(name: string): TopicView | null;
  /** The newest `limit` records of a topic, oldest first; null for an unknown topic. */
  messages(topic: string, limit: number): Promise<readonly RecordView[] | null>;
  /** The newest record of a topic; null where it has none. */
  latest(topic: string): Promise<RecordView | null>;
  /** When the tail last read a record. */
  lastUpdate(): number | null;
  functions(): readonly FunctionView[];
  function(name: string): FunctionView | null;
  /** The last invocations, oldest first. */
  invocations(name: string): readonly CapturedInvocation[];
  /** Calls `listener` for each invocation to come, until the returned function is called. */
  follow(name: string, listener: (invocation: CapturedInvocation) => void): () => void;
  groups(): Promise<readonly GroupView[]>;
  group(id: string): Promise<GroupView | null>;
}

/** The bytes of one record of a batch as they were on the topic, in base64. */
export interface RawRecord {
  readonly offset: string;
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** An invocation, and for a batch the bytes that its records were decoded from. */
export interface CapturedInvocation extends Invocation {
  readonly raw?: readonly RawRecord[];
}

export interface CommandPort {
  /** Runs a function on an input under the purity guards. Its outputs are not sent and its state is not kept. */
  invoke(name: string, input: unknown): Promise<Invocation>;
  /** A valid input to start from. */
  sample(name: string): Promise<unknown>;
}
