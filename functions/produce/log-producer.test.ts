import { describe, expect, it } from "vitest";
import type { ValueOf } from "../../runtime/define.ts";
import { type ProducerOptions, runProducer } from "../../test/drive.ts";
import { obeysProducerLaws } from "../../test/laws.ts";
import type applicationLogs from "../topics/application-logs.ts";
import { levels } from "../topics/application-logs.ts";
import logProducer from "./log-producer.ts";
import { serviceNames } from "./simulation/services.ts";

type LogRecord = ValueOf<typeof applicationLogs>;

const logsOf = (options: ProducerOptions): LogRecord[] =>
  runProducer(logProducer, options).emits.map((one) => one.value as LogRecord);

const calm = { incidentEveryMs: 0 };
const isError = (log: LogRecord) => log.level === "ERROR" || log.level === "FATAL";

const calmHour = logsOf({ config: { ...calm, ratePerSecond: 5 }, ticks: 3_600 });

describe("log-producer", () => {
  obeysProducerLaws(logProducer);

  it("keeps its rate over time", () => {
    // 1,080, give or take what the last tick still owes.
    expect(Math.abs(logsOf({ config: calm, ticks: 3_600 }).length - 1_080)).toBeLessThanOrEqual(1);
    expect(calmHour).toHaveLength(18_000);
  });

  it.each([
    ["DEBUG", 0.2],
    ["INFO", 0.5],
    ["WARN", 0.2],
    ["ERROR", 0.08],
    ["FATAL", 0.02],
  ] as const)("logs %s at a share of %s", (level, share) => {
    const actual = calmHour.filter((log) => log.level === level).length / calmHour.length;
    expect(Math.abs(actual - share)).toBeLessThan(0.015);
  });

  it("lets every service log, at every level", () => {
    for (const level of levels) {
      const services = calmHour.filter((log) => log.level === level).map((log) => log.service);
      expect(new Set(services)).toEqual(new Set(serviceNames));
    }
    expect(serviceNames).toHaveLength(7);
  });

  it("traces errors, and only those", () => {
    for (const log of calmHour) {
      if (isError(log)) {
        expect(log.trace_id).toMatch(/^[0-9a-f]{8}$/);
        expect(log.stack_trace).toContain(log.message);
      } else {
        expect(log).not.toHaveProperty("trace_id");
        expect(log).not.toHaveProperty("stack_trace");
      }
    }
  });

  it("names the request and its user in about half of the records", () => {
    const share = calmHour.filter((log) => log.request_id !== undefined).length / calmHour.length;
    expect(Math.abs(share - 0.5)).toBeLessThan(0.03);
    for (const log of calmHour) expect(log.request_id === undefined).toBe(log.user_id === undefined);
  });

  it("fills its templates", () => {
    for (const { message } of calmHour) expect(message).not.toMatch(/undefined|\$\{|NaN/);
    expect(new Set(calmHour.map((log) => log.message)).size).toBeGreaterThan(1_000);
  });

  it("runs a service in the same processes all the time", () => {
    const places = new Map(calmHour.map((log) => [`${log.service} ${log.host}`, log.process_id]));
    for (const log of calmHour) expect(places.get(`${log.service} ${log.host}`)).toBe(log.process_id);
  });
});

describe("an incident", () => {
  it.each(["a", "b", "c", "d", "e"])("begins within 20 s of the start (instance %s)", (instanceId) => {
    const logs = logsOf({ instanceId, ticks: 20, config: { ratePerSecond: 0 } });
    expect(logs.filter(isError).length).toBeGreaterThan(0);
  });

  const incidentOf = (instanceId: string) =>
    logsOf({ instanceId, ticks: 120, config: { ratePerSecond: 0, incidentEveryMs: 1e9 } });

  it("is a burst of errors of one service, for tens of seconds, and ends with a recovery", () => {
    const logs = incidentOf("a");
    const { service } = logs[0]!;
    const own = logs.filter((log) => log.service === service);
    expect(own.filter(isError).length).toBeGreaterThan(10);
    const lastedMs = Date.parse(own.at(-1)!.timestamp) - Date.parse(own[0]!.timestamp);
    expect(lastedMs).toBeGreaterThanOrEqual(19_000);
    expect(lastedMs).toBeLessThanOrEqual(91_000);
    expect(logs.at(-1)).toMatchObject({
      service,
      level: "INFO",
      message: "Recovered: all checks pass again",
    });
  });

  it("tells one story: all errors of the failing service have the same cause", () => {
    const logs = incidentOf("a");
    const own = logs.filter((log) => log.service === logs[0]!.service && isError(log));
    expect(new Set(own.map((log) => log.stack_trace!.split(":")[0])).size).toBe(1);
  });

  it("reaches a service that calls the failing one, under the same trace ids", () => {
    const logs = ["a", "b", "c", "d"].flatMap(incidentOf);
    const errors = logs.filter(isError);
    const chains = errors.flatMap((cause) => {
      const effect = errors.find((one) => one.trace_id === cause.trace_id && one.service !== cause.service);
      return effect && !cause.message.startsWith("Call to") ? [[cause, effect]] : [];
    });
    expect(chains.length).toBeGreaterThan(0);
    for (const [cause, effect] of chains) {
      expect(effect!.message).toContain(`Call to ${cause!.service} failed`);
      expect(effect!.timestamp >= cause!.timestamp).toBe(true);
    }
  });

  it("adds to the base load", () => {
    expect(logsOf({ ticks: 120 }).length).toBeGreaterThan(logsOf({ ticks: 120, config: calm }).length + 10);
  });
});
