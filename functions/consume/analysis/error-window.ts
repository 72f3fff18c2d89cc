/** What the alert consumer counts in one window of one service. */
import type { ValueOf } from "../../../runtime/define.ts";
import type { Window } from "../../../runtime/windows.ts";
import type applicationLogs from "../../topics/application-logs.ts";

export type LogRecord = ValueOf<typeof applicationLogs>;

/** An alert quotes this many different messages, trace ids and hosts. */
const MAX_SAMPLES = 5;

export interface ErrorWindow extends Window {
  readonly errors: number;
  readonly fatals: number;
  readonly warnings: number;
  readonly firstErrorMs: number | null;
  readonly lastErrorMs: number | null;
  readonly messages: readonly string[];
  readonly traceIds: readonly string[];
  readonly hosts: readonly string[];
}

export const emptyWindow = ({ startMs, endMs }: Window): ErrorWindow => ({
  startMs,
  endMs,
  errors: 0,
  fatals: 0,
  warnings: 0,
  firstErrorMs: null,
  lastErrorMs: null,
  messages: [],
  traceIds: [],
  hosts: [],
});

export const isError = (log: LogRecord): boolean => log.level === "ERROR" || log.level === "FATAL";

/** The window after one more record at `at`. Levels below WARN leave it as it is. */
export function addLog(window: ErrorWindow, log: LogRecord, at: number): ErrorWindow {
  if (log.level === "WARN") return { ...window, warnings: window.warnings + 1 };
  if (!isError(log)) return window;
  return {
    ...window,
    errors: window.errors + 1,
    fatals: window.fatals + (log.level === "FATAL" ? 1 : 0),
    firstErrorMs: Math.min(window.firstErrorMs ?? at, at),
    lastErrorMs: Math.max(window.lastErrorMs ?? at, at),
    messages: withSample(window.messages, log.message),
    traceIds: withSample(window.traceIds, log.trace_id),
    hosts: withSample(window.hosts, log.host),
  };
}

function withSample(samples: readonly string[], one: string | undefined): readonly string[] {
  return one === undefined || samples.length >= MAX_SAMPLES || samples.includes(one)
    ? samples
    : [...samples, one];
}
