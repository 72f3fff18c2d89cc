/** How each function is doing: counted here by the triggers, read by health, API and UI. */
import type { Invocation, LoadedFunction } from "./invoke.ts";
import type { FunctionView } from "./view.ts";

type State = FunctionView["status"];

export interface FunctionStatus {
  readonly fn: LoadedFunction;
  state: State;
  /** Why it is waiting or failing. */
  reason: string | null;
  /** Partitions whose batch at hand cannot be finished, and why. */
  readonly stuck: Map<number, string>;
  readonly invocations: { ok: number; error: number; invalid: number };
  recordsIn: number;
  recordsOut: number;
  deadLetters: number;
  /** Tries that failed and were repeated: to write outputs, to finish a batch. */
  readonly retries: { send: number; batch: number };
  impure: number;
  restarts: number;
  rebalances: number;
  lastInvocationAt: number | null;
  lastError: string | null;
  meanDurationMs: number | null;
  /** Sums of what the handler gave to `ctx.metric`, by name (labels joined in as `name{a="b"}`). */
  readonly metrics: Map<string, MetricSum>;
  /** Values that had no room in `metrics`. */
  metricsDropped: number;
  assignment: readonly number[];
  /** Told of every run. */
  readonly onInvocation: (invocation: Invocation) => void;
}

export interface MetricSum {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  value: number;
}

export function createStatus(
  fn: LoadedFunction,
  onInvocation: FunctionStatus["onInvocation"] = () => {},
): FunctionStatus {
  return {
    fn,
    state: "stopped",
    reason: null,
    stuck: new Map(),
    invocations: { ok: 0, error: 0, invalid: 0 },
    recordsIn: 0,
    recordsOut: 0,
    deadLetters: 0,
    retries: { send: 0, batch: 0 },
    impure: 0,
    restarts: 0,
    rebalances: 0,
    lastInvocationAt: null,
    lastError: null,
    meanDurationMs: null,
    metrics: new Map(),
    metricsDropped: 0,
    onInvocation,
    assignment: [],
  };
}

export function setState(status: FunctionStatus, state: State, reason: string | null = null): void {
  status.state = state;
  status.reason = reason;
}

/** What else was wrong is over: running again, unless a partition is stuck. */
export function setRunning(status: FunctionStatus): void {
  const [reason] = status.stuck.values();
  if (reason === undefined) setState(status, "running");
  else setState(status, "failing", reason);
}

/** The batch at hand of a partition cannot be finished. */
export function setStuck(status: FunctionStatus, partition: number, reason: string): void {
  status.stuck.set(partition, reason);
  setState(status, "failing", reason);
}

/** A partition goes on, or is another member's now. A function is well again when none is stuck any more. */
export function setUnstuck(status: FunctionStatus, partition: number): void {
  const reason = status.stuck.get(partition);
  if (reason === undefined) return;
  status.stuck.delete(partition);
  if (status.reason === reason) setRunning(status);
}

/** Counts one run. Metrics count only for the run that stands, or a batch cut by a bad record would count twice. */
export function countInvocation(status: FunctionStatus, invocation: Invocation, at: number): void {
  status.invocations[invocation.outcome.kind] += 1;
  status.lastInvocationAt = at;
  const { durationMs, outcome } = invocation;
  status.meanDurationMs =
    status.meanDurationMs === null ? durationMs : status.meanDurationMs * 0.9 + durationMs * 0.1;
  if (outcome.kind === "error") status.lastError = `${outcome.error.name}: ${outcome.error.message}`;
  if (outcome.kind === "invalid") status.lastError = outcome.message;
  status.onInvocation(invocation);
}

const MOST_SERIES = 1_000;

/** Sums what a handler gave to `ctx.metric`. A handler that labels without bound does not fill the memory. */
export function sumMetrics(status: FunctionStatus, metrics: Invocation["metrics"]): void {
  for (const { name, value, labels } of metrics) {
    const joined = Object.entries(labels ?? {})
      .map(([label, text]) => `${label}=${JSON.stringify(text)}`)
      .join(",");
    const series = joined ? `${name}{${joined}}` : name;
    const known = status.metrics.get(series);
    if (known) known.value += value;
    else if (status.metrics.size >= MOST_SERIES) status.metricsDropped += 1;
    else status.metrics.set(series, { name, labels: labels ?? {}, value });
  }
}
