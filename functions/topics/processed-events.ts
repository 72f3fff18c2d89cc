import { z } from "zod";
import { defineTopic } from "../../runtime/define.ts";
import { isoTimestamp } from "./fields/iso-timestamp.ts";
import { oneOf, unknownKind } from "./fields/one-of.ts";
import { eventTypes } from "./user-events.ts";

/** How far a session has come towards a purchase; each stage includes the ones before it. */
export const funnelStages = ["none", "view", "cart", "purchase"] as const;

export type FunnelStage = (typeof funnelStages)[number];

export const processedTypes = ["event", "session", "login_failures", "login_after_failures"] as const;

export type ProcessedType = (typeof processedTypes)[number];

const text = z.string().min(1);
const count = z.int().nonnegative();
const usd = z.number().nonnegative();

/** One kind of finding: the fields that all have, and its own. `timestamp` is the event time of its cause. */
function processed<Type extends ProcessedType, Fields extends z.ZodRawShape>(type: Type, fields: Fields) {
  return z.looseObject({
    type: z.literal(type),
    processed_id: text.describe("A UUID that a redelivery repeats"),
    user_id: text,
    timestamp: isoTimestamp,
    ...fields,
  });
}

const failures = {
  failed_logins: count,
  first_failure_at: isoTimestamp,
  last_failure_at: isoTimestamp,
  ip_addresses: z.array(text).readonly().describe("The first few that failed"),
};

/** What analytics finds in user-events: each event in the light of its session, and what a session came to. */
export default defineTopic({
  name: "processed-events",
  description: "User events in the light of their session, session summaries, and streaks of failed logins",
  partitions: 3,
  key: "user_id",
  schema: z.discriminatedUnion(
    "type",
    [
      processed("event", {
        event_id: text,
        event_type: oneOf(eventTypes),
        session_id: text,
        late: z.boolean().describe("Too late to count in its session"),
        session: z
          .looseObject({
            sequence: z.int().positive().describe("1 for the session's first event"),
            age_ms: count.describe("Since the session's first event"),
            funnel_stage: oneOf(funnelStages),
            cart_items: count,
            revenue_usd: usd.describe("So far, with this event"),
          })
          .nullable()
          .describe("Null for what belongs to no open session: a failed login, a late event"),
      }),
      processed("session", {
        session_id: text,
        ended_by: oneOf(["logout", "timeout", "limit"]),
        started_at: isoTimestamp,
        ended_at: isoTimestamp.describe("Its last event"),
        duration_ms: count,
        events: count,
        views: count,
        searches: count,
        cart_adds: count,
        purchases: count,
        revenue_usd: usd,
        funnel_stage: oneOf(funnelStages),
        abandoned_cart: z.array(z.looseObject({ product: text, quantity: count })).readonly(),
      }),
      processed("login_failures", failures),
      processed("login_after_failures", {
        ...failures,
        session_id: text,
        same_ip: z.boolean().describe("Whether an address that failed has now succeeded"),
      }),
    ],
    { error: unknownKind("type", processedTypes) },
  ),
});
