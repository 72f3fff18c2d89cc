/** What users do, counted: the funnel from view to purchase, revenue, who is active, failed logins. Pure. */
import type { Message } from "../../data/message.ts";
import type { Timed } from "./buckets.ts";
import { fieldsOf, timeOf } from "./fields.ts";

export interface UserEvent extends Timed {
  readonly type: string;
  readonly user: string;
  readonly session: string;
  readonly product: string | null;
  /** USD; 0 for all but purchases. */
  readonly amount: number;
  /** A login that did not succeed. */
  readonly isFailure: boolean;
  readonly ip: string;
}

/** Null where the record is no user event. */
export function toUserEvent(message: Message): UserEvent | null {
  const fields = fieldsOf(message);
  const at = timeOf(message);
  const type = fields?.text("event_type");
  const user = fields?.text("user_id");
  const session = fields?.text("session_id");
  if (!fields || at === null || !type || !user || !session) return null;
  return {
    at,
    type,
    user,
    session,
    product: fields.text("product"),
    amount: type === "purchase" ? (fields.number("amount") ?? 0) : 0,
    isFailure: type === "login" && fields.is("success", false),
    ip: fields.text("ip_address") ?? "unknown",
  };
}

const STAGES = [
  { type: "view", label: "Viewed a page" },
  { type: "cart_add", label: "Put something into the cart" },
  { type: "purchase", label: "Purchased" },
] as const;

export interface FunnelStage {
  readonly type: (typeof STAGES)[number]["type"];
  readonly label: string;
  /** Sessions that came at least so far. */
  readonly sessions: number;
  /** Of the first stage, 0 to 1. */
  readonly share: number;
  /** Of the stage before, 0 to 1. */
  readonly step: number;
}

/** How far sessions came. A stage includes those before it, which may lie before the events that are looked at. */
export function funnel(events: readonly UserEvent[]): FunnelStage[] {
  const reached = new Map<string, number>();
  for (const { type, session } of events) {
    const stage = STAGES.findIndex((one) => one.type === type);
    if (stage > (reached.get(session) ?? -1)) reached.set(session, stage);
  }
  const sessions = STAGES.map((_, index) => [...reached.values()].filter((stage) => stage >= index).length);
  const ratio = (part: number, whole: number) => (whole === 0 ? 0 : part / whole);
  return STAGES.map(({ type, label }, index) => ({
    type,
    label,
    sessions: sessions[index]!,
    share: ratio(sessions[index]!, sessions[0]!),
    step: ratio(sessions[index]!, sessions[Math.max(0, index - 1)]!),
  }));
}

export interface ProductSales {
  readonly product: string;
  readonly purchases: number;
  /** USD. */
  readonly revenue: number;
}

/** What was sold, the highest revenue first. */
export function salesByProduct(events: readonly UserEvent[]): ProductSales[] {
  const sales = new Map<string, ProductSales>();
  for (const { type, product, amount } of events) {
    if (type !== "purchase" || product === null) continue;
    const before = sales.get(product) ?? { product, purchases: 0, revenue: 0 };
    sales.set(product, { product, purchases: before.purchases + 1, revenue: before.revenue + amount });
  }
  return [...sales.values()].sort((a, b) => b.revenue - a.revenue);
}

export interface Suspect {
  readonly user: string;
  readonly failures: number;
  readonly lastAt: number;
  /** The addresses it was tried from. */
  readonly ips: readonly string[];
  /** Whether a login has succeeded after the last failure. */
  readonly isIn: boolean;
}

/** Whose logins failed, the most failures first. */
export function suspects(events: readonly UserEvent[]): Suspect[] {
  const byUser = new Map<string, Suspect>();
  for (const event of [...events].sort((a, b) => a.at - b.at)) {
    const { user, ip, at } = event;
    const before = byUser.get(user);
    if (event.isFailure) {
      byUser.set(user, {
        user,
        failures: (before?.failures ?? 0) + 1,
        lastAt: at,
        ips: [...new Set([...(before?.ips ?? []), ip])],
        isIn: false,
      });
    } else if (before && event.type === "login") byUser.set(user, { ...before, isIn: true });
  }
  return [...byUser.values()].sort((a, b) => b.failures - a.failures || b.lastAt - a.lastAt);
}
