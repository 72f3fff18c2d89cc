/**
 * Watches system-metrics: a sample over its threshold begins an anomaly, further ones continue it, the first one
 * within the threshold ends it. Beside it, statistics of each host and metric say how unusual a value is.
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
import { eventTimeMs } from "../../runtime/windows.ts";
import anomalies from "../topics/anomalies.ts";
import systemMetrics from "../topics/system-metrics.ts";
import { addSample, noSamples, type Statistics, stddev, zScore } from "./analysis/statistics.ts";

const percent = z.number().min(0).max(100);
const perSample = z.number().min(0);

const config = z.object({
  cpuPercent: percent.default(85).describe("cpu usage above this is an anomaly, percent"),
  memoryPercent: percent.default(90).describe("memory usage above this is an anomaly, percent"),
  diskPercent: percent.default(95).describe("disk usage above this is an anomaly, percent"),
  networkErrors: perSample.default(50).describe("rx_errors or tx_errors above this are an anomaly"),
  criticalSamples: z
    .int()
    .positive()
    .default(5)
    .describe("An anomaly that lasts this many samples is critical"),
  statisticsSamples: z
    .int()
    .min(2)
    .default(180)
    .describe("How far back statistics reach: 180 samples are an hour"),
});

type Config = z.output<typeof config>;
type Sample = ValueOf<typeof systemMetrics>;
type Anomaly = ValueOf<typeof anomalies>;

interface Reading {
  readonly metric: string;
  readonly value: number;
  readonly threshold: number;
}

/** An anomaly that has begun and not ended. */
interface Open {
  readonly id: string;
  readonly startedMs: number;
  readonly samples: number;
  readonly peak: number;
}

/** What is known of one metric of a host. */
interface Series {
  readonly metric: string;
  readonly lastMs: number;
  readonly normal: Statistics;
  readonly open: Open | null;
}

/** By host. At most one series a metric, so it does not grow. */
type State = readonly Series[];

/** What a sample says about each metric that has a threshold. */
function readingsOf(sample: Sample, c: Config): Reading[] {
  switch (sample.metric_type) {
    case "cpu":
      return [{ metric: "cpu.usage_percent", value: sample.usage_percent, threshold: c.cpuPercent }];
    case "memory":
      return [{ metric: "memory.usage_percent", value: sample.usage_percent, threshold: c.memoryPercent }];
    case "disk":
      return [{ metric: "disk.usage_percent", value: sample.usage_percent, threshold: c.diskPercent }];
    case "network":
      return [
        { metric: "network.rx_errors", value: sample.rx_errors, threshold: c.networkErrors },
        { metric: "network.tx_errors", value: sample.tx_errors, threshold: c.networkErrors },
      ];
  }
}

function watch(record: Rec<Sample>, state: State | null, ctx: RecordCtx<Config>) {
  const sample = record.value;
  ctx.metric("samples", 1, { metric_type: sample.metric_type });
  let host: State = state ?? [];
  const found: Anomaly[] = [];
  for (const reading of readingsOf(sample, ctx.config)) {
    const before = host.find((series) => series.metric === reading.metric) ?? null;
    const { anomaly, after } = judge(record, reading, before, ctx);
    if (anomaly) {
      ctx.metric("anomalies", 1, { metric: reading.metric, phase: anomaly.phase });
      found.push(anomaly);
    }
    host = [...host.filter((series) => series !== before), after];
  }
  return { emit: found.map((anomaly) => emit(anomalies, anomaly)), state: host };
}

const toStatistics = (normal: Statistics, value: number) => ({
  samples: normal.samples,
  mean: normal.mean,
  stddev: stddev(normal),
  z_score: zScore(normal, value),
});

/** One reading against its series: the anomaly to report, if any, and the series after it. */
function judge(record: Rec<Sample>, reading: Reading, before: Series | null, ctx: RecordCtx<Config>) {
  const at = eventTimeMs(record);
  const { metric, value, threshold } = reading;
  const { normal, open, lastMs } = before ?? { normal: noSamples, open: null, lastMs: at };
  const over = value > threshold;
  const report = (phase: Anomaly["phase"], one: Open): Anomaly => ({
    anomaly_id: one.id,
    phase,
    host: record.value.host,
    metric_type: record.value.metric_type,
    metric,
    timestamp: new Date(at).toISOString(),
    value,
    threshold,
    severity: phase === "end" ? "info" : one.samples >= ctx.config.criticalSamples ? "critical" : "warning",
    message: over
      ? `${metric} of ${record.value.host} is ${value}, over ${threshold}`
      : `${metric} of ${record.value.host} is back at ${value}, within ${threshold}`,
    started_at: new Date(one.startedMs).toISOString(),
    duration_ms: at - one.startedMs,
    samples: one.samples,
    peak: one.peak,
    statistics: normal.samples === 0 ? null : toStatistics(normal, value),
  });

  // Out of order: the series has gone on, so it changes nothing; but a value over the threshold is still told.
  if (before && at < lastMs) {
    ctx.metric("late_samples", 1, { metric });
    const alone: Open = { id: over ? ctx.uuid() : "", startedMs: at, samples: 1, peak: value };
    return { anomaly: over ? report("late", alone) : null, after: before };
  }
  if (!over) {
    // What is normal is learned from samples within the threshold only.
    const learned = addSample(normal, value, ctx.config.statisticsSamples);
    return {
      anomaly: open && report("end", open),
      after: { metric, lastMs: at, normal: learned, open: null },
    };
  }
  const now: Open = open
    ? { ...open, samples: open.samples + 1, peak: Math.max(open.peak, value) }
    : { id: ctx.uuid(), startedMs: at, samples: 1, peak: value };
  return {
    anomaly: report(open ? "continue" : "begin", now),
    after: { metric, lastMs: at, normal, open: now },
  };
}

export default defineConsumer({
  description: "Finds cpu, memory, disk and network errors over their thresholds, host by host",
  topic: systemMetrics,
  group: "logger-group",
  emits: [anomalies],
  config,
  // By the value, so that records which someone wrote without a key count as well.
  stateKeys: (record) => [record.value.host],
  maxBatchRecords: 500,
  handler: eachRecord(watch),
});
