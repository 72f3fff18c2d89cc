/** What services log, counted by level and service. Pure. */
import type { Message } from "../../data/message.ts";
import type { Timed } from "./buckets.ts";
import { fieldsOf, timeOf } from "./fields.ts";

export const LEVELS = ["DEBUG", "INFO", "WARN", "ERROR", "FATAL"] as const;

export interface LogLine extends Timed {
  /** One of LEVELS, as a rule. */
  readonly level: string;
  readonly service: string;
  readonly message: string;
}

/** Null where the record is no line of a log. */
export function toLogLine(record: Message): LogLine | null {
  const fields = fieldsOf(record);
  const at = timeOf(record);
  const level = fields?.text("level");
  const service = fields?.text("service");
  if (!fields || at === null || !level || !service) return null;
  return { at, level, service, message: fields.text("message") ?? "" };
}

export const isError = ({ level }: LogLine): boolean => level === "ERROR" || level === "FATAL";

export interface ServiceLog {
  readonly service: string;
  readonly lines: number;
  readonly warnings: number;
  readonly errors: number;
  readonly fatals: number;
  /** Of its lines, 0 to 1, ERROR and FATAL. */
  readonly errorShare: number;
  readonly lastError: LogLine | null;
}

/** A line for each service, the most errors first. */
export function byService(lines: readonly LogLine[]): ServiceLog[] {
  const services = new Map<string, LogLine[]>();
  for (const line of lines) {
    const known = services.get(line.service);
    if (known) known.push(line);
    else services.set(line.service, [line]);
  }
  return [...services]
    .map(([service, own]) => toServiceLog(service, own))
    .sort((a, b) => b.errors + b.fatals - (a.errors + a.fatals) || (a.service < b.service ? -1 : 1));
}

function toServiceLog(service: string, lines: readonly LogLine[]): ServiceLog {
  const of = (level: string) => lines.filter((line) => line.level === level).length;
  const wrong = lines.filter(isError);
  return {
    service,
    lines: lines.length,
    warnings: of("WARN"),
    errors: of("ERROR"),
    fatals: of("FATAL"),
    errorShare: wrong.length / lines.length,
    lastError: wrong.reduce<LogLine | null>((last, line) => (last && last.at > line.at ? last : line), null),
  };
}

/** A condition in CEL for records of a service, of given levels: to look for them on the topic's page. */
export const celOf = (service: string, levels: readonly string[]): string =>
  `value.service == ${JSON.stringify(service)} && value.level in ${JSON.stringify(levels)}`;
