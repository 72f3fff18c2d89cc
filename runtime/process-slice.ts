/**
 * One slice of a partition from bytes to acknowledged outputs: decode, settle, send, then apply the state. At least
 * once: the offset counts as done only when everything that the slice led to is acknowledged.
 */

import { decodeHeaders, decodeKey, type RawKafkaRecord } from "./codec.ts";
import { type DeadLetter, toDeadLetterRecord } from "./dead-letters.ts";
import type { Batch, BatchOut, ConsumerDefinition, Rec } from "./define.ts";
import { type Invocation, invoke, type LoadedFunction } from "./invoke.ts";
import type { OutRecord } from "./lane.ts";
import { RefusedError } from "./outputs.ts";
import { type Serde, type SerdeOf, tryEncode } from "./serde.ts";
import { type Settled, settle } from "./settle.ts";
import { advanceStreamTime, applyState, type PartitionState, readState } from "./state.ts";
import type { BatchTrace } from "./tracing.ts";

export interface SliceDeps {
  readonly fn: LoadedFunction;
  readonly topic: string;
  readonly partition: number;
  readonly serdeOf: SerdeOf;
  /** Run under the purity guards. */
  readonly guard: boolean;
  now(): number;
  newId(): string;
  /** Only where traces are wanted. */
  readonly trace?: BatchTrace | undefined;
  /** Resolves when all are acknowledged; rejects with RefusedError for records that Kafka will never take. */
  send(records: readonly OutRecord[]): Promise<void>;
  /** Each run, those included that look for a bad record. */
  onInvocation(invocation: Invocation): void;
  /** The run that stands, once its outputs are acknowledged. */
  onSettled(settled: Settled, raw: readonly RawKafkaRecord[]): void;
  /** Acknowledged: so many outputs and dead letters. */
  onDone(done: { recordsIn: number; recordsOut: number; letters: readonly DeadLetter[] }): void;
}

/** Handles records in offset order and applies what they lead to to `state`. Rejects only when sending does. */
export async function processSlice(
  deps: SliceDeps,
  raw: readonly RawKafkaRecord[],
  state: PartitionState,
): Promise<void> {
  const fresh = raw.filter((record) => BigInt(record.offset) > state.lastOffset);
  if (fresh.length === 0) return;
  const { fn, topic, partition } = deps;
  const { stateKeys } = fn.definition as ConsumerDefinition;
  const byOffset = new Map(fresh.map((record) => [record.offset, record]));
  const letter = (offset: string, kind: DeadLetter["kind"], error: DeadLetter["error"]): DeadLetter => ({
    function: fn.name,
    topic,
    partition,
    record: byOffset.get(offset)!,
    kind,
    error,
  });

  const serde = deps.serdeOf(topic);
  await serde.prepare(fresh.map((record) => record.value));
  const now = deps.now();
  const decoded = decodeAll(serde, fresh, state.streamTimeMs, now);
  /** Not sent yet. */
  let due = decoded.bad.map(({ offset, reason }) =>
    letter(offset, "invalid", { name: "InvalidRecord", message: reason }),
  );
  const letters: DeadLetter[] = [];

  let records: readonly Rec[] = decoded.records;
  for (;;) {
    const batch: Batch = {
      kind: "batch",
      topic,
      partition,
      records,
      state: readState(state, records, stateKeys),
    };
    const settled = settle(batch, (input, attempt) => {
      const invocation = invoke(fn, {
        id: deps.newId(),
        trigger: "kafka",
        input,
        now,
        attempt,
        guard: deps.guard,
      });
      deps.onInvocation(invocation);
      return invocation;
    });
    due.push(...settled.aside.map((a) => letter(a.record.offset, a.kind, a.error)));
    // Letters first and by themselves: if one cannot be written, the outputs are not written again at each new try.
    if (due.length > 0) await sendLetters(deps, due, now);
    letters.push(...due);
    const emits = settled.output.emit ?? [];
    const refused = await sendOutputs(deps, emits, byOffset);
    if (refused.size === 0) {
      applyState(state, settled.output.state ?? []);
      state.lastOffset = BigInt(fresh[fresh.length - 1]!.offset);
      state.streamTimeMs = decoded.streamTimeMs;
      // After all that counts: a listener that throws must not lead to doing it again.
      deps.onSettled(settled, fresh);
      deps.onDone({ recordsIn: fresh.length, recordsOut: emits.length, letters });
      return;
    }
    // An output that Kafka will never take cannot be delivered by waiting: the record that led to it is set
    // aside and the others run anew. Those of their outputs that were taken already are written again.
    due = [...refused].map(([offset, message]) =>
      letter(offset, "refused", { name: "OutputRefused", message }),
    );
    const dead = new Set([...letters, ...due].map((one) => one.record.offset));
    records = records.filter((record) => !dead.has(record.offset));
  }
}

async function sendLetters(deps: SliceDeps, due: readonly DeadLetter[], now: number): Promise<void> {
  try {
    await deps.send(due.map((one) => traced(deps, toDeadLetterRecord(one, now), one.record)));
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    throw new Error(`a dead letter was refused: ${error.message}`, { cause: error });
  }
}

/** Resolves with the causes of what Kafka will never take, and its reasons; empty when all is acknowledged. */
async function sendOutputs(
  deps: SliceDeps,
  emits: NonNullable<BatchOut["emit"]>,
  byOffset: ReadonlyMap<string, RawKafkaRecord>,
): Promise<ReadonlyMap<string, string>> {
  if (emits.length === 0) return new Map();
  const { records, refused } = toOutRecords(deps, emits, byOffset);
  if (refused.size > 0) return refused;
  try {
    await deps.send(records);
    return new Map();
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    return new Map([...error.refused].map(([index, reason]) => [emits[index]!.cause, reason]));
  }
}

/** Names the record that led to an output, as `topic/partition:offset`. */
const CAUSE_HEADER = "ksp.cause";

interface DecodedSlice {
  readonly records: Rec[];
  readonly bad: { offset: string; reason: string }[];
  readonly streamTimeMs: number;
}

function decodeAll(
  serde: Serde,
  raw: readonly RawKafkaRecord[],
  streamTimeMs: number,
  now: number,
): DecodedSlice {
  const records: Rec[] = [];
  const bad: { offset: string; reason: string }[] = [];
  let time = streamTimeMs;
  for (const record of raw) {
    const timestamp = Number(record.timestamp);
    time = advanceStreamTime(time, timestamp, now);
    const decoded = serde.decode(record.value);
    if ("reason" in decoded) {
      bad.push({ offset: record.offset, reason: decoded.reason });
      continue;
    }
    records.push({
      offset: record.offset,
      timestamp,
      streamTimeMs: time,
      key: decodeKey(record.key),
      headers: decodeHeaders(record.headers),
      value: decoded.value,
    });
  }
  return { records, bad, streamTimeMs: time };
}

const traced = ({ trace }: SliceDeps, out: OutRecord, cause: RawKafkaRecord): OutRecord =>
  trace?.send(out, cause) ?? out;

/** A derived record carries its cause's time, so that event time flows on through the topics. */
function toOutRecords(
  deps: SliceDeps,
  emits: NonNullable<BatchOut["emit"]>,
  byOffset: ReadonlyMap<string, RawKafkaRecord>,
): { records: OutRecord[]; refused: Map<string, string> } {
  const records: OutRecord[] = [];
  /** The causes of outputs that have no form on their topic, and why. */
  const refused = new Map<string, string>();
  for (const { topic, key, value, headers, cause: offset } of emits) {
    const encoded = tryEncode(deps.serdeOf(topic), value);
    if ("reason" in encoded) {
      refused.set(offset, `output to ${topic}: ${encoded.reason}`);
      continue;
    }
    const cause = byOffset.get(offset)!;
    const out = {
      topic,
      key,
      value: encoded.bytes,
      headers: { ...headers, [CAUSE_HEADER]: `${deps.topic}/${deps.partition}:${offset}` },
      timestamp: Number(cause.timestamp),
    };
    records.push(traced(deps, out, cause));
  }
  return { records, refused };
}
