/** What analytics remembers of a user's open session, and what it says about it. */
import type { ValueOf } from "../../../runtime/define.ts";
import type processedEvents from "../../topics/processed-events.ts";
import { type FunnelStage, funnelStages } from "../../topics/processed-events.ts";
import type userEvents from "../../topics/user-events.ts";

export type UserEvent = ValueOf<typeof userEvents>;
export type Processed = ValueOf<typeof processedEvents>;

export interface UserSession {
  readonly id: string;
  readonly startedMs: number;
  readonly lastMs: number;
  readonly events: number;
  readonly views: number;
  readonly searches: number;
  readonly cartAdds: number;
  readonly purchases: number;
  /** In cents, so that sums stay exact. */
  readonly revenueCents: number;
  readonly stage: FunnelStage;
  /** A list, not a map: products are data, and a map would need care with names like `__proto__`. */
  readonly cart: readonly CartLine[];
}

export type CartLine = Extract<Processed, { type: "session" }>["abandoned_cart"][number];

export const newSession = (id: string, at: number): UserSession => ({
  id,
  startedMs: at,
  lastMs: at,
  events: 0,
  views: 0,
  searches: 0,
  cartAdds: 0,
  purchases: 0,
  revenueCents: 0,
  stage: "none",
  cart: [],
});

const cents = (usd: number): number => Math.round(usd * 100);

/** The session after one more event at `at`. */
export function addEvent(before: UserSession, event: UserEvent, at: number): UserSession {
  const session: UserSession = {
    ...before,
    // An event may be a little out of order.
    startedMs: Math.min(before.startedMs, at),
    lastMs: Math.max(before.lastMs, at),
    events: before.events + 1,
  };
  switch (event.event_type) {
    case "view":
      return { ...session, views: session.views + 1, stage: reached(session.stage, "view") };
    case "search":
      return { ...session, searches: session.searches + 1 };
    case "cart_add":
      return {
        ...session,
        cartAdds: session.cartAdds + 1,
        stage: reached(session.stage, "cart"),
        cart: changeCart(session.cart, event.product, event.quantity),
      };
    case "cart_remove":
      return { ...session, cart: changeCart(session.cart, event.product, -event.quantity) };
    case "purchase":
      return {
        ...session,
        purchases: session.purchases + 1,
        revenueCents: session.revenueCents + cents(event.amount),
        stage: reached(session.stage, "purchase"),
        cart: changeCart(session.cart, event.product, -event.quantity),
      };
    default:
      return session;
  }
}

/** The further one of two stages. */
function reached(before: FunnelStage, now: FunnelStage): FunnelStage {
  return funnelStages.indexOf(now) > funnelStages.indexOf(before) ? now : before;
}

function changeCart(cart: readonly CartLine[], product: string, by: number): readonly CartLine[] {
  const before = cart.find((line) => line.product === product);
  const quantity = (before?.quantity ?? 0) + by;
  const others = cart.filter((line) => line !== before);
  return quantity > 0 ? [...others, { product, quantity }] : others;
}

/** An event's view of its session: the session with the event counted in. */
export const toContext = (session: UserSession, at: number) => ({
  sequence: session.events,
  age_ms: at - session.startedMs,
  funnel_stage: session.stage,
  cart_items: session.cart.reduce((sum, line) => sum + line.quantity, 0),
  revenue_usd: session.revenueCents / 100,
});

/** What a session came to. */
export const toSummary = (session: UserSession, endedBy: "logout" | "timeout" | "limit") => ({
  type: "session" as const,
  session_id: session.id,
  ended_by: endedBy,
  started_at: new Date(session.startedMs).toISOString(),
  ended_at: new Date(session.lastMs).toISOString(),
  duration_ms: session.lastMs - session.startedMs,
  events: session.events,
  views: session.views,
  searches: session.searches,
  cart_adds: session.cartAdds,
  purchases: session.purchases,
  revenue_usd: session.revenueCents / 100,
  funnel_stage: session.stage,
  abandoned_cart: session.cart,
});
