import { describe, expect, it } from "vitest";
import { parseMessage } from "../../data/message.ts";
import { funnel, salesByProduct, suspects, toUserEvent, type UserEvent } from "./events.ts";

const message = (value: unknown, timestamp: string | null = "2026-11-22T10:00:00.000Z") =>
  parseMessage(JSON.stringify({ topic: "user-events", partition: 0, offset: "1", timestamp, value }));

const event = (more: Partial<UserEvent>): UserEvent => ({
  at: 0,
  type: "view",
  user: "u",
  session: "s",
  product: null,
  amount: 0,
  isFailure: false,
  ip: "192.0.2.1",
  ...more,
});

describe("a user event", () => {
  it("is read from a record", () => {
    const value = { event_type: "purchase", user_id: "u", session_id: "s", product: "Mouse", amount: 9.5 };
    expect(toUserEvent(message(value))).toMatchObject({
      at: Date.UTC(2026, 10, 22, 10),
      type: "purchase",
      product: "Mouse",
      amount: 9.5,
      ip: "unknown",
    });
  });

  it.each([
    ["text", "oops"],
    ["a tombstone", null],
    ["a list", [1]],
    ["an object without a type", { user_id: "u", session_id: "s" }],
    ["an object whose type is no text", { event_type: 7, user_id: "u", session_id: "s" }],
    ["an object that only inherits", JSON.parse('{"__proto__": {"event_type": "view"}}')],
  ])("is not made of %s", (_name, value) => {
    expect(toUserEvent(message(value))).toBeNull();
  });

  it("needs a time", () => {
    expect(toUserEvent(message({ event_type: "view", user_id: "u", session_id: "s" }, null))).toBeNull();
  });

  it("counts an amount of a purchase only, and a login as failed only when it says so", () => {
    const common = { user_id: "u", session_id: "s" };
    expect(toUserEvent(message({ ...common, event_type: "cart_add", amount: 5 }))).toMatchObject({
      amount: 0,
    });
    expect(toUserEvent(message({ ...common, event_type: "login", success: false }))?.isFailure).toBe(true);
    expect(toUserEvent(message({ ...common, event_type: "login", success: true }))?.isFailure).toBe(false);
  });
});

describe("the funnel", () => {
  it("counts each session once, by how far it came", () => {
    const stages = funnel([
      event({ session: "a" }),
      event({ session: "a", type: "cart_add" }),
      event({ session: "a", type: "purchase" }),
      event({ session: "a" }),
      event({ session: "b" }),
      event({ session: "b", type: "cart_add" }),
      event({ session: "c" }),
      event({ session: "d" }),
      event({ session: "e", type: "search" }),
    ]);
    expect(stages.map(({ sessions, share, step }) => [sessions, share, step])).toEqual([
      [4, 1, 1],
      [2, 0.5, 0.5],
      [1, 0.25, 0.5],
    ]);
  });

  it("counts a purchase whose view came earlier as one of those that viewed", () => {
    expect(funnel([event({ type: "purchase" })]).map(({ sessions }) => sessions)).toEqual([1, 1, 1]);
  });

  it("of nothing is empty", () => {
    expect(funnel([]).map(({ sessions, share }) => [sessions, share])).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
  });
});

describe("sales", () => {
  it("are summed by product, the highest revenue first", () => {
    const sold = (product: string, amount: number) => event({ type: "purchase", product, amount });
    expect(salesByProduct([sold("Mouse", 10), sold("Laptop", 900), sold("Mouse", 20), event({})])).toEqual([
      { product: "Laptop", purchases: 1, revenue: 900 },
      { product: "Mouse", purchases: 2, revenue: 30 },
    ]);
  });
});

describe("accounts with failed logins", () => {
  const failed = (user: string, at: number, ip = "1") =>
    event({ type: "login", user, at, ip, isFailure: true });

  it("are told with their addresses, the most failures first, whatever the order of the events", () => {
    const events = [failed("a", 1), failed("b", 4, "2"), failed("b", 3), failed("b", 2)];
    expect(suspects(events)).toEqual(suspects([...events].reverse()));
    expect(suspects(events)[0]).toEqual({ user: "b", failures: 3, lastAt: 4, ips: ["1", "2"], isIn: false });
  });

  it("are in when a login succeeds after the last failure", () => {
    const success = event({ type: "login", user: "a", at: 5 });
    expect(suspects([failed("a", 1), success])[0]?.isIn).toBe(true);
    expect(suspects([failed("a", 1), success, failed("a", 6)])[0]?.isIn).toBe(false);
    expect(suspects([success])).toEqual([]);
  });
});
