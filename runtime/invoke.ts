/**
 * The only place that calls a handler. Whatever triggers a function (timer, Kafka, HTTP, command line, replay),
 * it comes through here, and what comes back is one recorded result: plain data that says all about the call.
 */

import { inspect } from "node:util";
import { checkInput, type InvalidRecord } from "./check-input.ts";
import { checkOutput } from "./check-output.ts";
import { type CtxBuffers, createBatchCtx, createTickCtx } from "./ctx.ts";
import type { Batch, BatchOut, FunctionDefinition, LogLevel, Tick, TickOut } from "./define.ts";
import { deepFreeze, guarded } from "./guards.ts";

/** A function as the runtime holds it: its file's name, what it declares, and its settings. */
export interface LoadedFunction {
  readonly name: string;
  /** SHA-256 of the function's file and of all that it imports from this project. */
  readonly codeHash: string;
  readonly definition: FunctionDefinition;
  readonly config: unknown;
}

export type TriggerKind = "timer" | "kafka" | "http" | "cli" | "replay" | "test";

export interface LogEntry {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields?: Record<string, unknown>;
  /** Of the record that it is about, where that is known. */
  readonly offset?: string;
}

export interface MetricEntry {
  readonly name: string;
  readonly value: number;
  readonly labels?: Record<string, string>;
}

export interface ThrownError {
  readonly name: string;
  readonly message: string;
  /** For people; it is not compared. */
  readonly stack?: string;
}

export type Outcome =
  | { readonly kind: "ok"; readonly output: TickOut | BatchOut }
  /** The handler threw, or what it returned is not a valid output. */
  | { readonly kind: "error"; readonly error: ThrownError }
  /** The input is not valid, so the handler was not called. `records` names bad records, if the rest is sound. */
  | { readonly kind: "invalid"; readonly message: string; readonly records: readonly InvalidRecord[] };

/** All about one call of one function; plain, cloneable, JSON-able data. */
export interface Invocation {
  readonly id: string;
  readonly function: string;
  readonly codeHash: string;
  readonly trigger: TriggerKind;
  /** 1 for the first call with this input; more for the runs that look for a bad record. */
  readonly attempt: number;
  readonly input: Tick | Batch;
  readonly now: number;
  readonly seed: string;
  readonly config: unknown;
  readonly outcome: Outcome;
  readonly logs: readonly LogEntry[];
  readonly metrics: readonly MetricEntry[];
  readonly durationMs: number;
}

export interface InvokeRequest {
  readonly id: string;
  readonly trigger: TriggerKind;
  readonly input: unknown;
  /** What the function sees as the time, in ms since 1970. */
  readonly now: number;
  /** Default: from the function and the input, as `seedOf` says. */
  readonly seed?: string;
  /** Default: the function's own. */
  readonly config?: unknown;
  readonly attempt?: number;
  /** Run under the purity guards. They freeze the input. */
  readonly guard?: boolean;
}

/** A tick's seed names its instance, so that a restart or a second copy does not repeat ids. */
export function seedOf(functionName: string, input: Tick | Batch): string {
  return input.kind === "tick"
    ? `${functionName}/${input.instanceId}/${input.seq}`
    : `${functionName}/${input.topic}/${input.partition}`;
}

/** Calls a function once. Never throws for what a handler does: that is in the outcome. */
export function invoke(fn: LoadedFunction, request: InvokeRequest): Invocation {
  const { definition } = fn;
  const config = request.config ?? fn.config;
  const buffers: CtxBuffers = { logs: [], metrics: [] };
  const started = performance.now();
  const input = request.input as Tick | Batch;
  let seed = request.seed ?? fn.name;

  const run = (): Outcome => {
    try {
      const checked = checkInput(definition, request.input);
      if (checked.kind === "invalid") return checked;
      seed = request.seed ?? seedOf(fn.name, input);
      const call = (): unknown =>
        definition.kind === "producer"
          ? definition.handler(checked.input as Tick, createTickCtx(request.now, seed, config, buffers))
          : definition.handler(
              checked.input as Batch,
              createBatchCtx(request.now, seed, config, buffers, definition.stateKeys),
            );
      if (request.guard) {
        deepFreeze(checked.input);
        deepFreeze(config);
      }
      const output = request.guard ? guarded(call) : call();
      // An async handler is refused below; its rejection must not end the process as one that nobody handles.
      if (output instanceof Promise) output.catch(() => {});
      return { kind: "ok", output: checkOutput(definition, checked.input, output) };
    } catch (error) {
      return { kind: "error", error: toThrownError(error) };
    }
  };

  const outcome = run();
  return {
    id: request.id,
    function: fn.name,
    codeHash: fn.codeHash,
    trigger: request.trigger,
    attempt: request.attempt ?? 1,
    input,
    now: request.now,
    seed,
    config,
    outcome,
    logs: buffers.logs,
    metrics: buffers.metrics,
    durationMs: performance.now() - started,
  };
}

function toThrownError(error: unknown): ThrownError {
  if (error instanceof Error) {
    const { name, message, stack } = error;
    return { name: String(name), message: String(message), ...(stack && { stack }) };
  }
  return {
    name: "ThrownValue",
    message: `a handler should throw an Error, got ${inspect(error, { depth: 1 })}`,
  };
}
