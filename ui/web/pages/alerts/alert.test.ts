import { describe, expect, it } from "vitest";
import { parseMessage } from "../../data/message.ts";
import { type Alert, select, subjectsOf, toAlert } from "./alert.ts";

let offset = 0;
const alertOf = (topic: string, second: number, value: unknown): Alert => {
  const timestamp = new Date(second * 1000).toISOString();
  return toAlert(
    parseMessage(JSON.stringify({ topic, partition: 0, offset: String(offset++), timestamp, value })),
  )!;
};
const anomaly = (second: number, phase: string, more = {}) =>
  alertOf("anomalies", second, {
    phase,
    host: "web-1",
    metric: "cpu.usage_percent",
    severity: phase === "end" ? "info" : "warning",
    message: `cpu ${phase}`,
    ...more,
  });
const errors = (second: number, health: string) =>
  alertOf("alerts", second, { service: "auth", health, severity: "critical", message: "5 errors" });

describe("an alert", () => {
  it("says who and what it is about, and whether it ends something", () => {
    expect(anomaly(1, "begin")).toMatchObject({
      about: "web-1",
      what: "cpu.usage_percent",
      severity: "warning",
      title: "cpu begin",
      ends: false,
    });
    expect([anomaly(1, "end").ends, errors(1, "healthy").ends, errors(1, "degraded").ends]).toEqual([
      true,
      true,
      false,
    ]);
  });

  it("of any shape is shown as what it is", () => {
    expect(alertOf("warnings", 1, "it burns")).toMatchObject({
      title: "warnings",
      what: "warnings",
      ends: false,
    });
  });

  it("without a time is none", () => {
    expect(
      toAlert(parseMessage('{"topic":"t","partition":0,"offset":"1","timestamp":null,"value":{}}')),
    ).toBeNull();
  });
});

describe("what alerts are about", () => {
  it("is open from its first alert until its end", () => {
    const open = subjectsOf([anomaly(1, "begin"), anomaly(2, "continue")]);
    expect(open).toMatchObject([{ isOpen: true, since: 1000, alerts: 2, last: { title: "cpu continue" } }]);
    const over = subjectsOf([anomaly(3, "end"), anomaly(2, "continue"), anomaly(1, "begin")]);
    expect(over).toMatchObject([{ isOpen: false, since: 1000, alerts: 3 }]);
  });

  it("begins anew after its end", () => {
    const again = [anomaly(1, "begin"), anomaly(2, "end"), anomaly(5, "begin")];
    expect(subjectsOf(again)).toMatchObject([{ isOpen: true, since: 5000 }]);
  });

  it("is not changed by what came late, nor opened by it", () => {
    expect(subjectsOf([anomaly(1, "begin"), anomaly(2, "end"), anomaly(3, "late")])).toMatchObject([
      { isOpen: false, alerts: 3, last: { title: "cpu end" } },
    ]);
    expect(subjectsOf([anomaly(1, "late")])).toMatchObject([{ isOpen: false }]);
  });

  it("is one thing for each metric and host, the open ones first", () => {
    const subjects = subjectsOf([
      anomaly(1, "begin"),
      anomaly(2, "begin", { metric: "disk.usage_percent" }),
      anomaly(3, "end", { metric: "disk.usage_percent" }),
      anomaly(4, "begin", { host: "web-2" }),
      errors(5, "degraded"),
      errors(6, "healthy"),
    ]);
    expect(subjects.map(({ about, what, isOpen }) => [about, what, isOpen])).toEqual([
      ["web-2", "cpu.usage_percent", true],
      ["web-1", "cpu.usage_percent", true],
      ["auth", "alerts", false],
      ["web-1", "disk.usage_percent", false],
    ]);
  });
});

describe("alerts that are looked for", () => {
  const alerts = [anomaly(1, "begin"), anomaly(2, "end"), errors(3, "degraded")];
  const any = { topic: "", severity: "", about: "", text: "" };
  const titles = (filter: Partial<typeof any>) =>
    select(alerts, { ...any, ...filter }).map(({ title }) => title);

  it("are all, the newest first, where nothing is asked", () => {
    expect(titles({})).toEqual(["5 errors", "cpu end", "cpu begin"]);
  });

  it("are of all that is asked", () => {
    expect(titles({ topic: "anomalies" })).toEqual(["cpu end", "cpu begin"]);
    expect(titles({ severity: "info" })).toEqual(["cpu end"]);
    expect(titles({ about: "auth" })).toEqual(["5 errors"]);
    expect(titles({ text: " CPU B" })).toEqual(["cpu begin"]);
    expect(titles({ text: "web-1", severity: "critical" })).toEqual([]);
  });
});
