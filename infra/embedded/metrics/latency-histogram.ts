import type { Metric } from "prom-client";
import { LATENCY_BUCKETS_S, type Traffic } from "../broker/traffic.ts";

/**
 * A histogram of what was counted elsewhere: prom-client's own would have to be told of each request, at some
 * microseconds each. A registry asks of a metric only its name and `get`.
 */
export function latencyHistogram(name: string, help: string, traffic: Traffic): Metric<"api"> {
  const get = async () => ({
    name,
    help,
    type: "histogram",
    aggregator: "sum",
    values: values(name, traffic),
  });
  return { name, get } as unknown as Metric<"api">;
}

function values(name: string, { apis }: Traffic) {
  return [...apis.values()].flatMap(({ name: api, answered, seconds, buckets }) => {
    let upTo = 0;
    const cumulative = buckets.map((count, i) => {
      upTo += count;
      return {
        metricName: `${name}_bucket`,
        labels: { api, le: LATENCY_BUCKETS_S[i] ?? "+Inf" },
        value: upTo,
      };
    });
    return [
      ...cumulative,
      { metricName: `${name}_sum`, labels: { api }, value: seconds },
      { metricName: `${name}_count`, labels: { api }, value: answered },
    ];
  });
}
