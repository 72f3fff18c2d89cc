/** What the runtime tells about its work where traces are wanted; `otel/` makes spans of it. Absent, nothing is told. */
import type { RawKafkaRecord } from "./codec.ts";
import type { DeadLetter } from "./dead-letters.ts";
import type { Invocation } from "./invoke.ts";
import type { OutRecord } from "./lane.ts";

/** Of one record that is being written. */
export interface SendTrace {
  /** Where it goes. */
  chosen(partition: number): void;
  /** Told once: null when Kafka has acknowledged it, else why it never will. */
  end(error: unknown): void;
}

/** Of one tick of a producer. */
export interface TickTrace {
  /** 32 hex digits. */
  readonly traceId: string;
  /** The record with its `send` span, and with headers that lead to it. */
  send(out: OutRecord): OutRecord;
  end(error?: unknown): void;
}

/** Of one try to handle a batch, from its bytes to its acknowledged outputs. */
export interface BatchTrace {
  readonly traceId: string;
  /** A run of the handler, those included that look for a bad record. */
  ran(invocation: Invocation): void;
  deadLettered(letter: DeadLetter): void;
  /** As a tick's; the record goes on with its cause's trace. */
  send(out: OutRecord, cause: RawKafkaRecord): OutRecord;
  end(error?: unknown): void;
}

export interface BatchToTrace {
  readonly function: string;
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly RawKafkaRecord[];
  /** 1, and more for each time that the batch is tried again since something outside failed. */
  readonly delivery: number;
}

export interface Tracing {
  /** Null for a tick that led to nothing: most of a quiet producer's are such. */
  tick(invocation: Invocation): TickTrace | null;
  batch(batch: BatchToTrace): BatchTrace;
  /** Exports what has not been exported yet, within bounds of time. */
  stop(): Promise<void>;
}
