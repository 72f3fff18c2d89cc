/** Invocations as the API gives them (with the names that a capture has), and what is read from them. Pure. */
import type { InvocationEvent } from "../../data/types.ts";

export interface RecordIn {
  readonly offset: string;
  readonly timestamp: number;
  readonly key: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: unknown;
}

export interface Tick {
  readonly kind: "tick";
  readonly seq: number;
  readonly scheduledAt: number;
  readonly elapsedMs: number;
  readonly instanceId: string;
  readonly state: unknown;
}

export interface Batch {
  readonly kind: "batch";
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly RecordIn[];
  readonly state: Readonly<Record<string, unknown>>;
}

export interface Emit {
  readonly topic: string;
  readonly key: string | null;
  readonly value: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** The offset of the record that led to it; a tick's has none. */
  readonly cause?: string;
}

export interface StateChange {
  readonly key: string;
  readonly value: unknown;
}

interface Failure {
  readonly offset: string;
  readonly reason: string;
}

export interface Output {
  readonly emit?: readonly Emit[];
  /** Of a batch its changes; of a tick the whole. */
  readonly state?: unknown;
  readonly failures?: readonly Failure[];
}

export interface ThrownError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
}

export type Outcome =
  | { readonly kind: "ok"; readonly output: Output }
  | { readonly kind: "error"; readonly error: ThrownError }
  | { readonly kind: "invalid"; readonly message: string; readonly records: readonly Failure[] };

export interface LogEntry {
  readonly level: string;
  readonly message: string;
  readonly fields?: Readonly<Record<string, unknown>>;
}

export interface MetricEntry {
  readonly name: string;
  readonly value: number;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface Invocation {
  readonly id: string;
  readonly function: string;
  readonly codeHash: string;
  readonly trigger: string;
  readonly attempt: number;
  readonly input: Tick | Batch;
  /** ms since 1970. */
  readonly now: number;
  readonly seed: string;
  readonly config: unknown;
  readonly outcome: Outcome;
  readonly logs: readonly LogEntry[];
  readonly metrics: readonly MetricEntry[];
  readonly durationMs: number;
}

/** In short, as the live stream tells of it. */
export function summaryOf(invocation: Invocation): InvocationEvent {
  const { id, trigger, input, outcome } = invocation;
  const records = input.kind === "batch" ? input.records : [];
  return {
    id,
    function: invocation.function,
    at: new Date(invocation.now).toISOString(),
    trigger,
    outcome: outcome.kind,
    error: problemOf(outcome),
    records: records.length,
    first_offset: records[0]?.offset ?? null,
    last_offset: records.at(-1)?.offset ?? null,
    partition: input.kind === "batch" ? input.partition : null,
    emits: outcome.kind === "ok" ? (outcome.output.emit?.length ?? 0) : 0,
    duration_ms: invocation.durationMs,
  };
}

/** Why it is not ok; null where it is. */
export function problemOf(outcome: Outcome): string | null {
  if (outcome.kind === "ok") return null;
  return outcome.kind === "error" ? `${outcome.error.name}: ${outcome.error.message}` : outcome.message;
}

/** Newest first, each once, at most `most`. Those of the same time stay in the order they came in. */
export function mergeSummaries(
  known: readonly InvocationEvent[],
  more: readonly InvocationEvent[],
  most: number,
): readonly InvocationEvent[] {
  const ids = new Set(known.map(({ id }) => id));
  const added = more.filter(({ id }) => !ids.has(id)).toReversed();
  if (added.length === 0) return known;
  return [...added, ...known].sort((a, b) => (a.at === b.at ? 0 : a.at < b.at ? 1 : -1)).slice(0, most);
}

/** One record of a batch and what it led to. */
export interface Caused {
  readonly record: RecordIn;
  readonly emits: readonly Emit[];
  readonly failure: string | null;
}

/** A batch's records in order, each with what it led to. */
export function byRecord(input: Batch, outcome: Outcome): readonly Caused[] {
  const output = outcome.kind === "ok" ? outcome.output : {};
  const emits = byCause(output.emit ?? []);
  const failed = outcome.kind === "invalid" ? outcome.records : (output.failures ?? []);
  const failures = new Map(failed.map(({ offset, reason }) => [offset, reason]));
  return input.records.map((record) => ({
    record,
    emits: emits.get(record.offset) ?? [],
    failure: failures.get(record.offset) ?? null,
  }));
}

function byCause(emits: readonly Emit[]): ReadonlyMap<string, readonly Emit[]> {
  const groups = new Map<string, Emit[]>();
  for (const emit of emits) {
    const cause = emit.cause ?? "";
    const group = groups.get(cause);
    if (group) group.push(emit);
    else groups.set(cause, [emit]);
  }
  return groups;
}
