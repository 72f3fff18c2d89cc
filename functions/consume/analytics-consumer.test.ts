import { describe, expect, it } from "vitest";
import { type ConsumerOptions, type Given, runConsumer, START, toRecords } from "../../test/drive.ts";
import { obeysConsumerLaws } from "../../test/laws.ts";
import { mutatedRecords } from "../../test/mutate.ts";
import eventProducer from "../produce/event-producer.ts";
import type { Processed } from "./analysis/user-session.ts";
import analyticsConsumer from "./analytics-consumer.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** An event of a user at a second after the start. */
function at(second: number, event_type: string, fields: Record<string, unknown> = {}): Given {
  const value = {
    event_id: `${event_type}-${second}`,
    event_type,
    user_id: "user_1000",
    timestamp: new Date(START + second * SECOND).toISOString(),
    session_id: "aaaaaaaa",
    ip_address: "192.0.2.1",
    user_agent: "test",
    ...fields,
  };
  return { atMs: second * SECOND, key: value.user_id, value };
}

const login = (second: number, success: boolean, fields: Record<string, unknown> = {}) =>
  at(second, "login", { method: "password", success, ...fields });
const view = (second: number, fields: Record<string, unknown> = {}) =>
  at(second, "view", { page: "products", duration: 5, ...fields });
const cartAdd = (second: number, product: string, quantity: number) =>
  at(second, "cart_add", { product, quantity });
const purchase = (second: number, product: string, quantity: number, amount: number) =>
  at(second, "purchase", { product, quantity, amount, currency: "USD" });

function analyse(given: readonly Given[], options?: ConsumerOptions) {
  const run = runConsumer(analyticsConsumer, toRecords(given), options);
  expect(run.aside).toEqual([]);
  const found = run.emits.map((one) => ({ ...(one.value as Processed), cause: one.cause }));
  const ofType = (type: Processed["type"]) => found.filter((one) => one.type === type);
  return { ...run, found, ofType };
}

describe("analytics-consumer", () => {
  obeysConsumerLaws(
    analyticsConsumer,
    mutatedRecords(eventProducer, {
      config: { ratePerSecond: 4, attackEveryMs: 10_000 },
      ticks: 60,
      keyField: "user_id",
    }),
  );

  it("passes every event on, with what its session has come to", () => {
    const { ofType } = analyse([
      login(0, true),
      view(4),
      cartAdd(9, "Mouse", 2),
      purchase(20, "Mouse", 2, 49.98),
    ]);
    expect(ofType("event")).toMatchObject([
      { event_id: "login-0", session: { sequence: 1, age_ms: 0, funnel_stage: "none", revenue_usd: 0 } },
      { event_id: "view-4", session: { sequence: 2, age_ms: 4_000, funnel_stage: "view", cart_items: 0 } },
      { event_id: "cart_add-9", session: { sequence: 3, funnel_stage: "cart", cart_items: 2 } },
      {
        event_id: "purchase-20",
        session: { sequence: 4, funnel_stage: "purchase", cart_items: 0, revenue_usd: 49.98 },
      },
    ]);
  });

  it("sums a session up when the user logs out, and forgets it", () => {
    const { ofType, state } = analyse([
      login(0, true),
      view(1),
      at(2, "search", { query: "mouse", results_count: 3 }),
      cartAdd(3, "Mouse", 3),
      cartAdd(4, "Watch", 1),
      at(5, "cart_remove", { product: "Mouse", quantity: 1 }),
      purchase(6, "Watch", 1, 199),
      at(9, "logout"),
    ]);
    expect(ofType("session")).toMatchObject([
      {
        cause: "7",
        session_id: "aaaaaaaa",
        ended_by: "logout",
        started_at: "2026-11-22T12:00:00.000Z",
        ended_at: "2026-11-22T12:00:09.000Z",
        duration_ms: 9_000,
        events: 8,
        views: 1,
        searches: 1,
        cart_adds: 2,
        purchases: 1,
        revenue_usd: 199,
        funnel_stage: "purchase",
        abandoned_cart: [{ product: "Mouse", quantity: 2 }],
      },
    ]);
    expect([...state]).toEqual([]);
  });

  it("ends a silent session when the user comes back", () => {
    const { ofType } = analyse([
      login(0, true),
      cartAdd(5, "Camera", 1),
      view(700, { session_id: "bbbbbbbb" }),
    ]);
    expect(ofType("session")).toMatchObject([
      { cause: "2", session_id: "aaaaaaaa", ended_by: "timeout", duration_ms: 5_000, funnel_stage: "cart" },
    ]);
    expect(ofType("event").at(-1)).toMatchObject({ session_id: "bbbbbbbb", session: { sequence: 1 } });
  });

  it("judges silence by event time of the partition, not by the user's own events", () => {
    const other = { user_id: "user_2000", session_id: "cccccccc" };
    const busy = Array.from({ length: 10 }, (_, i) => view(100 * (i + 1), other));
    const { ofType } = analyse([view(0), ...busy, view(960)]);
    expect(ofType("session")).toMatchObject([{ user_id: "user_1000", ended_by: "timeout" }]);
  });

  it("keeps sessions on two devices apart", () => {
    const phone = { session_id: "bbbbbbbb" };
    const { ofType } = analyse([view(0), view(1, phone), view(2), view(3, phone)]);
    expect(ofType("event")).toMatchObject([1, 1, 2, 2].map((sequence) => ({ session: { sequence } })));
    expect(ofType("session")).toEqual([]);
  });

  it("closes the oldest session of a user who opens too many", () => {
    const { ofType, state } = analyse(
      ["s1", "s2", "s3"].map((session_id, i) => view(i, { session_id })),
      { config: { maxOpenSessions: 2 } },
    );
    expect(ofType("session")).toMatchObject([{ session_id: "s1", ended_by: "limit", cause: "2" }]);
    expect((state.get("user_1000") as { sessions: unknown[] }).sessions).toHaveLength(2);
  });

  it("passes a late event on without letting it change its session", () => {
    const { ofType, metrics } = analyse([view(300), view(100), view(301)]);
    expect(ofType("event")).toMatchObject([
      { late: false, session: { sequence: 1 } },
      { late: true, session: null },
      { late: false, session: { sequence: 2 } },
    ]);
    expect(metrics.get("late_events")).toBe(1);
  });

  it("takes an event in that is a little out of order", () => {
    const { ofType } = analyse([view(30), view(10), at(40, "logout")]);
    expect(ofType("session")).toMatchObject([
      { started_at: "2026-11-22T12:00:10.000Z", duration_ms: 30_000, events: 3 },
    ]);
  });

  it("does not open a session for a logout that belongs to none", () => {
    const { ofType, state } = analyse([at(0, "logout")]);
    expect(ofType("event")).toMatchObject([{ event_type: "logout", session: null }]);
    expect([...state]).toEqual([]);
  });

  it("adds revenue up without losing a cent", () => {
    const { ofType } = analyse([
      ...Array.from({ length: 10 }, (_, i) => purchase(i, "Mouse", 1, 0.1)),
      at(20, "logout"),
    ]);
    expect(ofType("session")).toMatchObject([{ revenue_usd: 1, purchases: 10 }]);
  });

  it("handles a product called __proto__", () => {
    const { ofType } = analyse([cartAdd(0, "__proto__", 2), at(1, "logout")]);
    expect(ofType("session")).toMatchObject([{ abandoned_cart: [{ product: "__proto__", quantity: 2 }] }]);
  });

  it("counts what came by type, and purchases and revenue by product", () => {
    const { metrics } = analyse([
      login(0, false),
      login(1, true),
      view(2),
      purchase(3, "Mouse", 1, 24.99),
      purchase(4, "Mouse", 1, 25.01),
      purchase(5, "Watch", 1, 199),
      at(9, "logout"),
    ]);
    expect(Object.fromEntries(metrics)).toMatchObject({
      'events{event_type="login"}': 2,
      'events{event_type="purchase"}': 3,
      failed_logins: 1,
      sessions_started: 1,
      'purchases{product="Mouse"}': 2,
      'revenue_usd{product="Mouse"}': 50,
      'revenue_usd{product="Watch"}': 199,
      'sessions_ended{ended_by="logout",funnel_stage="purchase"}': 1,
    });
  });
});

describe("failed logins", () => {
  const failures = (count: number, from = 0) =>
    Array.from({ length: count }, (_, i) =>
      login(from + i, false, { session_id: "eeeeeeee", ip_address: `203.0.113.${i % 2}` }),
    );

  it("are told once when a streak is long enough", () => {
    const { ofType, metrics } = analyse(failures(12));
    expect(ofType("login_failures")).toMatchObject([
      {
        cause: "4",
        user_id: "user_1000",
        failed_logins: 5,
        first_failure_at: "2026-11-22T12:00:00.000Z",
        last_failure_at: "2026-11-22T12:00:04.000Z",
        ip_addresses: ["203.0.113.0", "203.0.113.1"],
      },
    ]);
    expect(metrics.get("failed_logins")).toBe(12);
  });

  it("open no session and do not disturb the user's own", () => {
    const { ofType } = analyse([view(0), ...failures(6, 1), view(10)]);
    expect(ofType("event").at(-1)).toMatchObject({ session: { sequence: 2 } });
  });

  it("that end in a success are told again: perhaps the password was found", () => {
    const success = login(9, true, { session_id: "eeeeeeee", ip_address: "203.0.113.1" });
    const { ofType } = analyse([...failures(7), success, view(10, { session_id: "eeeeeeee" })]);
    expect(ofType("login_after_failures")).toMatchObject([
      { cause: "7", failed_logins: 7, session_id: "eeeeeeee", same_ip: true },
    ]);
  });

  it("say whether the success came from elsewhere", () => {
    const { ofType } = analyse([...failures(7), login(9, true)]);
    expect(ofType("login_after_failures")).toMatchObject([{ same_ip: false }]);
  });

  it("are no streak when a success lies between, or too much time", () => {
    expect(analyse([...failures(4), login(5, true), ...failures(4, 6)]).ofType("login_failures")).toEqual([]);
    expect(analyse([...failures(4), ...failures(4, 400)]).ofType("login_failures")).toEqual([]);
  });

  it("do not make a success long afterwards suspicious", () => {
    const { ofType } = analyse([...failures(7), login(6 + (5 * MINUTE) / SECOND + 1, true)]);
    expect(ofType("login_after_failures")).toEqual([]);
  });
});
