import { z } from "zod";
import { defineTopic } from "../../runtime/define.ts";
import { isoTimestamp } from "./fields/iso-timestamp.ts";
import { oneOf } from "./fields/one-of.ts";
import { metricTypes } from "./system-metrics.ts";

const text = z.string().min(1);
const count = z.int().nonnegative();

/** Samples over a threshold: an anomaly begins, continues and ends, under one `anomaly_id`. */
export default defineTopic({
  name: "anomalies",
  description: "Hosts whose cpu, memory, disk or network errors crossed a threshold",
  partitions: 1,
  key: "host",
  alerts: true,
  schema: z.looseObject({
    anomaly_id: text.describe("The same from its beginning to its end; a redelivery repeats it"),
    phase: oneOf(["begin", "continue", "end", "late"]).describe(
      "late: a sample out of order, over the threshold",
    ),
    host: text,
    metric_type: oneOf(metricTypes),
    metric: text.describe("Such as cpu.usage_percent or network.rx_errors"),
    timestamp: isoTimestamp,
    value: z.number(),
    threshold: z.number(),
    severity: oneOf(["info", "warning", "critical"]),
    message: text,
    started_at: isoTimestamp,
    duration_ms: count,
    samples: count.describe("Over the threshold, so far"),
    peak: z.number().describe("The highest value so far"),
    statistics: z
      .looseObject({
        samples: count,
        mean: z.number(),
        stddev: z.number().nonnegative(),
        z_score: z.number().nullable().describe("Null while there is no spread to measure by"),
      })
      .nullable()
      .describe("Of the host's samples within the threshold before this one; null where there is none"),
  }),
});
