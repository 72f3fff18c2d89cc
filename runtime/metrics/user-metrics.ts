/** What handlers gave to `ctx.metric`, as families `ksp_user_<name>` with the handler's labels and `function`. */
import { Gauge, Registry } from "prom-client";
import type { FunctionStatus } from "../status.ts";

/** Names of all functions together: what is beyond is left out, and `ksp_metrics_left_out` says how many. */
const MOST_NAMES = 200;
const MOST_LABELS = 10;

/** Words as Prometheus allows them: other characters become `_`. */
const toWord = (text: string): string => text.replace(/[^a-zA-Z0-9_]/g, "_");

/** A label of the handler's may not hide the function's name, nor begin as Prometheus's own do. */
function toLabel(text: string): string {
  const word = toWord(text);
  return word === "function" || /^(?:\d|__|$)/.test(word) ? `label_${word}` : word;
}

interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The exposition text of all sums, in the order of names. */
export async function userMetricsText(statuses: ReadonlyMap<string, FunctionStatus>): Promise<string> {
  const families = new Map<string, Series[]>();
  let leftOut = 0;
  for (const { fn, metrics } of statuses.values()) {
    for (const { name, labels, value } of metrics.values()) {
      const word = `ksp_user_${toWord(name)}`;
      const family = families.get(word) ?? [];
      const given = Object.entries(labels).map(([label, text]) => [toLabel(label), text] as const);
      if ((family.length === 0 && families.size >= MOST_NAMES) || given.length > MOST_LABELS) {
        leftOut += 1;
        continue;
      }
      families.set(word, family);
      family.push({ labels: { ...Object.fromEntries(given), function: fn.name }, value });
    }
  }
  const registry = new Registry();
  for (const [name, family] of [...families].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const labelNames = [...new Set(family.flatMap(({ labels }) => Object.keys(labels)))];
    const gauge = new Gauge({
      name,
      help: "Sum of what handlers gave to ctx.metric",
      labelNames,
      registers: [registry],
    });
    // Names that differ only in characters that Prometheus does not allow are one series.
    for (const { labels, value } of family) gauge.inc(labels, value);
  }
  const dropped = new Gauge({
    name: "ksp_metrics_left_out",
    help: `Values of ctx.metric left out: more than 1,000 series of a function, ${MOST_NAMES} names or ${MOST_LABELS} labels`,
    registers: [registry],
  });
  dropped.set(leftOut + [...statuses.values()].reduce((sum, status) => sum + status.metricsDropped, 0));
  return registry.metrics();
}
