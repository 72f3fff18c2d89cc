/** Alerts and anomalies, whatever their topics call their fields: who each is about, and whether it is over. Pure. */
import { idOf, type Message } from "../../data/message.ts";
import type { Timed } from "../dashboards/buckets.ts";
import { fieldsOf, timeOf } from "../dashboards/fields.ts";
import { summaryOf } from "../overview/alert-summary.ts";

export const SEVERITIES = ["critical", "warning", "info"] as const;

export interface Alert extends Timed {
  readonly id: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly timestamp: string | null;
  readonly title: string;
  /** The service, host or user. */
  readonly about: string;
  /** What of it: `cpu.usage_percent`, `errors`. */
  readonly what: string;
  readonly severity: string;
  /** Whether it tells that all is well again. */
  readonly ends: boolean;
  /** Out of order: says nothing about now. */
  readonly isLate: boolean;
}

/** Null where the record has no time, and so no place in the order. */
export function toAlert(message: Message): Alert | null {
  const at = timeOf(message);
  if (at === null) return null;
  const { topic, partition, offset, timestamp } = message;
  const fields = fieldsOf(message);
  const phase = fields?.text("phase");
  return {
    at,
    id: idOf(message),
    topic,
    partition,
    offset,
    timestamp,
    ...summaryOf(message),
    // An incident's end is of another type than its alerts: the topic is what they share.
    what: fields?.text("metric") ?? topic,
    ends: phase === "end" || fields?.text("health") === "healthy",
    isLate: phase === "late",
  };
}

export interface AlertFilter {
  readonly topic: string;
  readonly severity: string;
  readonly about: string;
  /** Found in the title or in who it is about, in any case. */
  readonly text: string;
}

/** Those that are of all that the filter names ("" is: any), the newest first. */
export function select(alerts: readonly Alert[], { topic, severity, about, text }: AlertFilter): Alert[] {
  const wanted = text.trim().toLowerCase();
  return alerts
    .filter(
      (alert) =>
        (topic === "" || alert.topic === topic) &&
        (severity === "" || alert.severity === severity) &&
        (about === "" || alert.about === about) &&
        `${alert.title}\n${alert.about}`.toLowerCase().includes(wanted),
    )
    .sort((a, b) => b.at - a.at);
}

/** What is told of one thing of a service or host, over time. */
export interface Subject {
  readonly key: string;
  readonly about: string;
  readonly what: string;
  readonly topic: string;
  /** Whether its last alert tells no end. */
  readonly isOpen: boolean;
  /** Of the last alert. */
  readonly severity: string;
  readonly last: Alert;
  /** When what is open began, or what is over last began: as far as it is known. */
  readonly since: number;
  readonly alerts: number;
}

/** Each thing that alerts are about: what is open first, then the one that was told last. */
export function subjectsOf(alerts: readonly Alert[]): Subject[] {
  const subjects = new Map<string, Subject>();
  for (const alert of [...alerts].sort((a, b) => a.at - b.at)) {
    const key = JSON.stringify([alert.topic, alert.about, alert.what]);
    const before = subjects.get(key);
    if (alert.isLate && before) {
      subjects.set(key, { ...before, alerts: before.alerts + 1 });
      continue;
    }
    const { about, what, topic, severity } = alert;
    subjects.set(key, {
      key,
      about,
      what,
      topic,
      severity,
      isOpen: !alert.ends && !alert.isLate,
      last: alert,
      since: before?.isOpen ? before.since : alert.ends && before ? before.since : alert.at,
      alerts: (before?.alerts ?? 0) + 1,
    });
  }
  return [...subjects.values()].sort((a, b) => Number(b.isOpen) - Number(a.isOpen) || b.last.at - a.last.at);
}
