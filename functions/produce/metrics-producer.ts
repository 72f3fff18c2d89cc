/**
 * Samples of nine hosts. Each metric of each host is a time series of its own: a bounded random walk about the host's
 * usual load, with a daily rhythm. Now and then one of them goes out of bounds for a few samples.
 */
import { z } from "zod";
import { defineProducer, emit, type Tick, type TickCtx } from "../../runtime/define.ts";
import systemMetrics, { type MetricType, metricTypes } from "../topics/system-metrics.ts";
import { between, pick, waitFor } from "./simulation/draw.ts";
import { hosts } from "./simulation/hosts.ts";
import { type Sample, sample, step } from "./simulation/samples.ts";

/** A tick never takes more rounds than this: after a long outage the missed ones are made up in steps. */
const MAX_ROUNDS_PER_TICK = 30;

const config = z.object({
  sampleEveryMs: z.number().min(100).default(20_000).describe("Time between two samples of a host"),
  anomalyEveryMs: z.number().min(0).default(300_000).describe("Mean time between anomalies; 0 for none"),
});

type Config = z.output<typeof config>;

interface Anomaly {
  readonly host: string;
  readonly metricType: MetricType;
  readonly samplesLeft: number;
}

interface State {
  readonly nextSampleInMs: number;
  readonly nextAnomalyInMs: number;
  /** Where each host's random walks stand, in the order of hosts and metric types. */
  readonly walks: readonly number[];
  readonly anomalies: readonly Anomaly[];
}

function produce(tick: Tick<State>, ctx: TickCtx<Config>) {
  let state = tick.state ?? start(tick, ctx);
  let dueInMs = state.nextSampleInMs - tick.elapsedMs;
  const samples: Sample[] = [];
  for (let round = 0; dueInMs <= 0 && round < MAX_ROUNDS_PER_TICK; round++) {
    const taken = takeRound(state, tick.scheduledAt + dueInMs, ctx);
    samples.push(...taken.samples);
    state = taken.state;
    dueInMs += ctx.config.sampleEveryMs;
  }
  return {
    emit: samples.map((one) => emit(systemMetrics, one)),
    state: { ...state, nextSampleInMs: dueInMs },
  };
}

/** The first round is due at once, and has the first anomaly in it. */
function start(tick: Tick<State>, ctx: TickCtx<Config>): State {
  return {
    nextSampleInMs: tick.elapsedMs,
    nextAnomalyInMs: 0,
    walks: Array.from({ length: hosts.size * metricTypes.length }, () => step(ctx.random() - 0.5, ctx)),
    anomalies: [],
  };
}

/** One sample of each metric type of each host, at `at`. */
function takeRound(state: State, at: number, ctx: TickCtx<Config>): { samples: Sample[]; state: State } {
  const { anomalies, nextAnomalyInMs } = passAnomalies(state, ctx);
  const walks = state.walks.map((walk) => step(walk, ctx));
  const samples = [...hosts].flatMap(([hostName, host], h) =>
    metricTypes.map((metricType, m) => {
      const walk = walks[h * metricTypes.length + m]!;
      const anomalous = anomalies.some((one) => one.host === hostName && one.metricType === metricType);
      return sample(metricType, { hostName, host, at, walk, anomalous }, ctx);
    }),
  );
  return { samples, state: { ...state, walks, anomalies, nextAnomalyInMs } };
}

/** The anomalies of the coming round: those that last, and a new one when its time has come. */
function passAnomalies(state: State, ctx: TickCtx<Config>) {
  const lasting = state.anomalies
    .map((one) => ({ ...one, samplesLeft: one.samplesLeft - 1 }))
    .filter((one) => one.samplesLeft > 0);
  if (ctx.config.anomalyEveryMs === 0) return { anomalies: [], nextAnomalyInMs: 0 };
  if (state.nextAnomalyInMs > 0) {
    return { anomalies: lasting, nextAnomalyInMs: state.nextAnomalyInMs - ctx.config.sampleEveryMs };
  }
  const begun: Anomaly = {
    host: pick(ctx, [...hosts.keys()]),
    metricType: pick(ctx, metricTypes),
    samplesLeft: between(ctx, 3, 8),
  };
  const others = lasting.filter((one) => one.host !== begun.host || one.metricType !== begun.metricType);
  return { anomalies: [...others, begun], nextAnomalyInMs: waitFor(ctx, ctx.config.anomalyEveryMs) };
}

export default defineProducer({
  description: "Samples of cpu, memory, disk and network of nine hosts, and now and then an anomaly",
  emits: [systemMetrics],
  config,
  handler: produce,
});
