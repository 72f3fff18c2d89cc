/** What the tests of slices share: a consumer that sums, and a Kafka that refuses some of its outputs. */
import { z } from "zod";
import type { RawKafkaRecord } from "./codec.ts";
import type { DeadLetter } from "./dead-letters.ts";
import { defineConsumer, defineTopic, eachRecord, emit, type RecordCtx } from "./define.ts";
import type { Invocation } from "./invoke.ts";
import type { OutRecord } from "./lane.ts";
import { RefusedError } from "./outputs.ts";
import { processSlice, type SliceDeps } from "./process-slice.ts";
import { jsonOnly } from "./serde.ts";
import { createPartitionState } from "./state.ts";
import { load, numbers } from "./testing.ts";

const sums = defineTopic({
  name: "sums",
  description: "",
  partitions: 1,
  key: "id",
  schema: z.looseObject({ id: z.string(), sum: z.number() }),
});

/** Sums numbers by key. 13 throws, 7 fails; −1 leads to two outputs of which Kafka refuses one. */
const summing = load(
  defineConsumer({
    description: "",
    topic: numbers,
    group: "g",
    emits: [sums],
    config: z.object({}),
    handler: eachRecord((record, state: { sum: number } | null, ctx: RecordCtx<object>) => {
      const { n, id } = record.value;
      if (n === 13) throw new TypeError("thirteen");
      if (n === 7) return { failure: "seven" };
      const sum = (state?.sum ?? 0) + n;
      ctx.metric("handled", 1);
      const outputs = [emit(sums, { id, sum, streamTimeMs: record.streamTimeMs })];
      return { emit: n === -1 ? [...outputs, emit(sums, { id: "refused", sum })] : outputs, state: { sum } };
    }),
  }),
);

export const value = (n: unknown) => ({ id: "k", n });
export const NOW = 1_000_000;

/** Runs slices as a trigger does. `reply` sees each try to send and may throw. */
export function start(reply: (records: readonly OutRecord[]) => void = refuse, fn = summing) {
  const state = createPartitionState();
  const sent: OutRecord[] = [];
  const done: { recordsIn: number; recordsOut: number; letters: readonly DeadLetter[] }[] = [];
  const invocations: Invocation[] = [];
  const settled: unknown[] = [];
  const deps: SliceDeps = {
    fn,
    topic: "numbers",
    partition: 2,
    serdeOf: jsonOnly,
    guard: false,
    now: () => NOW,
    newId: () => `id ${invocations.length}`,
    async send(records) {
      try {
        reply(records);
        sent.push(...records);
      } catch (error) {
        if (error instanceof RefusedError) sent.push(...records.filter((_, i) => !error.refused.has(i)));
        throw error;
      }
    },
    onInvocation: (invocation) => invocations.push(invocation),
    onSettled: (one) => settled.push(one),
    onDone: (one) => done.push(one),
  };
  const run = (raw: readonly RawKafkaRecord[]): Promise<void> => processSlice(deps, raw, state);
  const letters = (): OutRecord[] => sent.filter((r) => r.topic === "numbers.dlq");
  const outputs = (): { id: string; sum: number }[] =>
    sent.filter((r) => r.topic === "sums").map((r) => JSON.parse(r.value!.toString()));
  return { run, state, sent, done, invocations, settled, deps, letters, outputs };
}

/** Kafka takes everything but outputs with the key `refused`. */
function refuse(records: readonly OutRecord[]): void {
  const refused = records.flatMap((r, i) => (r.key === "refused" ? [[i, "MESSAGE_TOO_LARGE"] as const] : []));
  if (refused.length > 0) throw new RefusedError(new Map(refused));
}
