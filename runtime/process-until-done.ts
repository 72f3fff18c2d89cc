/**
 * Handles a consumer's batches, each again and again until it is done, and tells about it: status, journal, log, traces.
 */
import { backoffMs, wait } from "./backoff.ts";
import type { RawKafkaRecord } from "./codec.ts";
import type { DeadLetter } from "./dead-letters.ts";
import type { ConsumerDefinition } from "./define.ts";
import type { LoadedFunction } from "./invoke.ts";
import type { Journal } from "./journal.ts";
import { describeError } from "./kafka.ts";
import { AbortedError } from "./lane.ts";
import type { Logger } from "./log.ts";
import { batchFields, recordFields } from "./log-fields.ts";
import type { Outputs } from "./outputs.ts";
import { processSlice } from "./process-slice.ts";
import type { SerdeOf } from "./serde.ts";
import type { Settled } from "./settle.ts";
import type { Shadow } from "./shadow.ts";
import type { PartitionState } from "./state.ts";
import { countInvocation, type FunctionStatus, setStuck, setUnstuck, sumMetrics } from "./status.ts";
import type { BatchTrace, Tracing } from "./tracing.ts";
import { writeLogs } from "./write-logs.ts";

export interface BatchProcessorOptions {
  readonly fn: LoadedFunction;
  readonly status: FunctionStatus;
  readonly outputs: Outputs;
  readonly journal: Journal;
  readonly shadow: Shadow;
  readonly serdeOf: SerdeOf;
  readonly guard: boolean;
  readonly log: Logger;
  readonly tracing: Tracing | null;
  /** A batch that takes longer is told, ms. */
  readonly slowBatchMs: number;
  now(): number;
  newId(): string;
}

/** Resolves when the batch is done. Once `over` is aborted, what fails is not tried again: then it rejects. */
export type BatchProcessor = (
  partition: number,
  records: readonly RawKafkaRecord[],
  state: PartitionState,
  over: AbortSignal,
) => Promise<void>;

const BACKOFF = { firstMs: 500, mostMs: 5_000 };

export function createBatchProcessor(options: BatchProcessorOptions): BatchProcessor {
  const { fn, status, log, tracing } = options;
  const { group, topic } = fn.definition as ConsumerDefinition;

  const tryOnce = async (
    partition: number,
    records: readonly RawKafkaRecord[],
    state: PartitionState,
    trace: BatchTrace | undefined,
  ): Promise<void> => {
    const place = { function: fn.name, topic: topic.name, partition };
    const startedAt = performance.now();
    let handlerMs = 0;
    await processSlice(
      {
        fn,
        topic: topic.name,
        partition,
        serdeOf: options.serdeOf,
        guard: options.guard,
        now: options.now,
        newId: options.newId,
        trace,
        send: (out) => options.outputs.send(out),
        onInvocation(invocation) {
          countInvocation(status, invocation, options.now());
          handlerMs += invocation.durationMs;
          trace?.ran(invocation);
        },
        onSettled: (settled, raw) => onSettled(settled, raw, batchFields(place, raw, trace?.traceId)),
        onDone({ recordsIn, recordsOut, letters }) {
          status.recordsIn += recordsIn;
          status.recordsOut += recordsOut;
          status.deadLetters += letters.length;
          for (const letter of letters) {
            trace?.deadLettered(letter);
            tellOfLetter(letter);
          }
        },
      },
      records,
      state,
    );
    const durationMs = Math.round(performance.now() - startedAt);
    if (durationMs < options.slowBatchMs) return;
    const took = { records: records.length, duration_ms: durationMs, handler_ms: Math.round(handlerMs) };
    log.warn(
      { ...batchFields(place, records, trace?.traceId), ...took },
      `slow batch: ${records.length} records took ${durationMs} ms, the handler ${took.handler_ms} ms of it`,
    );
  };

  const tellOfLetter = ({ record, kind, error, ...place }: DeadLetter): void => {
    log.warn({ ...recordFields(place, record), kind, error: error.name }, `dead letter: ${error.message}`);
  };

  const onSettled = (
    { invocation, unstable }: Settled,
    raw: readonly RawKafkaRecord[],
    where: ReturnType<typeof batchFields>,
  ): void => {
    if (unstable) {
      status.impure += 1;
      log.warn(where, "a handler threw once and not again on the same input");
    }
    if (!invocation) return;
    options.journal.add(invocation, raw);
    sumMetrics(status, invocation.metrics);
    const byOffset = new Map(raw.map((record) => [record.offset, record]));
    writeLogs(log, invocation, where, (offset) => {
      const record = byOffset.get(offset);
      return record ? recordFields(where, record) : where;
    });
    options.shadow.offer(fn, invocation);
  };

  /** Whatever goes wrong here is wrong with the outside: nothing is skipped, it is tried again and said so. */
  return async (partition, records, state, over) => {
    const place = { function: fn.name, topic: topic.name, partition };
    for (let delivery = 1; ; delivery++) {
      let trace: BatchTrace | undefined;
      try {
        trace = tracing?.batch({ ...place, group, records, delivery });
        await tryOnce(partition, records, state, trace);
        trace?.end();
        if (delivery > 1) {
          const where = batchFields(place, records, trace?.traceId);
          log.info({ ...where, tries: delivery }, "the batch is done at last");
        }
        if (!over.aborted) setUnstuck(status, partition);
        return;
      } catch (error) {
        trace?.end(error);
        if (error instanceof AbortedError || over.aborted) throw error;
        status.retries.batch += 1;
        const reason = `cannot finish a batch of ${topic.name}/${partition}: ${describeError(error)}`;
        setStuck(status, partition, reason);
        // Told once, and once more when it is over.
        const where = batchFields(place, records, trace?.traceId);
        log[delivery === 1 ? "error" : "debug"]({ ...where, tries: delivery, err: error }, reason);
        await wait(backoffMs(BACKOFF, delivery, Math.random()), over);
        if (over.aborted) throw error;
      }
    }
  };
}
