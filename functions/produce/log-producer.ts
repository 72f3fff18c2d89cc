/**
 * What seven services log. The base load is a steady mix of levels; over it, now and then, one service fails for a
 * while: it logs a burst of errors that all tell the same story, and the services that call it suffer with it.
 */
import { z } from "zod";
import { defineProducer, emit, type Tick, type TickCtx } from "../../runtime/define.ts";
import applicationLogs from "../topics/application-logs.ts";
import { between, pick } from "./simulation/draw.ts";
import { causes } from "./simulation/log-messages.ts";
import { incidentRecords, type LogRecord, recoveryRecord, routineRecord } from "./simulation/log-records.ts";
import { due, type Episodes, firstEpisodes, passEpisodes, timesIn } from "./simulation/pace.ts";
import { serviceNames } from "./simulation/services.ts";

const config = z.object({
  ratePerSecond: z.number().min(0).max(10_000).default(0.3).describe("Records per second of the base load"),
  incidentEveryMs: z.number().min(0).default(600_000).describe("Mean time between incidents; 0 for none"),
  incidentRatePerSecond: z
    .number()
    .min(0)
    .max(1_000)
    .default(0.8)
    .describe("Failures per second in an incident"),
});

type Config = z.output<typeof config>;

interface Incident {
  readonly service: string;
  /** Index into the known causes. */
  readonly cause: number;
}

interface State {
  readonly owed: number;
  readonly incidents: Episodes<Incident>;
  readonly incidentOwed: number;
}

function produce(tick: Tick<State>, ctx: TickCtx<Config>) {
  const state: State = tick.state ?? { owed: 0, incidents: firstEpisodes(ctx), incidentOwed: 1 };
  const { count, owed } = due(state.owed, ctx.config.ratePerSecond, tick.elapsedMs);
  const routine = [...timesIn(count, tick.scheduledAt, tick.elapsedMs, ctx)].map((at) =>
    routineRecord(pick(ctx, serviceNames), at, ctx),
  );
  const incident = incidents(state, tick, ctx);
  const records = [...routine, ...incident.records];
  // Two sources: put them in the order in which they happened.
  if (incident.records.length > 0) records.sort((a, b) => (a.timestamp < b.timestamp ? -1 : 1));
  return {
    emit: records.map((record) => emit(applicationLogs, record)),
    state: { owed, incidents: incident.episodes, incidentOwed: incident.owed },
  };
}

function incidents(state: State, tick: Tick<State>, ctx: TickCtx<Config>) {
  const { episodes, active } = passEpisodes(
    state.incidents,
    tick.elapsedMs,
    ctx.config.incidentEveryMs,
    ctx,
    () => ({
      what: { service: pick(ctx, serviceNames), cause: between(ctx, 0, causes.length - 1) },
      durationMs: between(ctx, 20_000, 90_000),
    }),
  );
  // The next one starts with a failure of its own.
  if (!active) return { episodes, owed: 1, records: [] };
  const { service, cause } = active.what;
  const { count, owed } = due(state.incidentOwed, ctx.config.incidentRatePerSecond, active.forMs);
  const records: LogRecord[] = [...timesIn(count, tick.scheduledAt, tick.elapsedMs, ctx)].flatMap((at) =>
    incidentRecords(service, causes[cause]!, at, ctx),
  );
  if (active.ends) records.push(recoveryRecord(service, tick.scheduledAt, ctx));
  return { episodes, owed, records };
}

export default defineProducer({
  description: "What seven services log, and now and then an incident in one of them",
  emits: [applicationLogs],
  config,
  handler: produce,
});
