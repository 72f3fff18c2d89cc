/** Builds `ctx` from recorded data only: now, seed and config. Nothing in it tells a replay from a live run. */
import type { BatchCtx, Log, LogFn, LogLevel, Rec, StateKey, TickCtx } from "./define.ts";
import type { LogEntry, MetricEntry } from "./invoke.ts";
import { createChance } from "./random.ts";

/** Where `ctx.log` and `ctx.metric` write: part of the recorded result. */
export interface CtxBuffers {
  readonly logs: LogEntry[];
  readonly metrics: MetricEntry[];
}

/** `offset` is that of the record which the entries are about, where there is one. */
function createLog(logs: LogEntry[], offset?: string): Log {
  const logAt =
    (level: LogLevel): LogFn =>
    (message, fields) => {
      logs.push({
        level,
        message,
        ...(fields !== undefined && { fields: toPlain(fields) }),
        ...(offset !== undefined && { offset }),
      });
    };
  return { debug: logAt("debug"), info: logAt("info"), warn: logAt("warn"), error: logAt("error") };
}

function createCommon(config: unknown, buffers: CtxBuffers) {
  const log = createLog(buffers.logs);
  const metric = (name: string, value: number, labels?: Record<string, string>): void => {
    // One NaN would spoil the sum for good.
    if (!Number.isFinite(value))
      throw new TypeError(`metric ${name}: expected a finite number, got ${value}`);
    buffers.metrics.push(labels === undefined ? { name, value } : { name, value, labels: { ...labels } });
  };
  return { config, log, metric };
}

/** A copy as plain data, since the recorded result is cloned and written as JSON. Errors and big integers are shown. */
function toPlain(fields: Record<string, unknown>): Record<string, unknown> {
  const show = (_: string, value: unknown): unknown => {
    if (value instanceof Error) return `${value.name}: ${value.message}`;
    return typeof value === "bigint" ? String(value) : value;
  };
  try {
    return JSON.parse(JSON.stringify(fields, show));
  } catch (error) {
    return { unreadable: `expected plain data, got: ${(error as Error).message}` };
  }
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
    at(record) {
      const { random, uuid } = createChance(`${seed}/${record.offset}`);
      const log = createLog(buffers.logs, record.offset);
      return { random, uuid, keys: stateKeys(record), log };
    },
  };
}
