/**
 * One sample of one metric type of one host. Parts add up as printed: percentages are drawn in tenths, sizes in whole
 * MB and GB, and what is left over is a difference, never a draw of its own.
 */
import type { ValueOf } from "../../../runtime/define.ts";
import type systemMetrics from "../../topics/system-metrics.ts";
import type { MetricType } from "../../topics/system-metrics.ts";
import { between, happens, type Random } from "./draw.ts";
import type { Host } from "./hosts.ts";

export type Sample = ValueOf<typeof systemMetrics>;

/** What a sample is drawn from. */
export interface Moment {
  readonly hostName: string;
  readonly host: Host;
  readonly at: number;
  /** Where the host's random walk of this metric type stands, -1 to 1. */
  readonly walk: number;
  /** Whether the values are to be out of bounds. */
  readonly anomalous: boolean;
}

const HOUR = 3_600_000;

/** -1 in the small hours, 1 in the afternoon (UTC). */
const rhythm = (at: number): number => Math.sin((2 * Math.PI * (((at / HOUR) % 24) - 9)) / 24);

const clamp = (value: number, min: number, max: number): number => Math.min(max, Math.max(min, value));

const round1 = (value: number): number => Math.round(value * 10) / 10;

/** The next step of a random walk that is drawn back to 0 and stays within -1 and 1. */
export function step(walk: number, chance: Random): number {
  const next = clamp(0.97 * walk + (chance.random() - 0.5) * 0.24, -1, 1);
  // Four decimals keep state short; adding 0 makes 0 of -0, which JSON does not know.
  return Math.round(next * 10_000) / 10_000 + 0;
}

export function sample(metricType: MetricType, moment: Moment, chance: Random): Sample {
  const { hostName, at } = moment;
  const common = { host: hostName, timestamp: new Date(at).toISOString() };
  switch (metricType) {
    case "cpu":
      return { ...common, metric_type: "cpu", ...cpu(moment, chance) };
    case "memory":
      return { ...common, metric_type: "memory", ...memory(moment, chance) };
    case "disk":
      return { ...common, metric_type: "disk", ...disk(moment, chance) };
    case "network":
      return { ...common, metric_type: "network", ...network(moment, chance) };
  }
}

function cpu({ host, at, walk, anomalous }: Moment, chance: Random) {
  const usual = host.cpu + 14 * host.daily * rhythm(at) + 16 * walk + (chance.random() - 0.5) * 6;
  const usage = anomalous ? between(chance, 870, 995) : Math.round(clamp(usual, 2, 80) * 10);
  const system = Math.round(usage * (0.2 + chance.random() * 0.15));
  return {
    usage_percent: usage / 10,
    user_percent: (usage - system) / 10,
    system_percent: system / 10,
    idle_percent: (1_000 - usage) / 10,
    cores: host.cores,
  };
}

function memory({ host, at, walk, anomalous }: Moment, chance: Random) {
  const usual = host.memory + 5 * host.daily * rhythm(at) + 7 * walk;
  const usage = anomalous ? 92 + chance.random() * 6 : clamp(usual, 5, 86);
  const used = Math.round((host.totalMb * usage) / 100);
  const available = host.totalMb - used;
  return {
    usage_percent: round1((100 * used) / host.totalMb),
    total_mb: host.totalMb,
    used_mb: used,
    available_mb: available,
    cached_mb: Math.round(available * (0.45 + chance.random() * 0.1)),
    swap_used_mb: anomalous ? between(chance, 256, 2_048) : 0,
  };
}

function disk({ host, at, walk, anomalous }: Moment, chance: Random) {
  const usage = anomalous ? 96 + chance.random() * 3 : clamp(host.disk + 4 * walk, 5, 90);
  const used = Math.round((host.totalGb * usage) / 100);
  const load = host.cores * (1 + 0.5 * host.daily * rhythm(at)) * (0.5 + chance.random());
  const reads = Math.round(load * 22);
  const writes = Math.round(load * 14);
  return {
    usage_percent: round1((100 * used) / host.totalGb),
    total_gb: host.totalGb,
    used_gb: used,
    available_gb: host.totalGb - used,
    read_iops: reads,
    write_iops: writes,
    read_mb_per_sec: round1(reads * 0.032),
    write_mb_per_sec: round1(writes * 0.024),
  };
}

function network({ host, at, walk, anomalous }: Moment, chance: Random) {
  const load = (1 + 0.5 * host.daily * rhythm(at)) * 2 ** walk * (0.9 + chance.random() * 0.2);
  const rxBytes = Math.round(host.rxMbPerSec * 1_000_000 * load);
  const txBytes = Math.round(rxBytes * host.sends);
  // A bad cable or card: mostly on what comes in.
  const errors = () =>
    anomalous ? between(chance, 60, 400) : happens(chance, 0.1) ? between(chance, 1, 5) : 0;
  const rxErrors = errors();
  const txErrors = anomalous && happens(chance, 0.7) ? between(chance, 0, 40) : errors();
  return {
    interface: "eth0",
    rx_bytes_per_sec: rxBytes,
    tx_bytes_per_sec: txBytes,
    rx_packets_per_sec: Math.round(rxBytes / 900),
    tx_packets_per_sec: Math.round(txBytes / 1_100),
    rx_errors: rxErrors,
    tx_errors: txErrors,
    rx_dropped: Math.floor(rxErrors / 4),
    tx_dropped: Math.floor(txErrors / 4),
  };
}
