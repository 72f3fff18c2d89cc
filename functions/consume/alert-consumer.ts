/**
 * Counts each service's errors in windows of event time. When they reach the threshold, an alert, once a window; when
 * a window has gone by without one, the service has recovered.
 *
 * The topic's key is the service, so all errors of a service are in one partition, and its state sees them all.
 */
import { z } from "zod";
import {
  defineConsumer,
  eachRecord,
  emit,
  type Rec,
  type RecordCtx,
  type ValueOf,
} from "../../runtime/define.ts";
import { eventTimeMs, isOver, tumblingWindow, type Window } from "../../runtime/windows.ts";
import alerts, { type Health } from "../topics/alerts.ts";
import applicationLogs from "../topics/application-logs.ts";
import { addLog, type ErrorWindow, emptyWindow, isError, type LogRecord } from "./analysis/error-window.ts";

const config = z.object({
  windowMs: z.int().positive().default(60_000).describe("Length of a window, ms"),
  graceMs: z.int().min(0).default(10_000).describe("A window takes records in for this much longer, ms"),
  errorThreshold: z
    .int()
    .positive()
    .default(5)
    .describe("ERROR and FATAL records in a window that raise an alert"),
  criticalFatals: z.int().positive().default(2).describe("Of them FATAL, for the alert to be critical"),
  criticalWindows: z
    .int()
    .positive()
    .default(3)
    .describe("Windows of alerts in a row that make them critical"),
});

type Config = z.output<typeof config>;
type Alert = ValueOf<typeof alerts>;

/** From the first alert until a window goes by without one. */
interface Incident {
  readonly startedMs: number;
  /** The end of the last window with an alert. */
  readonly alertedUntilMs: number;
  readonly windows: number;
  readonly errors: number;
  readonly health: Health;
}

/** By service. Null, and so forgotten, when nothing is counted and nothing is wrong. */
interface State {
  /** Those that are not over yet: two at most, unless the grace is longer than a window. */
  readonly windows: readonly ErrorWindow[];
  readonly incident: Incident | null;
}

function watch(record: Rec<LogRecord>, state: State | null, ctx: RecordCtx<Config>) {
  const log = record.value;
  const { windowMs, graceMs } = ctx.config;
  const at = eventTimeMs(record);
  const slot = tumblingWindow(at, windowMs);
  const late = isOver(slot, record.streamTimeMs, graceMs);
  ctx.metric("logs", 1, { level: log.level });
  if (log.level === "WARN") ctx.metric("warnings", 1, { service: log.service });
  if (isError(log)) ctx.metric("errors", 1, { service: log.service });
  // Its window is over, and with it the chance of an alert.
  if (late) ctx.metric("late_logs", 1, { service: log.service });

  const found: Alert[] = [];
  let incident = state?.incident ?? null;
  let windows = (state?.windows ?? []).filter((one) => !isOver(one, record.streamTimeMs, graceMs));
  if (incident && isOver(windowAfter(incident, windowMs), record.streamTimeMs, graceMs)) {
    found.push(recoveryAlert(log.service, incident, at, ctx));
    incident = null;
  }
  if (!late && (isError(log) || log.level === "WARN")) {
    const before = windows.find((one) => one.startMs === slot.startMs) ?? emptyWindow(slot);
    const window = addLog(before, log, at);
    windows = [...windows.filter((one) => one !== before), window];
    if (isError(log)) {
      const previous = incident?.health ?? "healthy";
      incident = addToIncident(incident, window, at, ctx.config);
      // Exactly when the threshold is reached: later errors of the window raise no further alert.
      if (incident && window.errors === ctx.config.errorThreshold) {
        found.push(errorsAlert(log.service, window, incident, previous, at, ctx));
      }
    }
  }
  for (const { alert_type, severity } of found) ctx.metric("alerts", 1, { alert_type, severity });
  return {
    emit: found.map((alert) => emit(alerts, alert)),
    state: windows.length === 0 && incident === null ? null : { windows, incident },
  };
}

/** When this window is over without an alert, the incident is, too. */
const windowAfter = ({ alertedUntilMs }: Incident, windowMs: number): Window => ({
  startMs: alertedUntilMs,
  endMs: alertedUntilMs + windowMs,
});

/** The incident after one more error in `window`; it starts, or goes on, with a window that reaches the threshold. */
function addToIncident(before: Incident | null, window: ErrorWindow, at: number, c: Config): Incident | null {
  if (window.errors < c.errorThreshold) return before;
  if (window.errors > c.errorThreshold) return before && { ...before, errors: before.errors + 1 };
  const windows = (before?.windows ?? 0) + 1;
  const critical = window.fatals >= c.criticalFatals || windows >= c.criticalWindows;
  return {
    startedMs: before?.startedMs ?? window.firstErrorMs ?? at,
    alertedUntilMs: Math.max(before?.alertedUntilMs ?? window.endMs, window.endMs),
    windows,
    errors: (before?.errors ?? 0) + window.errors,
    health: critical ? "unhealthy" : "degraded",
  };
}

function errorsAlert(
  service: string,
  window: ErrorWindow,
  incident: Incident,
  previousHealth: Health,
  at: number,
  ctx: RecordCtx<Config>,
): Alert {
  const iso = (ms: number | null) => new Date(ms ?? at).toISOString();
  return {
    alert_id: ctx.uuid(),
    alert_type: "errors",
    service,
    timestamp: iso(at),
    severity: incident.health === "unhealthy" ? "critical" : "warning",
    message: `${service}: ${window.errors} errors within ${ctx.config.windowMs / 1_000} s, ${window.fatals} of them fatal`,
    health: incident.health,
    previous_health: previousHealth,
    window_start: iso(window.startMs),
    window_end: iso(window.endMs),
    error_count: window.errors,
    fatal_count: window.fatals,
    warning_count: window.warnings,
    first_error_at: iso(window.firstErrorMs),
    last_error_at: iso(window.lastErrorMs),
    sample_messages: window.messages,
    trace_ids: window.traceIds,
    hosts: window.hosts,
    consecutive_windows: incident.windows,
  };
}

function recoveryAlert(service: string, incident: Incident, at: number, ctx: RecordCtx<Config>): Alert {
  const durationMs = Math.max(0, incident.alertedUntilMs - incident.startedMs);
  return {
    alert_id: ctx.uuid(),
    alert_type: "recovery",
    service,
    timestamp: new Date(at).toISOString(),
    severity: "info",
    message: `${service}: recovered, a window went by without an alert`,
    health: "healthy",
    previous_health: incident.health,
    incident_started_at: new Date(incident.startedMs).toISOString(),
    incident_ended_at: new Date(incident.alertedUntilMs).toISOString(),
    duration_ms: durationMs,
    windows: incident.windows,
    error_count: incident.errors,
  };
}

export default defineConsumer({
  description:
    "Raises an alert when a service's errors reach a threshold within a window, and tells its recovery",
  topic: applicationLogs,
  group: "alert-group",
  emits: [alerts],
  config,
  // By the value, so that records which someone wrote without a key count as well.
  stateKeys: (record) => [record.value.service],
  handler: eachRecord(watch),
});
