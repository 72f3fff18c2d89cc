import { z } from "zod";
import { defineTopic } from "../../runtime/define.ts";
import { isoTimestamp } from "./fields/iso-timestamp.ts";
import { unknownKind } from "./fields/one-of.ts";

export const metricTypes = ["cpu", "memory", "disk", "network"] as const;

export type MetricType = (typeof metricTypes)[number];

const text = z.string().min(1);
const percent = z.number().min(0).max(100);
/** Beyond any machine, and small enough to take squares of. */
const amount = z.number().min(0).max(1e15);

/** One kind of sample: the fields that all have, and its own. */
function sample<Type extends MetricType, Fields extends z.ZodRawShape>(metric_type: Type, fields: Fields) {
  return z.looseObject({
    host: text,
    metric_type: z.literal(metric_type),
    timestamp: isoTimestamp,
    ...fields,
  });
}

/**
 * How the hosts do: every 20 s one sample of each metric type for each of nine hosts.
 * Their names happen to leave partition 2 empty: that is what murmur2 makes of these nine keys.
 */
export default defineTopic({
  name: "system-metrics",
  description: "Samples of cpu, memory, disk and network of each host",
  partitions: 4,
  key: "host",
  compression: "snappy",
  acks: "leader",
  schema: z.discriminatedUnion(
    "metric_type",
    [
      sample("cpu", {
        usage_percent: percent,
        user_percent: percent,
        system_percent: percent,
        idle_percent: percent,
        cores: z.int().positive(),
      }),
      sample("memory", {
        usage_percent: percent,
        total_mb: amount,
        used_mb: amount,
        available_mb: amount,
        cached_mb: amount,
        swap_used_mb: amount,
      }),
      sample("disk", {
        usage_percent: percent,
        total_gb: amount,
        used_gb: amount,
        available_gb: amount,
        read_iops: amount,
        write_iops: amount,
        read_mb_per_sec: amount,
        write_mb_per_sec: amount,
      }),
      sample("network", {
        interface: text,
        rx_bytes_per_sec: amount,
        tx_bytes_per_sec: amount,
        rx_packets_per_sec: amount,
        tx_packets_per_sec: amount,
        rx_errors: amount,
        tx_errors: amount,
        rx_dropped: amount,
        tx_dropped: amount,
      }),
    ],
    { error: unknownKind("metric_type", metricTypes) },
  ),
});
