/**
 * The programming model: every type that a function author sees.
 *
 * A behaviour is a pure, synchronous function `(input, ctx) => output`. Input and output are plain
 * JSON-able data; time, chance and configuration come through `ctx`; the runtime owns the rest.
 */
import type { z } from "zod";

// ---------------------------------------------------------------- topics

export type Compression = "none" | "gzip" | "snappy" | "lz4" | "zstd";

/** A topic: its name, its shape and how it is kept. `T["name"]` is a literal type, so emits are checked by it. */
export interface Topic<Name extends string = string, Schema extends z.ZodType = z.ZodType> {
  readonly kind: "topic";
  readonly name: Name;
  readonly description: string;
  readonly partitions: number;
  /** The name of the value's field that is the record's key, or null for records without one. */
  readonly key: string | null;
  readonly schema: Schema;
  /** How the platform's own producers write to it. */
  readonly compression: Compression;
  readonly acks: "all" | "leader";
  readonly retentionMs: number;
  /** Bytes kept a partition. */
  readonly retentionBytes: number;
  readonly segmentMs: number;
  readonly cleanupPolicy: "delete" | "compact";
  /** Its records tell people that something is wrong or well again: the web page shows them as alerts as they come. */
  readonly alerts: boolean;
}

export type ValueOf<T extends Topic> = z.output<T["schema"]>;

const HOUR = 3_600_000;

type TopicOptions<Name extends string, Schema extends z.ZodType> = Pick<
  Topic<Name, Schema>,
  "name" | "description" | "partitions" | "schema"
> & { readonly key: (keyof z.output<Schema> & string) | null } & Partial<
    Omit<Topic<Name, Schema>, "kind" | "name" | "description" | "partitions" | "schema" | "key">
  >;

/** Declares a topic. Defaults: gzip, acks all, kept 24 h and 1 GiB a partition in segments of at most 1 h, no alerts. */
export function defineTopic<const Name extends string, Schema extends z.ZodType>(
  options: TopicOptions<Name, Schema>,
): Topic<Name, Schema> {
  return {
    compression: "gzip",
    acks: "all",
    retentionMs: 24 * HOUR,
    retentionBytes: 1024 ** 3,
    // Retention works on whole segments: without a short one a quiet topic would outlive its retention.
    segmentMs: HOUR,
    cleanupPolicy: "delete",
    alerts: false,
    ...options,
    kind: "topic",
  };
}

// ---------------------------------------------------------------- what goes in and out

export type Headers = Record<string, string>;

/** A record as a consumer sees it. Offsets are decimal strings (64 bit), times are milliseconds since 1970. */
export interface Rec<V = unknown> {
  readonly offset: string;
  readonly timestamp: number;
  /** The highest timestamp of the record's partition up to and with this record: event time's clock. */
  readonly streamTimeMs: number;
  readonly key: string | null;
  readonly headers: Headers;
  readonly value: V;
}

/** A record to be written. `emit()` makes one with its topic's key. */
export interface Emit<Name extends string = string, V = unknown> {
  readonly topic: Name;
  readonly key: string | null;
  readonly value: V;
  readonly headers?: Headers;
}

/** What may be emitted to any of the topics `T`: one shape for each, told apart by `topic`. */
export type EmitTo<T extends Topic> = T extends Topic<infer Name> ? Emit<Name, ValueOf<T>> : never;

/** A record for `topic`, keyed by the field that the topic names. A wrong value is a compile error here. */
export function emit<const Name extends string, Schema extends z.ZodType>(
  topic: Topic<Name, Schema>,
  value: z.output<Schema>,
  headers?: Headers,
): Emit<Name, z.output<Schema>> {
  const key = topic.key === null ? null : String((value as Record<string, unknown>)[topic.key]);
  return headers === undefined
    ? { topic: topic.name, key, value }
    : { topic: topic.name, key, value, headers };
}

export interface Tick<S = unknown> {
  readonly kind: "tick";
  /** 0, 1, 2 … since the instance started. */
  readonly seq: number;
  /** When it was due, in ms since 1970. */
  readonly scheduledAt: number;
  /** How much time this tick stands for: more than the interval when earlier ticks could not run. */
  readonly elapsedMs: number;
  /** Random, new at each start of the producer: two copies of a producer do not repeat each other's ids. */
  readonly instanceId: string;
  readonly state: S | null;
}

export interface TickOut<E extends Emit = Emit, S = unknown> {
  readonly emit?: readonly E[];
  readonly state?: S;
}

export type StateKey = string;

/** One delivery of records of one partition, in offset order, with the state that those records touch. */
export interface Batch<V = unknown, S = unknown> {
  readonly kind: "batch";
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly Rec<V>[];
  /** No prototype: `__proto__` is a key like any other. A key that has no state yet is there with null. */
  readonly state: Readonly<Record<StateKey, S | null>>;
}

/** An output and the offset of the record that led to it. */
export type Caused<E extends Emit = Emit> = E & { readonly cause: string };

export interface BatchOut<E extends Emit = Emit, S = unknown> {
  readonly emit?: readonly Caused<E>[];
  /** Changes only; null forgets the key. */
  readonly state?: readonly { readonly key: StateKey; readonly value: S | null }[];
  /** Records that cannot be handled. They are dead-lettered and the others run anew without them. */
  readonly failures?: readonly { readonly offset: string; readonly reason: string }[];
}

// ---------------------------------------------------------------- ctx

export type LogLevel = "debug" | "info" | "warn" | "error";
export type LogFn = (message: string, fields?: Record<string, unknown>) => void;
/** Appends to the recorded result; the runtime writes it out afterwards. */
export type Log = Readonly<Record<LogLevel, LogFn>>;

export interface Chance {
  /** In [0, 1), from a recorded seed. */
  random(): number;
  /** A version 4 UUID drawn from `random()`. */
  uuid(): string;
}

interface CommonCtx<C> {
  readonly config: C;
  readonly log: Log;
  /** Counts `value` under `name`: kept in the recorded result and summed by the runtime. */
  metric(name: string, value: number, labels?: Record<string, string>): void;
}

/** A tick's ctx. */
export interface TickCtx<C = unknown> extends CommonCtx<C>, Chance {
  readonly now: number;
}

export interface RecordChance extends Chance {
  /** As the batch's, with the record's offset on each entry. */
  readonly log: Log;
  /** The state keys that the record touches. */
  readonly keys: readonly StateKey[];
}

/** A batch's ctx: chance is per record, so that a batch may be cut anywhere with the same outcome. */
export interface BatchCtx<C = unknown> extends CommonCtx<C> {
  readonly now: number;
  at(record: Rec): RecordChance;
}

/** What `eachRecord` hands on. It has no `now`, which depends on where a batch was cut: use `streamTimeMs`. */
export interface RecordCtx<C = unknown> extends CommonCtx<C>, Chance {}

// ---------------------------------------------------------------- functions

export type Handler<I, O, Ctx> = (input: I, ctx: Ctx) => O;

// biome-ignore lint/suspicious/noExplicitAny: the registry holds functions of every type
type Any = any;

export interface ProducerDefinition<T extends Topic = Any, C = Any, S = Any> {
  readonly kind: "producer";
  readonly description: string;
  readonly emits: readonly T[];
  /** Functions' settings: a zod object whose every field has a default. */
  readonly config: z.ZodType<C>;
  /** Time between ticks, ms. */
  readonly everyMs: number;
  readonly handler: Handler<Tick<S>, TickOut<EmitTo<T>, S>, TickCtx<C>>;
}

export interface ConsumerDefinition<In extends Topic = Any, T extends Topic = Any, C = Any, S = Any> {
  readonly kind: "consumer";
  readonly description: string;
  readonly topic: In;
  readonly group: string;
  readonly emits: readonly T[];
  readonly config: z.ZodType<C>;
  readonly maxBatchRecords: number;
  readonly commitEveryMs: number;
  /** Which state keys a record touches. Default: its key, or none where it has no key. */
  readonly stateKeys: (record: Rec<ValueOf<In>>) => readonly StateKey[];
  readonly handler: Handler<Batch<ValueOf<In>, S>, BatchOut<EmitTo<T>, S>, BatchCtx<C>>;
}

export type FunctionDefinition = ProducerDefinition | ConsumerDefinition;

type WithDefaults<D, K extends keyof D> = Omit<D, "kind" | K> & Partial<Pick<D, K>>;

/** Declares a producer: a function of a clock tick. Its name is its file's name. */
export function defineProducer<T extends Topic, C, S>(
  definition: WithDefaults<ProducerDefinition<T, C, S>, "everyMs">,
): ProducerDefinition<T, C, S> {
  return { everyMs: 1_000, ...definition, kind: "producer" };
}

/** Declares a consumer: a function of a batch of records. Its name is its file's name. */
export function defineConsumer<In extends Topic, T extends Topic, C, S>(
  definition: WithDefaults<
    ConsumerDefinition<In, T, C, S>,
    "maxBatchRecords" | "commitEveryMs" | "stateKeys"
  >,
): ConsumerDefinition<In, T, C, S> {
  return {
    maxBatchRecords: 500,
    commitEveryMs: 1_000,
    stateKeys: keyOfRecord,
    ...definition,
    kind: "consumer",
  };
}

const keyOfRecord = (record: Rec): readonly StateKey[] => (record.key === null ? [] : [record.key]);

// ---------------------------------------------------------------- one record at a time

/** `failure` names why the record cannot be handled; nothing else of the output counts then. */
export interface RecordOut<E extends Emit = Emit, S = unknown> {
  readonly emit?: readonly E[];
  /** Left out: unchanged. Null: forgotten. */
  readonly state?: S | null;
  readonly failure?: string;
}

/**
 * Folds a function of one record and its state into a batch handler: it gives each record its own chance,
 * threads the state from record to record, and fills `cause`. The record may touch at most one state key.
 */
export function eachRecord<V, E extends Emit, C, S>(
  handle: (record: Rec<V>, state: S | null, ctx: RecordCtx<C>) => RecordOut<E, S>,
): Handler<Batch<V, S>, BatchOut<E, S>, BatchCtx<C>> {
  return (batch, ctx) => {
    const emitted: Caused<E>[] = [];
    const failures: { offset: string; reason: string }[] = [];
    const changed = new Map<StateKey, S | null>();
    const { config, metric } = ctx;
    for (const record of batch.records) {
      const { random, uuid, keys, log } = ctx.at(record);
      if (keys.length > 1) {
        throw new Error(`eachRecord: expected at most one state key a record, got ${keys.join(", ")}`);
      }
      const key = keys[0];
      const state =
        key === undefined ? null : changed.has(key) ? changed.get(key)! : (batch.state[key] ?? null);
      const out = handle(record, state, { config, log, metric, random, uuid });
      if (out.failure !== undefined) {
        failures.push({ offset: record.offset, reason: out.failure });
        continue;
      }
      for (const one of out.emit ?? []) emitted.push({ ...one, cause: record.offset });
      if (out.state === undefined) continue;
      if (key === undefined)
        throw new Error(`eachRecord: state was returned for a record without a state key`);
      changed.set(key, out.state);
    }
    return {
      ...(emitted.length > 0 && { emit: emitted }),
      ...(changed.size > 0 && { state: [...changed].map(([key, value]) => ({ key, value })) }),
      ...(failures.length > 0 && { failures }),
    };
  };
}
