import { describe, expect, it } from "vitest";
import type { Message } from "../../data/message.ts";
import { countSince, mergeAlerts, summaryOf } from "./alert-summary.ts";

const message = (offset: string, value: unknown, timestamp: string | null = null): Message => ({
  topic: "alerts",
  partition: 0,
  offset,
  timestamp,
  key: "k",
  headers: {},
  valueJson: JSON.stringify(value),
  keySize: null,
  valueSize: null,
  truncated: false,
  schema: null,
});
const at = (offset: string, time: string) => message(offset, null, `2026-11-22T${time}.000Z`);

describe("an alert in a line", () => {
  it("says what, about whom, how bad", () => {
    const value = { message: "5 errors", service: "order-service", severity: "CRITICAL" };
    expect(summaryOf(message("0", value))).toEqual({
      title: "5 errors",
      about: "order-service",
      severity: "critical",
    });
  });

  it("makes do with what there is", () => {
    expect(summaryOf(message("0", "text"))).toEqual({ title: "alerts", about: "k", severity: "warning" });
    expect(summaryOf(message("0", { message: { nested: true }, type: "spike" }))).toMatchObject({
      title: "spike",
    });
  });
});

describe("the newest alerts", () => {
  it("are both the live and the past, once, the newest first", () => {
    const [a, b, c] = [at("1", "10:00:00"), at("2", "10:00:01"), at("3", "10:00:02")];
    expect(mergeAlerts([c, b], [a, b], 2).map(({ offset }) => offset)).toEqual(["3", "2"]);
  });

  it("are counted from a time on; what has no time is not", () => {
    const alerts = [at("1", "10:00:00"), at("2", "10:00:05"), message("3", null)];
    expect(countSince(alerts, Date.parse("2026-11-22T10:00:05Z"))).toBe(1);
  });
});
