import { describe, expect, it } from "vitest";
import type { ValueOf } from "../../runtime/define.ts";
import { type ProducerOptions, runProducer, START } from "../../test/drive.ts";
import { obeysProducerLaws } from "../../test/laws.ts";
import systemMetrics, { type MetricType, metricTypes } from "../topics/system-metrics.ts";
import metricsProducer from "./metrics-producer.ts";
import { hosts } from "./simulation/hosts.ts";

type Sample = ValueOf<typeof systemMetrics>;
type SampleOf<Type extends MetricType> = Extract<Sample, { metric_type: Type }>;

const samplesOf = (options: ProducerOptions): Sample[] =>
  runProducer(metricsProducer, options).emits.map((one) => one.value as Sample);

const of = <Type extends MetricType>(type: Type, samples: readonly Sample[]) =>
  samples.filter((one): one is SampleOf<Type> => one.metric_type === type);

const calm = { anomalyEveryMs: 0 };

const MINUTE = 60_000;
const minutesOfADay = Array.from({ length: 1_440 }, () => MINUTE);
const calmDay = samplesOf({ config: { ...calm, sampleEveryMs: MINUTE }, elapsedMs: minutesOfADay });
const day = samplesOf({ config: { sampleEveryMs: MINUTE }, elapsedMs: minutesOfADay });

const isOver = (one: Sample): boolean => {
  if (one.metric_type === "cpu") return one.usage_percent > 85;
  if (one.metric_type === "memory") return one.usage_percent > 90;
  if (one.metric_type === "disk") return one.usage_percent > 95;
  return one.rx_errors > 50 || one.tx_errors > 50;
};

describe("metrics-producer", () => {
  obeysProducerLaws(metricsProducer, { config: { sampleEveryMs: 5_000 }, numRuns: 10 });

  it("samples each metric type of each host once, at the first tick and then every 20 s", () => {
    const { ticks } = runProducer(metricsProducer, { ticks: 61 });
    const sampled = ticks.flatMap((emits, i) => (emits.length > 0 ? [[i, emits.length]] : []));
    expect(sampled).toEqual([
      [0, 36],
      [20, 36],
      [40, 36],
      [60, 36],
    ]);
    const names = ticks[0]!.map(({ value }) => `${(value as Sample).host} ${(value as Sample).metric_type}`);
    expect(new Set(names)).toEqual(
      new Set([...hosts.keys()].flatMap((h) => metricTypes.map((m) => `${h} ${m}`))),
    );
  });

  it("makes up missed rounds, each at its own time", () => {
    const samples = samplesOf({ elapsedMs: [1_000, 65_000] });
    const times = new Set(samples.map((one) => Date.parse(one.timestamp) - START));
    expect([...times]).toEqual([1_000, 21_000, 41_000, 61_000]);
  });

  it("makes up a long outage in steps of thirty rounds", () => {
    const { ticks } = runProducer(metricsProducer, {
      elapsedMs: [1_000, 3_600_000, 1_000, 1_000, 1_000, 1_000, 1_000],
    });
    const rounds = ticks.map((emits) => emits.length / 36);
    expect(rounds).toEqual([1, 30, 30, 30, 30, 30, 30]);
  });

  it("can sample at another interval", () => {
    expect(samplesOf({ config: { sampleEveryMs: 500 }, ticks: 10 })).toHaveLength(36 * 19);
  });

  it("adds up: user + system + idle is 100, used + available is total", () => {
    expect(day).toHaveLength(36 * minutesOfADay.length);
    const tenths = (percent: number) => Math.round(percent * 10);
    const isShare = (percent: number, part: number, whole: number) =>
      Math.abs(percent - (100 * part) / whole) <= 0.05 + 1e-9;
    const adds = (one: Sample): boolean => {
      switch (one.metric_type) {
        case "cpu": {
          const {
            user_percent: user,
            system_percent: system,
            idle_percent: idle,
            usage_percent: usage,
          } = one;
          const isPrinted = [user, system, idle, usage].every((percent) => percent === tenths(percent) / 10);
          const sum = tenths(user) + tenths(system);
          return isPrinted && sum === tenths(usage) && sum + tenths(idle) === 1_000;
        }
        case "memory": {
          const { used_mb: used, available_mb: available, total_mb: total } = one;
          const fits = one.cached_mb <= available && isShare(one.usage_percent, used, total);
          return fits && used + available === total;
        }
        case "disk": {
          const { used_gb: used, available_gb: available, total_gb: total } = one;
          return isShare(one.usage_percent, used, total) && used + available === total;
        }
        case "network":
          return one.rx_dropped <= one.rx_errors && one.tx_dropped <= one.tx_errors;
      }
    };
    expect(day.filter((one) => !adds(one))).toEqual([]);
  });

  it("does not change what a host has", () => {
    for (const host of hosts.keys()) {
      const own = day.filter((one) => one.host === host);
      expect(new Set(of("cpu", own).map((one) => one.cores)).size).toBe(1);
      expect(new Set(of("memory", own).map((one) => one.total_mb)).size).toBe(1);
      expect(new Set(of("disk", own).map((one) => one.total_gb)).size).toBe(1);
    }
  });

  it("drifts: a sample is near the one before it, and the day goes up and down", () => {
    const cpu = of("cpu", calmDay)
      .filter((one) => one.host === "web-server-01")
      .map((one) => one.usage_percent);
    const jumps = cpu.slice(1).map((value, i) => Math.abs(value - cpu[i]!));
    expect(Math.max(...jumps)).toBeLessThan(10);
    expect(Math.max(...cpu) - Math.min(...cpu)).toBeGreaterThan(25);
    // The run starts at noon, UTC: hours 0 to 6 are an afternoon, 12 to 18 the small hours.
    const mean = (from: number, to: number) => {
      const part = cpu.slice(from * 60, to * 60);
      return part.reduce((a, b) => a + b) / part.length;
    };
    expect(mean(0, 6)).toBeGreaterThan(mean(12, 18) + 10);
  });

  it("stays within all thresholds by itself", () => {
    expect(calmDay.filter(isOver)).toEqual([]);
  });
});

describe("an anomaly", () => {
  it.each(["a", "b", "c", "d", "e"])("begins within 20 s of the start (instance %s)", (instanceId) => {
    expect(samplesOf({ instanceId, ticks: 20 }).filter(isOver)).toHaveLength(1);
  });

  it("lasts for several samples and ends", () => {
    expect(day.filter(isOver).length).toBeGreaterThan(300);
    const series = new Map<string, boolean[]>();
    for (const one of day) {
      const name = `${one.host} ${one.metric_type}`;
      series.set(name, [...(series.get(name) ?? []), isOver(one)]);
    }
    const lengths = [...series.values()].flatMap((flags) =>
      flags
        .map((flag) => (flag ? "x" : " "))
        .join("")
        .split(/ +/)
        .filter((run) => run !== "")
        .map((run) => run.length),
    );
    // Two that follow each other at once look like one.
    expect(lengths.filter((length) => length >= 3 && length <= 8).length / lengths.length).toBeGreaterThan(
      0.9,
    );
  });

  it("comes in every metric type", () => {
    expect(new Set(day.filter(isOver).map((one) => one.metric_type))).toEqual(new Set(metricTypes));
  });
});
