/** Samples of hosts as series with the thresholds that the platform's function watches them by. Pure. */
import type { Message } from "../../data/message.ts";
import type { FunctionInfo } from "../../data/types.ts";
import type { Timed } from "./buckets.ts";
import { fieldsOf, timeOf } from "./fields.ts";

export interface MetricKind {
  readonly id: string;
  readonly label: string;
  readonly unit: "%" | "errors";
  /** Which of a sample's fields are charted. */
  readonly fields: readonly { readonly field: string; readonly label: string }[];
  /** What the threshold is called in the configuration of the function that watches. */
  readonly setting: string;
}

const usage = { field: "usage_percent", label: "Usage" };

export const KINDS: readonly MetricKind[] = [
  { id: "cpu", label: "CPU", unit: "%", fields: [usage], setting: "cpuPercent" },
  { id: "memory", label: "Memory", unit: "%", fields: [usage], setting: "memoryPercent" },
  { id: "disk", label: "Disk", unit: "%", fields: [usage], setting: "diskPercent" },
  {
    id: "network",
    label: "Network errors",
    unit: "errors",
    fields: [
      { field: "rx_errors", label: "Received" },
      { field: "tx_errors", label: "Sent" },
    ],
    setting: "networkErrors",
  },
];

export interface Sample extends Timed {
  readonly host: string;
  readonly kind: MetricKind;
  /** One for each of the kind's fields. */
  readonly values: readonly (number | null)[];
}

/** Null where the record is no sample of a kind that is known. */
export function toSample(message: Message): Sample | null {
  const fields = fieldsOf(message);
  const at = timeOf(message);
  const host = fields?.text("host");
  const kind = KINDS.find(({ id }) => id === fields?.text("metric_type"));
  if (!fields || at === null || !host || !kind) return null;
  return { at, host, kind, values: kind.fields.map(({ field }) => fields.number(field)) };
}

export interface Series {
  readonly times: readonly number[];
  readonly lines: readonly { readonly label: string; readonly values: readonly (number | null)[] }[];
}

/** Those of a kind, by host, hosts by name. Of two samples of the same moment the later record counts. */
export function seriesByHost(samples: readonly Sample[], kind: MetricKind): ReadonlyMap<string, Series> {
  const hosts = new Map<string, Map<number, Sample>>();
  for (const sample of samples) {
    if (sample.kind !== kind) continue;
    const known = hosts.get(sample.host) ?? new Map<number, Sample>();
    hosts.set(sample.host, known.set(sample.at, sample));
  }
  return new Map(
    [...hosts]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([host, at]) => [
        host,
        toSeries(
          [...at.values()].sort((a, b) => a.at - b.at),
          kind,
        ),
      ]),
  );
}

const toSeries = (samples: readonly Sample[], kind: MetricKind): Series => ({
  times: samples.map(({ at }) => at),
  lines: kind.fields.map(({ label }, field) => ({
    label,
    values: samples.map(({ values }) => values[field] ?? null),
  })),
});

/** The threshold of a kind; null where no function tells one. */
export function thresholdOf(functions: readonly FunctionInfo[], kind: MetricKind): number | null {
  for (const { config } of functions) {
    const value = (config as Record<string, unknown> | null)?.[kind.setting];
    if (typeof value === "number") return value;
  }
  return null;
}

export interface Statistics {
  readonly samples: number;
  readonly last: number;
  readonly min: number;
  readonly mean: number;
  readonly max: number;
  readonly stddev: number;
  /** As many of a hundred values are at most this. */
  readonly p95: number;
  /** Samples above the threshold; null where there is none. */
  readonly over: number | null;
}

/** Of a series' values, the highest of its lines at each moment; null where it has none. */
export function statisticsOf(series: Series, threshold: number | null): Statistics | null {
  const values = series.times
    .map((_, index) => series.lines.map((line) => line.values[index]).filter((value) => value != null))
    .filter((each) => each.length > 0)
    .map((each) => Math.max(...each));
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return {
    samples: values.length,
    last: values.at(-1)!,
    min: sorted[0]!,
    mean,
    max: sorted.at(-1)!,
    stddev: Math.sqrt(variance),
    p95: sorted[Math.ceil(sorted.length * 0.95) - 1]!,
    over: threshold === null ? null : values.filter((value) => value > threshold).length,
  };
}
