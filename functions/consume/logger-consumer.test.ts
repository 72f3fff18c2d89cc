import { describe, expect, it } from "vitest";
import type { ValueOf } from "../../runtime/define.ts";
import {
  asRecords,
  type ConsumerOptions,
  type Given,
  runConsumer,
  runProducer,
  START,
  toRecords,
} from "../../test/drive.ts";
import { obeysConsumerLaws } from "../../test/laws.ts";
import { mutatedRecords } from "../../test/mutate.ts";
import metricsProducer from "../produce/metrics-producer.ts";
import type anomalies from "../topics/anomalies.ts";
import loggerConsumer from "./logger-consumer.ts";

type Anomaly = ValueOf<typeof anomalies>;

const SECOND = 1_000;

function at(second: number, metric_type: string, fields: Record<string, unknown>): Given {
  const timestamp = new Date(START + second * SECOND).toISOString();
  const value = { host: "db-server-01", metric_type, timestamp, ...fields };
  return { atMs: second * SECOND, key: value.host, value };
}

const cpu = (second: number, usage_percent: number) =>
  at(second, "cpu", { usage_percent, user_percent: 0, system_percent: 0, idle_percent: 0, cores: 4 });
const memory = (second: number, usage_percent: number) =>
  at(second, "memory", {
    usage_percent,
    total_mb: 1,
    used_mb: 1,
    available_mb: 0,
    cached_mb: 0,
    swap_used_mb: 0,
  });
const disk = (second: number, usage_percent: number) =>
  at(second, "disk", {
    usage_percent,
    total_gb: 1,
    used_gb: 1,
    available_gb: 0,
    read_iops: 0,
    write_iops: 0,
    read_mb_per_sec: 0,
    write_mb_per_sec: 0,
  });
const network = (second: number, rx_errors: number, tx_errors: number) =>
  at(second, "network", {
    interface: "eth0",
    rx_bytes_per_sec: 1,
    tx_bytes_per_sec: 1,
    rx_packets_per_sec: 1,
    tx_packets_per_sec: 1,
    rx_errors,
    tx_errors,
    rx_dropped: 0,
    tx_dropped: 0,
  });

function watch(given: readonly Given[], options?: ConsumerOptions) {
  const run = runConsumer(loggerConsumer, toRecords(given), options);
  expect(run.aside).toEqual([]);
  return { ...run, found: run.emits.map((one) => ({ ...(one.value as Anomaly), cause: one.cause })) };
}

describe("logger-consumer", () => {
  obeysConsumerLaws(
    loggerConsumer,
    mutatedRecords(metricsProducer, {
      config: { sampleEveryMs: 1_000, anomalyEveryMs: 1_000 },
      ticks: 40,
      keyField: "host",
      keys: ["web-server-01", "db-server-01"],
    }),
  );

  it.each([
    ["cpu", cpu(0, 85), cpu(0, 85.1), "cpu.usage_percent", 85],
    ["memory", memory(0, 90), memory(0, 90.1), "memory.usage_percent", 90],
    ["disk", disk(0, 95), disk(0, 95.1), "disk.usage_percent", 95],
    ["received errors", network(0, 50, 0), network(0, 51, 0), "network.rx_errors", 50],
    ["sent errors", network(0, 0, 50), network(0, 0, 51), "network.tx_errors", 50],
  ] as const)("finds %s above the threshold, not at it", (_name, within, over, metric, threshold) => {
    expect(watch([within]).found).toEqual([]);
    expect(watch([over]).found).toMatchObject([{ phase: "begin", metric, threshold, host: "db-server-01" }]);
  });

  it("tells an anomaly's beginning, its samples and its end under one id", () => {
    const { found, state } = watch([
      cpu(0, 40),
      cpu(20, 90),
      cpu(40, 97),
      cpu(60, 91),
      cpu(80, 50),
      cpu(100, 45),
    ]);
    expect(found).toMatchObject([
      { cause: "1", phase: "begin", value: 90, samples: 1, peak: 90, duration_ms: 0, severity: "warning" },
      { cause: "2", phase: "continue", value: 97, samples: 2, peak: 97, duration_ms: 20_000 },
      { cause: "3", phase: "continue", value: 91, samples: 3, peak: 97, duration_ms: 40_000 },
      { cause: "4", phase: "end", value: 50, samples: 3, peak: 97, duration_ms: 60_000, severity: "info" },
    ]);
    expect(new Set(found.map((one) => one.anomaly_id)).size).toBe(1);
    expect(found[3]!.message).toBe("cpu.usage_percent of db-server-01 is back at 50, within 85");
    expect(state.get("db-server-01")).toMatchObject([{ metric: "cpu.usage_percent", open: null }]);
  });

  it("gives the next anomaly an id of its own", () => {
    const ids = watch([cpu(0, 90), cpu(20, 50), cpu(40, 90)]).found.map((one) => one.anomaly_id);
    expect(ids[0]).toBe(ids[1]);
    expect(ids[2]).not.toBe(ids[0]);
  });

  it("keeps the metrics of a host apart", () => {
    const { found } = watch([cpu(0, 90), memory(0, 91), network(0, 60, 70), memory(20, 50)]);
    expect(found.map((one) => [one.metric, one.phase])).toEqual([
      ["cpu.usage_percent", "begin"],
      ["memory.usage_percent", "begin"],
      ["network.rx_errors", "begin"],
      ["network.tx_errors", "begin"],
      ["memory.usage_percent", "end"],
    ]);
  });

  it("is critical when it lasts", () => {
    const found = watch(Array.from({ length: 6 }, (_, i) => cpu(i * 20, 90))).found;
    expect(found.map((one) => one.severity)).toEqual([...Array(4).fill("warning"), "critical", "critical"]);
  });

  it("says how unusual a value is against the samples within the threshold", () => {
    const normal = [2, 4, 4, 4, 5, 5, 7, 9].map((value, i) => cpu(i * 20, value));
    const { found } = watch([...normal, cpu(200, 95), cpu(220, 99)]);
    expect(found.map((one) => one.statistics)).toEqual([
      { samples: 8, mean: 5, stddev: 2, z_score: 45 },
      { samples: 8, mean: 5, stddev: 2, z_score: 47 },
    ]);
  });

  it("has no statistics for a host's very first sample", () => {
    expect(watch([cpu(0, 90)]).found[0]!.statistics).toBeNull();
  });

  it("tells a late sample over the threshold by itself, and lets it change nothing", () => {
    const { found, metrics } = watch([cpu(0, 40), cpu(40, 42), cpu(20, 99), cpu(10, 30), cpu(60, 90)]);
    expect(found).toMatchObject([
      { phase: "late", value: 99, cause: "2" },
      { phase: "begin", value: 90, statistics: { samples: 2, mean: 41 } },
    ]);
    expect(metrics.get('late_samples{metric="cpu.usage_percent"}')).toBe(2);
  });

  it("takes its thresholds from its settings", () => {
    const config = { cpuPercent: 50, networkErrors: 0 };
    expect(watch([cpu(0, 51), network(0, 1, 0)], { config }).found).toHaveLength(2);
  });

  it("finds every anomaly of the metrics producer, and nothing else", () => {
    const records = asRecords(
      runProducer(metricsProducer, { elapsedMs: Array.from({ length: 360 }, () => 20_000) }),
    );
    const { emits } = runConsumer(loggerConsumer, records);
    const phases = emits.map((one) => (one.value as Anomaly).phase);
    expect(phases.filter((phase) => phase === "begin").length).toBeGreaterThan(5);
    const calm = runProducer(metricsProducer, { config: { anomalyEveryMs: 0 }, ticks: 200 });
    expect(runConsumer(loggerConsumer, asRecords(calm)).emits).toEqual([]);
  });
});
