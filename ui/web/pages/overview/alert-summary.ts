/** An alert or anomaly in a line, whatever its topic calls its fields. Pure. */
import { dataOf, idOf, type Message } from "../../data/message.ts";

export interface AlertSummary {
  readonly title: string;
  /** The service, host or user it is about. */
  readonly about: string;
  readonly severity: string;
}

const text = (value: unknown): string | null =>
  typeof value === "string" || typeof value === "number" ? String(value) : null;

export function summaryOf(alert: Message): AlertSummary {
  const value = dataOf(alert);
  const fields = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  const first = (...names: string[]) =>
    names.map((name) => text(fields[name])).find((found) => found !== null);
  return {
    title: first("message", "reason", "alert", "anomaly", "type", "kind") ?? alert.topic,
    about: first("service", "host", "user_id") ?? alert.key ?? "",
    severity: (first("severity", "level") ?? "warning").toLowerCase(),
  };
}

/** Both without repeats, the newest first. */
export function mergeAlerts(live: readonly Message[], past: readonly Message[], limit: number): Message[] {
  const all = new Map([...past, ...live].map((alert) => [idOf(alert), alert]));
  return [...all.values()]
    .sort((a, b) => (b.timestamp ?? "").localeCompare(a.timestamp ?? ""))
    .slice(0, limit);
}

/** How many came after `since` (ms since 1970). */
export const countSince = (alerts: readonly Message[], since: number): number =>
  alerts.filter(({ timestamp }) => timestamp !== null && Date.parse(timestamp) >= since).length;
