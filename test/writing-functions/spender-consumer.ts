import { z } from "zod";
import userEvents from "../../functions/topics/user-events.ts";
import { defineConsumer, eachRecord, emit } from "../../runtime/define.ts";
import bigSpenders from "./big-spenders.ts";

/** By user; in cents, so that sums stay exact. */
interface State {
  readonly purchases: number;
  readonly cents: number;
}

export default defineConsumer({
  description: "Tells when a user's purchases reach a limit",
  topic: userEvents,
  group: "spender-group",
  emits: [bigSpenders],
  config: z.object({
    limitUsd: z.number().positive().default(1_000).describe("Spent in all, USD"),
  }),
  handler: eachRecord((record, state: State | null, ctx) => {
    const event = record.value;
    if (event.event_type !== "purchase") return {};
    const before = state ?? { purchases: 0, cents: 0 };
    const after = { purchases: before.purchases + 1, cents: before.cents + Math.round(event.amount * 100) };
    const limit = ctx.config.limitUsd * 100;
    if (before.cents >= limit || after.cents < limit) return { state: after };
    ctx.metric("big_spenders", 1);
    const found = {
      id: ctx.uuid(),
      user_id: event.user_id,
      purchases: after.purchases,
      total_usd: after.cents / 100,
    };
    return { emit: [emit(bigSpenders, found)], state: after };
  }),
});
