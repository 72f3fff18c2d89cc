/** Log records from their parts. */
import type { ValueOf } from "../../../runtime/define.ts";
import type applicationLogs from "../../topics/application-logs.ts";
import { between, happens, hex8, type Random, weighted } from "./draw.ts";
import { type Failure, failure, routineMessage, stackTrace, upstreamFailure } from "./log-messages.ts";
import { place, services } from "./services.ts";

export type LogRecord = ValueOf<typeof applicationLogs>;

/** The base load's mix of levels, in percent. */
const mix = [
  ["DEBUG", 20],
  ["INFO", 50],
  ["WARN", 20],
  ["ERROR", 8],
  ["FATAL", 2],
] as const;

/** A record of the base load: any level, any message of that level. */
export function routineRecord(service: string, at: number, chance: Random): LogRecord {
  const level = weighted(chance, mix);
  return level === "ERROR" || level === "FATAL"
    ? failureRecord(service, level, failure(level, chance), hex8(chance), at, chance)
    : record(service, level, routineMessage(level, chance), at, chance);
}

/**
 * One failed request in an incident: what the failing service logs, and often also what a caller of it logs, under
 * the same trace id.
 */
export function incidentRecords(
  service: string,
  cause: (chance: Random) => Failure,
  at: number,
  chance: Random,
): LogRecord[] {
  const traceId = hex8(chance);
  const level = happens(chance, 0.12) ? "FATAL" : "ERROR";
  const own = failureRecord(service, level, cause(chance), traceId, at, chance);
  const [caller] = services.get(service)!.callers;
  if (caller === undefined || !happens(chance, 0.35)) return [own];
  const seen = upstreamFailure(service, chance);
  const later = at + between(chance, 2, 60);
  return [
    own,
    happens(chance, 0.5)
      ? failureRecord(caller, "ERROR", seen, traceId, later, chance)
      : record(caller, "WARN", seen.message, later, chance),
  ];
}

/** The end of an incident. */
export const recoveryRecord = (service: string, at: number, chance: Random): LogRecord =>
  record(service, "INFO", "Recovered: all checks pass again", at, chance);

function failureRecord(
  service: string,
  level: "ERROR" | "FATAL",
  what: Failure,
  trace_id: string,
  at: number,
  chance: Random,
): LogRecord {
  return {
    ...record(service, level, what.message, at, chance),
    trace_id,
    stack_trace: stackTrace(what, service, chance),
  };
}

function record(
  service: string,
  level: LogRecord["level"],
  message: string,
  at: number,
  chance: Random,
): LogRecord {
  const request = happens(chance, 0.5)
    ? { request_id: `req_${hex8(chance)}`, user_id: `user_${between(chance, 1_000, 9_999)}` }
    : {};
  return {
    timestamp: new Date(at).toISOString(),
    level,
    service,
    message,
    ...place(service, chance),
    ...request,
  };
}
