/**
 * Drives functions in tests as the runtime does, under the purity guards: ticks through a producer, records through
 * a consumer, with the state carried from call to call. What it returns is what one wants to look at.
 */
import type {
  Caused,
  ConsumerDefinition,
  Emit,
  FunctionDefinition,
  ProducerDefinition,
  Rec,
  TickOut,
} from "../runtime/define.ts";
import { type Invocation, invoke, type LoadedFunction, type LogEntry } from "../runtime/invoke.ts";
import { type SetAside, settle } from "../runtime/settle.ts";

/** An hour of a Sunday in 2026, at a full minute. */
export const START = Date.UTC(2026, 10, 22, 12);

function load(definition: FunctionDefinition, config: unknown): LoadedFunction {
  return { name: "under-test", codeHash: "", definition, config: definition.config.parse(config) };
}

/** `name{a="b"}` → the sum of what was counted under it. */
export type Metrics = Map<string, number>;

function count(metrics: Metrics, invocation: Invocation): void {
  for (const { name, value, labels } of invocation.metrics) {
    const inner = Object.entries(labels ?? {}).map(([k, v]) => `${k}=${JSON.stringify(v)}`);
    const key = inner.length > 0 ? `${name}{${inner.join(",")}}` : name;
    metrics.set(key, (metrics.get(key) ?? 0) + value);
  }
}

// ---------------------------------------------------------------- producers

export interface ProducerRun {
  readonly emits: readonly Emit[];
  /** The emits of each tick. */
  readonly ticks: readonly (readonly Emit[])[];
  readonly state: unknown;
}

export interface ProducerOptions {
  readonly config?: unknown;
  readonly instanceId?: string;
  /** Time that each tick stands for, ms. Default: the producer's own interval, `ticks` times. */
  readonly elapsedMs?: readonly number[];
  readonly ticks?: number;
  readonly startMs?: number;
}

/** Runs a producer from its start. The first tick is due one interval after `startMs`. */
export function runProducer(definition: ProducerDefinition, options: ProducerOptions = {}): ProducerRun {
  const { config = {}, instanceId = "test", startMs = START, ticks = 60 } = options;
  const elapsed = options.elapsedMs ?? Array.from({ length: ticks }, () => definition.everyMs);
  const fn = load(definition, config);
  const outputs: (readonly Emit[])[] = [];
  let state: unknown = null;
  let scheduledAt = startMs;
  elapsed.forEach((elapsedMs, seq) => {
    scheduledAt += elapsedMs;
    const input = { kind: "tick", seq, scheduledAt, elapsedMs, instanceId, state };
    const { outcome } = invoke(fn, {
      id: String(seq),
      trigger: "test",
      input,
      now: scheduledAt,
      guard: true,
    });
    if (outcome.kind !== "ok") throw new Error(`tick ${seq}: ${JSON.stringify(outcome)}`);
    const output = outcome.output as TickOut;
    outputs.push(output.emit ?? []);
    if (output.state !== undefined) state = output.state;
  });
  return { emits: outputs.flat(), ticks: outputs, state };
}

// ---------------------------------------------------------------- consumers

export interface ConsumerRun {
  readonly emits: readonly Caused[];
  /** Records that were set aside: not valid, named as failures, or thrown at. */
  readonly aside: readonly {
    readonly offset: string;
    readonly kind: SetAside["kind"];
    readonly reason: string;
  }[];
  readonly state: ReadonlyMap<string, unknown>;
  readonly metrics: Metrics;
  readonly logs: readonly LogEntry[];
}

export interface ConsumerOptions {
  readonly config?: unknown;
  readonly partition?: number;
  /** Lengths of the batches that the records are cut into; the last one takes what is left. Default: one batch. */
  readonly cuts?: readonly number[];
  /** `ctx.now` of each batch. */
  readonly now?: (batch: number) => number;
}

/** Runs a consumer on the records of one partition from nothing; records that fail are set aside, as in life. */
export function runConsumer(
  definition: ConsumerDefinition,
  records: readonly Rec[],
  options: ConsumerOptions = {},
): ConsumerRun {
  const { config = {}, partition = 0, cuts = [], now = () => START } = options;
  const fn = load(definition, config);
  const state = new Map<string, unknown>();
  const emits: Caused[] = [];
  const aside: ConsumerRun["aside"][number][] = [];
  const metrics: Metrics = new Map();
  const logs: LogEntry[] = [];
  cut(records, cuts).forEach((part, i) => {
    const input = {
      kind: "batch" as const,
      topic: definition.topic.name,
      partition,
      records: part,
      state: toPrototypeless(state),
    };
    const settled = settle(input, (batch, attempt) =>
      invoke(fn, { id: String(i), trigger: "test", input: batch, now: now(i), attempt, guard: true }),
    );
    if (settled.unstable) throw new Error(`batch ${i}: the handler threw once and then did not`);
    for (const { record, kind, error } of settled.aside) {
      aside.push({ offset: record.offset, kind, reason: `${error.name}: ${error.message}` });
    }
    emits.push(...(settled.output.emit ?? []));
    for (const { key, value } of settled.output.state ?? []) {
      if (value === null) state.delete(key);
      else state.set(key, value);
    }
    if (settled.invocation) count(metrics, settled.invocation);
    logs.push(...(settled.invocation?.logs ?? []));
  });
  return { emits, aside, state, metrics, logs };
}

function toPrototypeless(state: ReadonlyMap<string, unknown>): Record<string, unknown> {
  const object: Record<string, unknown> = Object.create(null);
  for (const [key, value] of state) object[key] = value;
  return object;
}

function cut<T>(items: readonly T[], lengths: readonly number[]): T[][] {
  const parts: T[][] = [];
  let from = 0;
  for (const length of [...lengths, items.length]) {
    if (from < items.length && length > 0) parts.push(items.slice(from, from + length));
    from += length;
  }
  return parts;
}

// ---------------------------------------------------------------- records

export interface Given {
  /** Ms after `START`. */
  readonly atMs?: number;
  readonly key?: string | null;
  readonly value: unknown;
}

/** Records of one partition from values, with offsets, and stream time as the runtime keeps it. */
export function toRecords(given: readonly Given[]): Rec[] {
  let streamTimeMs = Number.NEGATIVE_INFINITY;
  return given.map(({ atMs = 0, key = null, value }, i) => {
    const timestamp = START + atMs;
    streamTimeMs = Math.max(streamTimeMs, timestamp);
    return { offset: String(i), timestamp, streamTimeMs, key, headers: {}, value };
  });
}

/** A producer's emits as the records of one partition: what a consumer of its topic would read. */
export function asRecords(run: ProducerRun): Rec[] {
  return toRecords(
    run.emits.map(({ key, value }) => ({
      atMs: Date.parse((value as { timestamp: string }).timestamp) - START,
      key,
      value,
    })),
  );
}
