/**
 * Follows each user through user-events. Every event is passed on in the light of its session; when a session is
 * over, what it came to; and streaks of failed logins, above all those that end in a success.
 *
 * A session ends with a logout, or when the user's next event finds it silent for too long: event time, so the outcome
 * does not depend on when or in which batches the events are read.
 */
import { z } from "zod";
import { defineConsumer, eachRecord, emit, type Rec, type RecordCtx } from "../../runtime/define.ts";
import { eventTimeMs } from "../../runtime/windows.ts";
import processedEvents from "../topics/processed-events.ts";
import userEvents from "../topics/user-events.ts";
import { addFailure, type FailureStreak, toFailures } from "./analysis/login-failures.ts";
import {
  addEvent,
  newSession,
  type Processed,
  toContext,
  toSummary,
  type UserEvent,
  type UserSession,
} from "./analysis/user-session.ts";

const config = z.object({
  sessionTimeoutMs: z.int().positive().default(600_000).describe("A session this long silent is over, ms"),
  allowedLatenessMs: z
    .int()
    .min(0)
    .default(60_000)
    .describe("An event this far behind the others is late, ms"),
  maxOpenSessions: z.int().positive().default(5).describe("Open sessions of one user (devices), at most"),
  failedLogins: z.int().positive().default(5).describe("A streak of this many failed logins is told"),
  failedLoginGapMs: z.int().positive().default(300_000).describe("Failures further apart are no streak, ms"),
});

type Config = z.output<typeof config>;

/** By user. Null, and so forgotten, when no session is open and no login has failed lately. */
interface State {
  readonly sessions: readonly UserSession[];
  readonly failures: FailureStreak | null;
}

/** What an event is judged with. */
interface Seen {
  readonly event: UserEvent;
  /** Event time. */
  readonly at: number;
  readonly config: Config;
  /** The fields that all findings have; each call makes a new id. */
  readonly stamp: () => Pick<Processed, "processed_id" | "user_id" | "timestamp">;
}

function analyse(record: Rec<UserEvent>, state: State | null, ctx: RecordCtx<Config>) {
  const event = record.value;
  const at = eventTimeMs(record);
  const timestamp = new Date(at).toISOString();
  const stamp = () => ({ processed_id: ctx.uuid(), user_id: event.user_id, timestamp });
  const late = record.streamTimeMs - at > ctx.config.allowedLatenessMs;
  const before = state ?? { sessions: [], failures: null };

  const { sessions, ended } = endSilent(before.sessions, record.streamTimeMs, ctx.config);
  // What is late is passed on and counted, but changes no session: its session may be closed and told already.
  const step = late
    ? untouched(sessions, before.failures)
    : follow({ event, at, stamp, config: ctx.config }, sessions, before.failures);
  const findings: Processed[] = [
    ...ended.map((session) => ({ ...stamp(), ...toSummary(session, "timeout") })),
    // One for each event: so without the spread of a stamp, which would cost as much as all the rest.
    {
      type: "event",
      processed_id: ctx.uuid(),
      user_id: event.user_id,
      timestamp,
      event_id: event.event_id,
      event_type: event.event_type,
      session_id: event.session_id,
      late,
      session: step.current && toContext(step.current, at),
    },
    ...step.findings,
  ];
  countEvent(event, late, ctx);
  for (const finding of findings) countFinding(finding, ctx);
  const forget = step.sessions.length === 0 && step.failures === null;
  return {
    emit: findings.map((finding) => emit(processedEvents, finding)),
    state: forget ? null : { sessions: step.sessions, failures: step.failures },
  };
}

interface Step extends State {
  /** The event's session with the event in it, if it belongs to one. */
  readonly current: UserSession | null;
  readonly findings: readonly Processed[];
}

const untouched = (sessions: readonly UserSession[], failures: FailureStreak | null): Step => ({
  sessions,
  failures,
  current: null,
  findings: [],
});

/** Lets an event take its effect on the user's sessions and streak of failed logins. */
function follow(seen: Seen, sessions: readonly UserSession[], failures: FailureStreak | null): Step {
  const { event, at, stamp } = seen;
  if (event.event_type === "login" && !event.success) return failLogin(seen, sessions, failures);
  const known = sessions.find((session) => session.id === event.session_id);
  const others = sessions.filter((session) => session !== known);
  if (event.event_type === "logout") {
    if (!known) return untouched(sessions, failures);
    const current = addEvent(known, event, at);
    return {
      sessions: others,
      failures,
      current,
      findings: [{ ...stamp(), ...toSummary(current, "logout") }],
    };
  }
  const current = addEvent(known ?? newSession(event.session_id, at), event, at);
  const open = [...others, current];
  const surplus = open.slice(0, Math.max(0, open.length - seen.config.maxOpenSessions));
  const findings: Processed[] = surplus.map((session) => ({ ...stamp(), ...toSummary(session, "limit") }));
  if (event.event_type !== "login") {
    return { sessions: open.slice(surplus.length), failures, current, findings };
  }
  // A success ends the streak. After one that was told, perhaps the password was found.
  if (failures?.told && at - failures.lastMs <= seen.config.failedLoginGapMs) {
    const same_ip = failures.ips.includes(event.ip_address);
    const session_id = event.session_id;
    findings.push({ ...stamp(), type: "login_after_failures", ...toFailures(failures), session_id, same_ip });
  }
  return { sessions: open.slice(surplus.length), failures: null, current, findings };
}

/** A failed login opens no session: it may come from someone else altogether. */
function failLogin(seen: Seen, sessions: readonly UserSession[], failures: FailureStreak | null): Step {
  const { event, at, stamp, config } = seen;
  const streak = addFailure(failures, at, event.ip_address, config.failedLoginGapMs);
  if (streak.told || streak.count < config.failedLogins) return untouched(sessions, streak);
  return {
    ...untouched(sessions, { ...streak, told: true }),
    findings: [{ ...stamp(), type: "login_failures", ...toFailures(streak) }],
  };
}

/** Parts those sessions that stream time shows to be over from those that are open. */
function endSilent(sessions: readonly UserSession[], streamTimeMs: number, { sessionTimeoutMs }: Config) {
  const isSilent = (session: UserSession) => streamTimeMs - session.lastMs >= sessionTimeoutMs;
  return {
    ended: sessions.filter(isSilent),
    sessions: sessions.filter((session) => !isSilent(session)),
  };
}

function countEvent(event: UserEvent, late: boolean, ctx: RecordCtx<Config>): void {
  ctx.metric("events", 1, { event_type: event.event_type });
  if (late) ctx.metric("late_events", 1);
  if (event.event_type === "login" && !event.success) ctx.metric("failed_logins", 1);
  if (event.event_type === "purchase") {
    ctx.metric("purchases", 1, { product: event.product });
    ctx.metric("revenue_usd", event.amount, { product: event.product });
  }
}

function countFinding(finding: Processed, ctx: RecordCtx<Config>): void {
  if (finding.type === "event") {
    if (finding.session?.sequence === 1) ctx.metric("sessions_started", 1);
    return;
  }
  ctx.metric("findings", 1, { type: finding.type });
  if (finding.type !== "session") return;
  ctx.metric("sessions_ended", 1, { ended_by: finding.ended_by, funnel_stage: finding.funnel_stage });
}

export default defineConsumer({
  description: "Follows users' sessions from view to cart to purchase, and finds streaks of failed logins",
  topic: userEvents,
  group: "analytics-group",
  emits: [processedEvents],
  config,
  // By the value, so that records which someone wrote without a key count as well.
  stateKeys: (record) => [record.value.user_id],
  maxBatchRecords: 100,
  commitEveryMs: 5_000,
  handler: eachRecord(analyse),
});
