/** What the runtime's unit tests share: functions as the runtime holds them, records, and a log that can be read. */
import { type Logger, pino } from "pino";
import { z } from "zod";
import type { RawKafkaRecord } from "./codec.ts";
import { type Batch, defineTopic, type FunctionDefinition, type Rec, type Tick } from "./define.ts";
import type { LoadedFunction } from "./invoke.ts";

export const load = (definition: FunctionDefinition, name = "f", config: unknown = {}): LoadedFunction => ({
  name,
  codeHash: "hash",
  definition,
  config,
});

export const numbers = defineTopic({
  name: "numbers",
  description: "",
  partitions: 1,
  key: "id",
  schema: z.looseObject({ id: z.string(), n: z.number() }),
});

export const rec = (offset: number, value: unknown, more: Partial<Rec> = {}): Rec => ({
  offset: String(offset),
  timestamp: 1_000 + offset,
  streamTimeMs: 1_000 + offset,
  key: "k",
  headers: {},
  value,
  ...more,
});

export const batchOf = (records: readonly Rec[], more: Partial<Batch> = {}): Batch => ({
  kind: "batch",
  topic: "numbers",
  partition: 0,
  records,
  state: {},
  ...more,
});

export const tickOf = (more: Partial<Tick> = {}): Tick => ({
  kind: "tick",
  seq: 0,
  scheduledAt: 1_000,
  elapsedMs: 1_000,
  instanceId: "i",
  state: null,
  ...more,
});

/** A record as Kafka carries it; a value that is no Buffer is written as JSON. */
export const rawRecord = (
  offset: number,
  value: unknown,
  more: Partial<RawKafkaRecord> = {},
): RawKafkaRecord => ({
  offset: String(offset),
  timestamp: String(1_000 + offset),
  key: Buffer.from("k"),
  value: Buffer.isBuffer(value) || value === null ? value : Buffer.from(JSON.stringify(value)),
  headers: {},
  ...more,
});

export interface LogLine {
  readonly level: number;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** A real logger, and what was written to it. */
export function createTestLog(): { log: Logger; lines: LogLine[] } {
  const lines: LogLine[] = [];
  const log = pino(
    { level: "trace", base: null },
    { write: (line: string) => void lines.push(JSON.parse(line)) },
  );
  return { log, lines };
}

/** Lets everything run that is only waiting for promises. */
export const settleAll = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
