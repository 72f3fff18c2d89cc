/**
 * Invokes a producer on a clock. Ticks are due at whole multiples of the interval since the start, so they do not
 * drift, and those of one producer never overlap: a tick is over when its outputs are acknowledged. Meanwhile one
 * tick waits; those due after it are folded into it, and `elapsedMs` tells the function how much time to make up.
 */
import PQueue from "p-queue";
import type { ProducerDefinition, Tick, TickOut } from "./define.ts";
import { deepFreeze } from "./guards.ts";
import { invoke, type LoadedFunction } from "./invoke.ts";
import type { Journal } from "./journal.ts";
import { describeError } from "./kafka.ts";
import { AbortedError, type OutRecord } from "./lane.ts";
import type { Logger } from "./log.ts";
import { type Outputs, RefusedError } from "./outputs.ts";
import { type SerdeOf, tryEncode } from "./serde.ts";
import type { Shadow } from "./shadow.ts";
import { countInvocation, type FunctionStatus, setState, sumMetrics } from "./status.ts";
import type { TickTrace, Tracing } from "./tracing.ts";
import { writeLogs } from "./write-logs.ts";

export interface TimerTriggerOptions {
  readonly fn: LoadedFunction;
  readonly status: FunctionStatus;
  readonly outputs: Outputs;
  readonly journal: Journal;
  readonly shadow: Shadow;
  readonly serdeOf: SerdeOf;
  readonly guard: boolean;
  readonly log: Logger;
  readonly tracing: Tracing | null;
  /** Random, new at each start. */
  readonly instanceId: string;
  now(): number;
  newId(): string;
  /** Calls back once after `ms`; returns how to call it off. */
  schedule(callback: () => void, ms: number): () => void;
}

export interface TimerTrigger {
  start(): void;
  /** No tick begins after this; resolves when the one at hand is over. */
  stop(): Promise<void>;
}

/** What an outage makes a producer catch up on at the most; the rest is dropped, and said so. */
export const MAX_CATCH_UP_MS = 60_000;

export function createTimerTrigger(options: TimerTriggerOptions): TimerTrigger {
  const { fn, status, outputs, log } = options;
  const { everyMs } = fn.definition as ProducerDefinition;
  // One in flight; what is due meanwhile is folded into the one that waits.
  const queue = new PQueue({ concurrency: 1 });
  let cancel = (): void => {};
  let startedAt = 0;
  let due = 0;
  let seq = 0;
  let state: unknown = null;
  /** Time up to the latest due tick that no tick stands for yet. */
  let uncoveredMs = 0;
  let stopped = false;

  const tick = async (scheduledAt: number): Promise<void> => {
    if (stopped) return;
    // A long interval is no outage.
    const mostMs = Math.max(MAX_CATCH_UP_MS, everyMs);
    const elapsedMs = Math.min(uncoveredMs, mostMs);
    if (uncoveredMs > elapsedMs) {
      const dropped = `${Math.round((uncoveredMs - elapsedMs) / 1000)} s`;
      log.warn(
        { function: fn.name },
        `${dropped} of ticks were dropped: a producer catches up on ${mostMs / 1000} s at most`,
      );
    }
    uncoveredMs = 0;
    const input: Tick = { kind: "tick", seq, scheduledAt, elapsedMs, instanceId: options.instanceId, state };
    seq += 1;
    const invocation = invoke(fn, {
      id: options.newId(),
      trigger: "timer",
      input,
      now: options.now(),
      guard: options.guard,
    });
    countInvocation(status, invocation, options.now());
    options.journal.add(invocation);
    const trace = options.tracing?.tick(invocation) ?? null;
    const where = { function: fn.name, seq: input.seq, ...(trace && { trace_id: trace.traceId }) };
    writeLogs(log, invocation, where);
    if (invocation.outcome.kind !== "ok") {
      // One that fails tick after tick for the same reason is told once.
      const told = status.state === "failing" && status.reason === status.lastError;
      setState(status, "failing", status.lastError);
      log[told ? "debug" : "error"](where, `tick failed: ${status.lastError}`);
      trace?.end(new Error(status.lastError ?? "no reason given"));
      return;
    }
    sumMetrics(status, invocation.metrics);
    options.shadow.offer(fn, invocation);
    const output = invocation.outcome.output as TickOut;
    const sent = output.emit ?? [];
    let refused = 0;
    try {
      refused = await sendAll(sent, invocation.now, trace);
      trace?.end();
    } catch (error) {
      trace?.end(error);
      throw error;
    }
    if (output.state !== undefined) state = deepFreeze(output.state);
    status.recordsOut += sent.length - refused;
    if (refused === 0 && status.state !== "running") setState(status, "running");
  };

  /** Resolves with how many records were refused for good: they have no cause to dead-letter, so they are told. */
  const sendAll = async (
    sent: NonNullable<TickOut["emit"]>,
    timestamp: number,
    trace: TickTrace | null,
  ): Promise<number> => {
    const records: OutRecord[] = [];
    let refused = 0;
    const tell = (topic: string | undefined, reason: string): void => {
      refused += 1;
      setState(status, "failing", `an output was refused: ${reason}`);
      log.error(
        { function: fn.name, topic, ...(trace && { trace_id: trace.traceId }) },
        `an output was refused and is lost: ${reason}`,
      );
    };
    for (const { topic, key, value, headers = {} } of sent) {
      const encoded = tryEncode(options.serdeOf(topic), value);
      if ("reason" in encoded) {
        tell(topic, encoded.reason);
        continue;
      }
      const out = { topic, key, value: encoded.bytes, headers, timestamp };
      records.push(trace?.send(out) ?? out);
    }
    try {
      await outputs.send(records);
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      for (const [index, reason] of error.refused) tell(records[index]?.topic, reason);
    }
    return refused;
  };

  const onDue = (stepMs: number): void => {
    const scheduledAt = due;
    uncoveredMs += stepMs;
    // At most one waits behind the one in flight: a later one covers its time as well.
    queue.clear();
    queue
      .add(() => tick(scheduledAt))
      .catch((error) => {
        if (error instanceof AbortedError) return; // told to stop: the platform says what was not delivered
        setState(status, "failing", describeError(error));
        log.error({ function: fn.name, err: error }, "a tick went wrong");
      });
    if (queue.size > 0 && (status.state === "running" || status.state === "starting")) {
      setState(status, "waiting", "its last tick's outputs are not acknowledged yet");
    }
    arm();
  };

  const arm = (): void => {
    const now = options.now();
    // A clock that was set back must not stop the ticks until it is there again: the grid goes back with it.
    const early = due - now;
    if (early > everyMs) {
      startedAt -= early;
      due -= early;
    }
    // A machine that slept, or a clock that was set forward: one tick covers it all.
    const next = Math.max(due + everyMs, startedAt + Math.floor((now - startedAt) / everyMs) * everyMs);
    arrange(next, next - due);
  };

  const arrange = (at: number, stepMs: number): void => {
    due = at;
    cancel = options.schedule(() => onDue(stepMs), Math.max(0, at - options.now()));
  };

  return {
    start() {
      setState(status, "starting");
      startedAt = options.now();
      // The first tick is due at once and stands for one interval.
      arrange(startedAt, everyMs);
    },
    async stop() {
      stopped = true;
      cancel();
      queue.clear();
      await queue.onIdle();
      setState(status, "stopped");
    },
  };
}
