/** A valid input of a function, to start from: the same one every time. */
import { Partitioners } from "kafkajs";
import { checkInput, checkValue } from "./check-input.ts";
import type { Batch, ConsumerDefinition, Rec, StateKey, Tick, TickOut, Topic } from "./define.ts";
import { invoke, type LoadedFunction } from "./invoke.ts";
import { sampleValue } from "./sample-value.ts";

const START = Date.UTC(2026, 0, 1, 12);
const INSTANCE_ID = "sample";
const RECORDS = 5;
const MAX_TICKS = 300;

/**
 * A tick for a producer. For a consumer, a batch of what the producers among `functions` emit to its topic, or of
 * values made from the topic's schema where they emit nothing. Throws where neither gives a valid input.
 */
export function sampleInput(fn: LoadedFunction, functions: readonly LoadedFunction[]): Tick | Batch {
  const { definition } = fn;
  if (definition.kind === "producer") return tickAt(0, definition.everyMs, null);
  const input = sampleBatch(definition, functions);
  const checked = checkInput(definition, input);
  if (checked.kind === "ok") return input;
  throw new Error(`no sample is known for ${fn.name}: ${checked.message}`);
}

/** A value of a topic: what a producer among `functions` emits first, else one made from its schema. Throws for none. */
export function sampleValueOf(topic: Topic, functions: readonly LoadedFunction[]): unknown {
  for (const { value } of producedTo(topic, functions)) return value;
  return madeUp(topic)[0]!.value;
}

function tickAt(seq: number, everyMs: number, state: unknown): Tick {
  return {
    kind: "tick",
    seq,
    scheduledAt: START + seq * everyMs,
    elapsedMs: everyMs,
    instanceId: INSTANCE_ID,
    state,
  };
}

interface Produced {
  readonly partition: number;
  readonly timestamp: number;
  readonly key: string | null;
  readonly value: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

function sampleBatch(consumer: ConsumerDefinition, functions: readonly LoadedFunction[]): Batch {
  const topic: Topic = consumer.topic;
  const partitions = new Map<number, Produced[]>();
  for (const produced of producedTo(topic, functions)) {
    const records = partitions.get(produced.partition) ?? [];
    partitions.set(produced.partition, records);
    records.push(produced);
    if (records.length === RECORDS) break;
  }
  const [partition, fullest] = [...partitions].toSorted(([, a], [, b]) => b.length - a.length)[0] ?? [0, []];
  const taken = fullest.length > 0 ? fullest : madeUp(topic);
  const records = taken.map(
    ({ timestamp, key, headers, value }, i): Rec => ({
      offset: String(i),
      timestamp,
      streamTimeMs: Math.max(...taken.slice(0, i + 1).map((one) => one.timestamp)),
      key,
      headers,
      value,
    }),
  );
  const state: Record<StateKey, null> = Object.create(null);
  for (const record of records) for (const key of consumer.stateKeys(record)) state[key] = null;
  return { kind: "batch", topic: topic.name, partition, records, state };
}

/** What the producers of a topic emit to it, tick by tick, in the partitions that Kafka's partitioner chooses. */
function* producedTo(topic: Topic, functions: readonly LoadedFunction[]): Generator<Produced> {
  const partitionOf = Partitioners.DefaultPartitioner();
  const partitionMetadata = Array.from({ length: topic.partitions }, (_, partitionId) => ({
    partitionErrorCode: 0,
    partitionId,
    leader: 0,
    replicas: [],
    isr: [],
  }));
  for (const fn of functions) {
    const { definition } = fn;
    if (definition.kind !== "producer" || !definition.emits.some((t: Topic) => t.name === topic.name))
      continue;
    let state: unknown = null;
    for (let seq = 0; seq < MAX_TICKS; seq++) {
      const tick = tickAt(seq, definition.everyMs, state);
      const { outcome } = invoke(fn, { id: "sample", trigger: "cli", input: tick, now: tick.scheduledAt });
      if (outcome.kind !== "ok") break; // another producer, or the schema, may do
      const { emit = [], state: next = state } = outcome.output as TickOut;
      state = next;
      for (const { topic: name, key, value, headers = {} } of emit) {
        if (name !== topic.name) continue;
        const message = { key, value: "" };
        const partition = key === null ? 0 : partitionOf({ topic: name, partitionMetadata, message });
        // As JSON carries it: that is how a consumer gets it.
        yield {
          partition,
          timestamp: tick.scheduledAt,
          key,
          value: JSON.parse(JSON.stringify(value)),
          headers,
        };
      }
    }
  }
}

function madeUp(topic: Topic): readonly Omit<Produced, "partition">[] {
  return Array.from({ length: RECORDS }, (_, i) => {
    const value = sampleValue(topic.schema, i);
    const checked = checkValue(topic, value);
    if ("reason" in checked)
      throw new Error(`no sample is known for the topic ${topic.name}: ${checked.reason}`);
    const key = topic.key === null ? null : String((value as Record<string, unknown>)[topic.key]);
    return { timestamp: START + i * 1_000, key, value, headers: {} };
  });
}
