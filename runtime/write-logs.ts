import type { Invocation } from "./invoke.ts";
import type { Logger } from "./log.ts";

/** Writes what a handler gave to `ctx.log`, with where it came from. */
export function writeLogs(log: Logger, { function: name, input, logs }: Invocation): void {
  const where =
    input.kind === "batch" ? { topic: input.topic, partition: input.partition } : { seq: input.seq };
  for (const { level, message, fields } of logs) log[level]({ function: name, ...where, ...fields }, message);
}
