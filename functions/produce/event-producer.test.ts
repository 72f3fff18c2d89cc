import { describe, expect, it } from "vitest";
import type { ValueOf } from "../../runtime/define.ts";
import { type ProducerOptions, runProducer, START } from "../../test/drive.ts";
import { obeysProducerLaws } from "../../test/laws.ts";
import type userEvents from "../topics/user-events.ts";
import { eventTypes } from "../topics/user-events.ts";
import eventProducer from "./event-producer.ts";

type UserEvent = ValueOf<typeof userEvents>;

const eventsOf = (options: ProducerOptions): UserEvent[] =>
  runProducer(eventProducer, options).emits.map((one) => one.value as UserEvent);

const calm = { attackEveryMs: 0 };

/** Enough of a calm hour for shares to settle. */
const calmHour = eventsOf({ config: { ...calm, ratePerSecond: 5 }, ticks: 3_600 });

function bySession(events: readonly UserEvent[]): UserEvent[][] {
  const sessions = new Map<string, UserEvent[]>();
  for (const event of events)
    sessions.set(event.session_id, [...(sessions.get(event.session_id) ?? []), event]);
  return [...sessions.values()];
}

describe("event-producer", () => {
  obeysProducerLaws(eventProducer);

  it("keeps its rate over time", () => {
    expect(eventsOf({ config: calm, ticks: 3_600 })).toHaveLength(1_800);
    expect(calmHour).toHaveLength(18_000);
  });

  it("makes up the rate that late ticks missed", () => {
    const config = { ...calm, ratePerSecond: 2 };
    expect(eventsOf({ config, elapsedMs: [1_000, 59_000] })).toHaveLength(120);
  });

  it("keys each event by its user", () => {
    for (const { key, value } of runProducer(eventProducer).emits)
      expect(key).toBe((value as UserEvent).user_id);
  });

  it("emits every kind of event, within the ranges that consumers may rely on", () => {
    expect(new Set(calmHour.map((event) => event.event_type))).toEqual(new Set(eventTypes));
    for (const event of calmHour) {
      expect(event.event_id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(event.user_id).toMatch(/^user_[1-9]\d{3}$/);
      expect(event.session_id).toMatch(/^[0-9a-f]{8}$/);
      expect(event.ip_address).toMatch(/^\d{1,3}(\.\d{1,3}){3}$/);
      expect(event.timestamp).toMatch(/^2026-11-22T.*\.\d{3}Z$/);
      if (event.event_type === "purchase") {
        expect(event.amount).toBeGreaterThanOrEqual(9.99);
        expect(event.amount).toBeLessThanOrEqual(999.99);
        expect(Math.round(event.amount * 100) / 100).toBe(event.amount);
        expect(event.quantity >= 1 && event.quantity <= 5).toBe(true);
      }
      if (event.event_type === "cart_add" || event.event_type === "cart_remove") {
        expect(event.quantity >= 1 && event.quantity <= 3).toBe(true);
      }
      if (event.event_type === "view") expect(event.duration >= 1 && event.duration <= 300).toBe(true);
    }
  });

  it("lets three logins of four succeed", () => {
    const logins = calmHour.filter((event) => event.event_type === "login");
    const share = logins.filter((event) => event.success).length / logins.length;
    expect(Math.abs(share - 0.75)).toBeLessThan(0.05);
  });

  it("stamps events within their tick, in order", () => {
    const { ticks } = runProducer(eventProducer, { config: { ...calm, ratePerSecond: 20 }, ticks: 30 });
    ticks.forEach((emits, i) => {
      const times = emits.map((one) => Date.parse((one.value as UserEvent).timestamp));
      expect(times).toEqual(times.toSorted((a, b) => a - b));
      for (const time of times)
        expect(time >= START + i * 1_000 && time <= START + (i + 1) * 1_000).toBe(true);
    });
  });

  it("does not repeat ids in another instance", () => {
    const ids = (instanceId: string) => eventsOf({ instanceId, ticks: 600 }).map((event) => event.event_id);
    const all = [...ids("one"), ...ids("two"), ...ids("three")];
    expect(new Set(all).size).toBe(all.length);
  });

  it("holds no more sessions than it may, at any rate", () => {
    const config = { ratePerSecond: 5_000, maxSessions: 50, attackEveryMs: 0 };
    const { state } = runProducer(eventProducer, { config, ticks: 5 });
    expect((state as { sessions: unknown[] }).sessions.length).toBeLessThanOrEqual(50);
  });
});

describe("a session", () => {
  const sessions = bySession(calmHour);

  it("is of one user, at one address, with one browser", () => {
    for (const events of sessions) {
      const identities = events.map((one) => `${one.user_id} ${one.ip_address} ${one.user_agent}`);
      expect(new Set(identities).size).toBe(1);
    }
  });

  it("starts with a login or a signup, and does nothing else before one of them has succeeded", () => {
    for (const events of sessions) {
      const entered = events.findIndex(
        (one) => one.event_type === "signup" || (one.event_type === "login" && one.success),
      );
      const before = entered === -1 ? events : events.slice(0, entered);
      for (const one of before) expect(one.event_type).toBe("login");
      expect(before.length).toBeLessThanOrEqual(3);
    }
  });

  it("ends with its logout, if it has one", () => {
    for (const events of sessions) {
      const logout = events.findIndex((one) => one.event_type === "logout");
      if (logout !== -1) expect(logout).toBe(events.length - 1);
    }
  });

  it("buys, and takes out of its cart, only what it put in", () => {
    for (const events of sessions) {
      const cart = new Map<string, number>();
      for (const one of events) {
        if (one.event_type === "cart_add") cart.set(one.product, (cart.get(one.product) ?? 0) + one.quantity);
        if (one.event_type === "cart_remove" || one.event_type === "purchase") {
          const left = (cart.get(one.product) ?? 0) - one.quantity;
          expect(left).toBeGreaterThanOrEqual(0);
          cart.set(one.product, left);
        }
      }
    }
  });

  it("looks at the checkout before it buys", () => {
    for (const events of sessions) {
      const bought = events.findIndex((one) => one.event_type === "purchase");
      if (bought === -1) continue;
      const before = events.slice(0, bought);
      expect(before.some((one) => one.event_type === "view" && one.page === "checkout")).toBe(true);
    }
  });

  it("now and then buys, now and then leaves a full cart behind, now and then never gets in", () => {
    const share = (is: (events: UserEvent[]) => boolean) => sessions.filter(is).length / sessions.length;
    const has = (events: UserEvent[], type: UserEvent["event_type"]) =>
      events.some((one) => one.event_type === type);
    expect(share((events) => has(events, "purchase"))).toBeGreaterThan(0.1);
    expect(share((events) => has(events, "cart_add") && !has(events, "purchase"))).toBeGreaterThan(0.1);
    expect(share((events) => !has(events, "logout"))).toBeGreaterThan(0.1);
    expect(share((events) => events.every((one) => one.event_type === "login" && !one.success))).toBeLessThan(
      0.1,
    );
  });

  it("is often of a user who was there before", () => {
    const users = bySession(eventsOf({ config: calm, ticks: 3_600 })).map((events) => events[0]!.user_id);
    expect(new Set(users).size).toBeLessThan(users.length * 0.6);
  });
});

describe("an attack", () => {
  const isFailure = (event: UserEvent) => event.event_type === "login" && !event.success;

  it.each(["a", "b", "c", "d", "e"])("begins within 20 s of the start (instance %s)", (instanceId) => {
    const events = eventsOf({ instanceId, ticks: 20 });
    expect(events.filter(isFailure).length).toBeGreaterThan(calmFailures(instanceId));
  });

  /** What fails without an attack. */
  const calmFailures = (instanceId: string) =>
    eventsOf({ instanceId, ticks: 20, config: calm }).filter(isFailure).length;

  it("fails again and again on one account from one address, and adds to the base load", () => {
    const config = { ratePerSecond: 0, attackEveryMs: 1e9 };
    const events = eventsOf({ config, ticks: 60 });
    expect(events.length).toBeGreaterThanOrEqual(8);
    expect(events.slice(0, 8).every(isFailure)).toBe(true);
    expect(new Set(events.map((one) => `${one.user_id} ${one.ip_address}`)).size).toBe(1);
  });

  it("finds the password sometimes, and then goes on as a session", () => {
    const config = { ratePerSecond: 1, attackEveryMs: 60_000 };
    const sessions = bySession(eventsOf({ config, ticks: 3_600 }));
    const attacks = sessions.filter((events) => events.filter(isFailure).length >= 5);
    const successful = attacks.filter((events) =>
      events.some((one) => one.event_type === "login" && one.success),
    );
    expect(successful.length).toBeGreaterThan(0);
    expect(successful.length).toBeLessThan(attacks.length);
    expect(successful.some((events) => events.at(-1)!.event_type !== "login")).toBe(true);
  });
});
