/**
 * Users on a shop's site. The base load comes from a bounded crowd of sessions, each of which makes sense by itself;
 * over it, now and then, someone tries out passwords on one account.
 */
import { z } from "zod";
import { defineProducer, emit, type Tick, type TickCtx } from "../../runtime/define.ts";
import userEvents from "../topics/user-events.ts";
import { between, happens } from "./simulation/draw.ts";
import { due, type Episodes, firstEpisodes, passEpisodes, timesIn } from "./simulation/pace.ts";
import {
  logIn,
  newSession,
  nextStep,
  openSession,
  type Session,
  type UserEvent,
} from "./simulation/sessions.ts";

const config = z.object({
  ratePerSecond: z.number().min(0).max(10_000).default(0.5).describe("Events per second of the base load"),
  maxSessions: z.int().positive().max(1_000).default(200).describe("Sessions at a time, at most"),
  attackEveryMs: z.number().min(0).default(600_000).describe("Mean time between attacks; 0 for none"),
  attackRatePerSecond: z
    .number()
    .min(0)
    .max(1_000)
    .default(1)
    .describe("Failed logins per second of an attack"),
});

type Config = z.output<typeof config>;

interface Attack {
  readonly session: Session;
  /** Whether the password is found in the end. */
  readonly succeeds: boolean;
}

interface State {
  readonly owed: number;
  readonly sessions: readonly Session[];
  readonly attacks: Episodes<Attack>;
  readonly attackOwed: number;
}

/** About as many sessions as give each of them an event every eight seconds. */
const crowdSize = ({ ratePerSecond, maxSessions }: Config): number =>
  Math.min(maxSessions, Math.max(3, Math.ceil(ratePerSecond * 8)));

function produce(tick: Tick<State>, ctx: TickCtx<Config>) {
  const state: State = tick.state ?? {
    owed: 0,
    sessions: [],
    attacks: firstEpisodes(ctx),
    attackOwed: 1,
  };
  const base = crowd(state, tick, ctx);
  const attack = attacks(state, tick, ctx);
  const events = [...base.events, ...attack.events];
  // Two sources: put them in the order in which they happened.
  if (attack.events.length > 0) events.sort((a, b) => (a.timestamp < b.timestamp ? -1 : 1));
  return {
    emit: events.map((event) => emit(userEvents, event)),
    state: {
      owed: base.owed,
      sessions: [...base.sessions, ...attack.intruders],
      attacks: attack.episodes,
      attackOwed: attack.owed,
    },
  };
}

/** The base load: for each event that is due, one of those who are there acts, or someone new arrives. */
function crowd(state: State, tick: Tick<State>, ctx: TickCtx<Config>) {
  const { count, owed } = due(state.owed, ctx.config.ratePerSecond, tick.elapsedMs);
  const size = crowdSize(ctx.config);
  const sessions = [...state.sessions];
  const events: UserEvent[] = [];
  for (const at of timesIn(count, tick.scheduledAt, tick.elapsedMs, ctx)) {
    const someoneNew = sessions.length === 0 || (sessions.length < size && happens(ctx, 0.3));
    if (someoneNew) {
      sessions.push(openSession(ctx, (userId) => sessions.some((session) => session.userId === userId)));
    }
    const who = someoneNew ? sessions.length - 1 : between(ctx, 0, sessions.length - 1);
    const step = nextStep(sessions[who]!, at, ctx);
    events.push(step.event);
    if (step.session) sessions[who] = step.session;
    else sessions.splice(who, 1);
  }
  return { events, owed, sessions };
}

/** Failed logins of one account from one address. Where one succeeds, the intruder joins the crowd. */
function attacks(state: State, tick: Tick<State>, ctx: TickCtx<Config>) {
  const { episodes, active } = passEpisodes(
    state.attacks,
    tick.elapsedMs,
    ctx.config.attackEveryMs,
    ctx,
    () => ({
      what: {
        session: newSession(`user_${between(ctx, 1_000, 9_999)}`, ctx),
        succeeds: happens(ctx, 0.3),
      },
      durationMs: between(ctx, 8_000, 20_000),
    }),
  );
  // The next one starts with an attempt of its own.
  if (!active) return { episodes, owed: 1, events: [], intruders: [] };
  const { session, succeeds } = active.what;
  const { count, owed } = due(state.attackOwed, ctx.config.attackRatePerSecond, active.forMs);
  const events = [...timesIn(count, tick.scheduledAt, tick.elapsedMs, ctx)].map(
    (at) => logIn(session, at, ctx, false).event,
  );
  if (!active.ends || !succeeds) return { episodes, owed, events, intruders: [] };
  const success = logIn(session, tick.scheduledAt, ctx, true);
  return { episodes, owed, events: [...events, success.event], intruders: [success.session!] };
}

export default defineProducer({
  description: "Users' sessions on a shop's site, and now and then an attack on an account's password",
  emits: [userEvents],
  config,
  handler: produce,
});
