import { z } from "zod";
import { defineTopic } from "../../runtime/define.ts";
import { isoTimestamp } from "./fields/iso-timestamp.ts";
import { oneOf, unknownKind } from "./fields/one-of.ts";

export const alertTypes = ["errors", "recovery"] as const;

export type AlertType = (typeof alertTypes)[number];

export const healthStates = ["healthy", "degraded", "unhealthy"] as const;

export type Health = (typeof healthStates)[number];

const text = z.string().min(1);
const count = z.int().nonnegative();

/** One kind of alert: the fields that all have, and its own. `timestamp` is the event time of its cause. */
function alert<Type extends AlertType, Fields extends z.ZodRawShape>(alert_type: Type, fields: Fields) {
  return z.looseObject({
    alert_id: text.describe("A UUID that a redelivery repeats"),
    alert_type: z.literal(alert_type),
    service: text,
    timestamp: isoTimestamp,
    severity: oneOf(["info", "warning", "critical"]),
    message: text,
    health: oneOf(healthStates),
    previous_health: oneOf(healthStates),
    ...fields,
  });
}

/** Services that log too many errors: one alert a service and window, and one when the service is well again. */
export default defineTopic({
  name: "alerts",
  description: "Services whose errors reached the threshold within a window, and their recovery",
  partitions: 1,
  key: "service",
  alerts: true,
  schema: z.discriminatedUnion(
    "alert_type",
    [
      alert("errors", {
        window_start: isoTimestamp,
        window_end: isoTimestamp,
        error_count: count.describe("ERROR and FATAL in the window when the alert was raised"),
        fatal_count: count,
        warning_count: count,
        first_error_at: isoTimestamp,
        last_error_at: isoTimestamp,
        sample_messages: z.array(z.string()).readonly().describe("The first different ones"),
        trace_ids: z.array(text).readonly(),
        hosts: z.array(text).readonly(),
        consecutive_windows: z.int().positive().describe("Windows with an alert in this incident so far"),
      }),
      alert("recovery", {
        incident_started_at: isoTimestamp,
        incident_ended_at: isoTimestamp.describe("The end of its last window with an alert"),
        duration_ms: count,
        windows: z.int().positive(),
        error_count: count.describe("In the windows with an alert"),
      }),
    ],
    { error: unknownKind("alert_type", alertTypes) },
  ),
});
