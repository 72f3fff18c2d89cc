import { z } from "zod";
import { defineTopic } from "../../runtime/define.ts";
import { isoTimestamp } from "./fields/iso-timestamp.ts";
import { oneOf } from "./fields/one-of.ts";

export const levels = ["DEBUG", "INFO", "WARN", "ERROR", "FATAL"] as const;

export type Level = (typeof levels)[number];

const text = z.string().min(1);
/** A number, or a name where threads and processes have one (`worker-3`). */
const numberOrName = z.union([z.int().nonnegative(), text]);

/** What the services log. */
export default defineTopic({
  name: "application-logs",
  description: "What the services log, from DEBUG to FATAL",
  partitions: 2,
  key: "service",
  acks: "leader",
  schema: z.looseObject({
    timestamp: isoTimestamp,
    level: oneOf(levels),
    service: text,
    message: z.string(),
    host: text,
    process_id: numberOrName,
    thread_id: numberOrName,
    trace_id: text.optional().describe("8 hex digits; on ERROR and FATAL"),
    stack_trace: z.string().optional().describe("On ERROR and FATAL"),
    request_id: text.optional(),
    user_id: text.optional(),
  }),
});
