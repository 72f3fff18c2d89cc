/** Builds `ctx` from recorded data only: now, seed and config. Nothing in it tells a replay from a live run. */
import type { BatchCtx, Log, LogFn, LogLevel, Rec, StateKey, TickCtx } from "./define.ts";
import type { LogEntry, MetricEntry } from "./invoke.ts";
import { createChance } from "./random.ts";

/** Where `ctx.log` and `ctx.metric` write: part of the recorded result. */
export interface CtxBuffers {
  readonly logs: LogEntry[];
  readonly metrics: MetricEntry[];
}

function createCommon(config: unknown, buffers: CtxBuffers) {
  const logAt =
    (level: LogLevel): LogFn =>
    (message, fields) => {
      buffers.logs.push(fields === undefined ? { level, message } : { level, message, fields });
    };
  const log: Log = { debug: logAt("debug"), info: logAt("info"), warn: logAt("warn"), error: logAt("error") };
  const metric = (name: string, value: number, labels?: Record<string, string>): void => {
    buffers.metrics.push(labels === undefined ? { name, value } : { name, value, labels });
  };
  return { config, log, metric };
}

export function createTickCtx(now: number, seed: string, config: unknown, buffers: CtxBuffers): TickCtx {
  return { ...createCommon(config, buffers), ...createChance(seed), now };
}

export function createBatchCtx(
  now: number,
  seed: string,
  config: unknown,
  buffers: CtxBuffers,
  stateKeys: (record: Rec) => readonly StateKey[],
): BatchCtx {
  return {
    ...createCommon(config, buffers),
    now,
    // By offset, not by position: a record meets the same chance however its batch is cut.
    at: (record) => ({ ...createChance(`${seed}/${record.offset}`), keys: stateKeys(record) }),
  };
}
