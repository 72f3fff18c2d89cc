import type { Invocation } from "./invoke.ts";
import type { Logger } from "./log.ts";

/** What says whose line it is and about what: a handler's fields of these names are told under `fields`. */
const OURS = new Set([
  "function",
  "topic",
  "partition",
  "offset",
  "first_offset",
  "last_offset",
  "trace_id",
  "level",
  "time",
  "msg",
  "fields",
  "pid",
  "hostname",
]);

/**
 * Writes what a handler gave to `ctx.log`, with where it came from: `ofRecord` tells the fields of the record at an
 * offset, `where` is for what is about no record.
 */
export function writeLogs(
  log: Logger,
  { logs }: Pick<Invocation, "logs">,
  where: Readonly<Record<string, unknown>>,
  ofRecord: (offset: string) => Readonly<Record<string, unknown>> = () => where,
): void {
  for (const { level, message, fields = {}, offset } of logs) {
    const all = Object.entries(fields);
    const nested = all.filter(([name]) => OURS.has(name));
    log[level](
      {
        ...(offset === undefined ? where : ofRecord(offset)),
        ...Object.fromEntries(all.filter(([name]) => !OURS.has(name))),
        ...(nested.length > 0 && { fields: Object.fromEntries(nested) }),
      },
      message,
    );
  }
}
