import type { Invocation } from "./invoke.ts";
import type { Logger } from "./log.ts";

/** Writes what a handler gave to `ctx.log`, with where it came from; its own fields win. */
export function writeLogs(log: Logger, { logs }: Invocation, where: Readonly<Record<string, unknown>>): void {
  for (const { level, message, fields } of logs) log[level]({ ...where, ...fields }, message);
}
