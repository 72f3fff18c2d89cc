/** Replays what the API is asked to: recorded invocations, or one record. Nothing is sent and no state is kept. */
import { randomUUID } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import type { ReplayedView, ReplayRequest, ReplayResult } from "./admin-view.ts";
import { CaptureError, toCapturedInvocation } from "./capture/format.ts";
import { redact } from "./capture/redact.ts";
import { replay } from "./capture/replay.ts";
import type { RawKafkaRecord } from "./codec.ts";
import { deadLetterTopic, fromDeadLetterRecord } from "./dead-letters.ts";
import type { ConsumerDefinition } from "./define.ts";
import { type Invocation, invoke, type LoadedFunction } from "./invoke.ts";
import { toBatch } from "./read-topic.ts";
import type { SerdeOf } from "./serde.ts";
import type { CapturedInvocation } from "./view.ts";

export interface ReplayDeps {
  /** The function's last invocations. */
  readonly recent: readonly CapturedInvocation[];
  readonly serdeOf: SerdeOf;
  /** Null where there is no such record (any more). */
  readRecord(topic: string, partition: number, offset: string): Promise<RawKafkaRecord | null>;
}

export async function runReplay(
  fn: LoadedFunction,
  request: ReplayRequest,
  deps: ReplayDeps,
): Promise<ReplayResult> {
  if (request.kind === "record") return replayRecord(fn, request, deps);
  const recorded: CapturedInvocation[] = [];
  if (request.kind === "ids") {
    for (const id of request.ids) {
      const found = deps.recent.find((one) => one.id === id);
      if (!found) {
        const known = deps.recent.map((one) => one.id).join(", ") || "(there is none)";
        return { kind: "not_found", reason: `Expected an id of the last invocations: ${known}; got "${id}"` };
      }
      recorded.push(found);
    }
  } else {
    for (const [i, one] of request.invocations.entries()) {
      try {
        recorded.push(toCapturedInvocation(one));
      } catch (error) {
        return refusedBy(error, `invocations.${i}`);
      }
    }
  }
  const results: ReplayedView[] = [];
  for (const one of recorded) {
    try {
      const { invocation, diff, codeChanged } = replay(fn, one);
      results.push({
        id: one.id,
        same: diff.same,
        diff,
        codeChanged,
        invocation: withoutSecrets(invocation),
      });
    } catch (error) {
      return refusedBy(error, one.id);
    }
    await setImmediate(); // other requests and triggers get their turn
  }
  return { kind: "replayed", results };
}

function refusedBy(error: unknown, where: string): ReplayResult {
  if (error instanceof CaptureError) return { kind: "refused", reason: `${where}: ${error.message}` };
  throw error;
}

const withoutSecrets = (invocation: Invocation): Invocation => ({
  ...invocation,
  config: redact(invocation.config),
});

/** A dead letter is run as the record that it was: under its own topic, partition and offset, so with its own seed. */
async function replayRecord(
  fn: LoadedFunction,
  { topic, partition, offset }: Extract<ReplayRequest, { kind: "record" }>,
  deps: ReplayDeps,
): Promise<ReplayResult> {
  const { definition } = fn;
  if (definition.kind !== "consumer") {
    return { kind: "refused", reason: `Expected a consumer for a record, got the producer ${fn.name}` };
  }
  const { topic: own } = definition as ConsumerDefinition;
  const isDeadLetter = topic === deadLetterTopic(own.name);
  if (topic !== own.name && !isDeadLetter) {
    return {
      kind: "refused",
      reason: `Expected a record of ${own.name} or of its dead letters, which ${fn.name} reads; got one of ${topic}`,
    };
  }
  const record = await deps.readRecord(topic, partition, offset);
  if (!record)
    return { kind: "not_found", reason: `There is no record ${topic}/${partition} at offset ${offset}` };
  const origin = isDeadLetter ? fromDeadLetterRecord(record) : { partition, record };
  if (!origin) {
    return {
      kind: "refused",
      reason: `Expected a dead letter with the headers ksp.dlq.partition, ksp.dlq.offset and ksp.dlq.timestamp, got ${topic}/${partition} offset ${offset} without them`,
    };
  }
  const serde = deps.serdeOf(own.name);
  await serde.prepare([origin.record.value]);
  const records = [origin.record];
  const { input } = toBatch(own.name, origin.partition, records, serde, 0, Number(origin.record.timestamp));
  const now = input.records[0]!.streamTimeMs;
  const invocation = invoke(fn, { id: randomUUID(), trigger: "replay", input, now, guard: true });
  const result = { id: invocation.id, same: null, diff: null, codeChanged: null };
  return { kind: "replayed", results: [{ ...result, invocation: withoutSecrets(invocation) }] };
}
