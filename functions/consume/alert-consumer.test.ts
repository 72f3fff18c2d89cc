import { describe, expect, it } from "vitest";
import type { ValueOf } from "../../runtime/define.ts";
import {
  asRecords,
  type ConsumerOptions,
  type Given,
  runConsumer,
  runProducer,
  START,
  toRecords,
} from "../../test/drive.ts";
import { obeysConsumerLaws } from "../../test/laws.ts";
import { mutatedRecords } from "../../test/mutate.ts";
import logProducer from "../produce/log-producer.ts";
import type alerts from "../topics/alerts.ts";
import alertConsumer from "./alert-consumer.ts";

type Alert = ValueOf<typeof alerts>;

const SECOND = 1_000;

/** A record of a service at a second after the start. */
function at(second: number, level: string, fields: Record<string, unknown> = {}): Given {
  const isError = level === "ERROR" || level === "FATAL";
  const value = {
    timestamp: new Date(START + second * SECOND).toISOString(),
    level,
    service: "order-service",
    message: `${level} at ${second}`,
    host: "app-server-01",
    process_id: 1,
    thread_id: 1,
    ...(isError && { trace_id: `trace-${second}`, stack_trace: "" }),
    ...fields,
  };
  return { atMs: second * SECOND, key: value.service, value };
}

const errors = (...seconds: number[]) => seconds.map((second) => at(second, "ERROR"));

function watch(given: readonly Given[], options?: ConsumerOptions) {
  const run = runConsumer(alertConsumer, toRecords(given), options);
  expect(run.aside).toEqual([]);
  const found = run.emits.map((one) => ({ ...(one.value as Alert), cause: one.cause }));
  return {
    ...run,
    found,
    ofType: (type: Alert["alert_type"]) => found.filter((one) => one.alert_type === type),
  };
}

describe("alert-consumer", () => {
  obeysConsumerLaws(
    alertConsumer,
    mutatedRecords(logProducer, {
      config: { ratePerSecond: 1, incidentEveryMs: 15_000, incidentRatePerSecond: 2 },
      ticks: 120,
      keyField: "service",
    }),
  );

  it("raises an alert with the error that reaches the threshold", () => {
    const { found } = watch([
      at(1, "WARN"),
      at(2, "ERROR", { message: "no connection", host: "a" }),
      at(3, "ERROR", { message: "no connection", host: "b" }),
      ...errors(10, 12),
      at(20, "FATAL", { message: "giving up" }),
    ]);
    expect(found).toMatchObject([
      {
        cause: "5",
        alert_type: "errors",
        service: "order-service",
        timestamp: "2026-11-22T12:00:20.000Z",
        severity: "warning",
        message: "order-service: 5 errors within 60 s, 1 of them fatal",
        health: "degraded",
        previous_health: "healthy",
        window_start: "2026-11-22T12:00:00.000Z",
        window_end: "2026-11-22T12:01:00.000Z",
        error_count: 5,
        fatal_count: 1,
        warning_count: 1,
        first_error_at: "2026-11-22T12:00:02.000Z",
        last_error_at: "2026-11-22T12:00:20.000Z",
        sample_messages: ["no connection", "ERROR at 10", "ERROR at 12", "giving up"],
        trace_ids: ["trace-2", "trace-3", "trace-10", "trace-12", "trace-20"],
        hosts: ["a", "b", "app-server-01"],
        consecutive_windows: 1,
      },
    ]);
  });

  it("raises one alert a service and window, however many errors follow", () => {
    const { found } = watch(errors(...Array.from({ length: 50 }, (_, i) => i)));
    expect(found).toHaveLength(1);
  });

  it("raises none for errors that fall into two windows", () => {
    expect(watch(errors(50, 55, 58, 59, 60, 62, 64, 66)).found).toEqual([]);
  });

  it("raises one in each window that has enough of them", () => {
    const { found } = watch(errors(50, 51, 52, 53, 54, 60, 61, 62, 63, 64));
    expect(found).toMatchObject([
      { window_start: "2026-11-22T12:00:00.000Z", consecutive_windows: 1 },
      { window_start: "2026-11-22T12:01:00.000Z", consecutive_windows: 2 },
    ]);
  });

  it("counts services apart", () => {
    const other = { service: "auth-service" };
    const { found } = watch([1, 2, 3, 4].flatMap((s) => [at(s, "ERROR"), at(s, "ERROR", other)]));
    expect(found).toEqual([]);
  });

  it("does not count what is no error", () => {
    const { found, metrics } = watch(
      [1, 2, 3, 4, 5, 6].flatMap((s) => [at(s, "WARN"), at(s, "INFO"), at(s, "DEBUG")]),
    );
    expect(found).toEqual([]);
    expect(metrics.get('warnings{service="order-service"}')).toBe(6);
    expect(metrics.get('logs{level="INFO"}')).toBe(6);
  });

  it("is critical when several errors are fatal", () => {
    const { found } = watch([...errors(1, 2, 3), at(4, "FATAL"), at(5, "FATAL")]);
    expect(found).toMatchObject([{ severity: "critical", health: "unhealthy", fatal_count: 2 }]);
  });

  it("becomes critical when one window after the other has an alert", () => {
    const { found } = watch(
      [0, 60, 120].flatMap((from) => errors(from, from + 1, from + 2, from + 3, from + 4)),
    );
    expect(found.map((one) => [one.previous_health, one.health])).toEqual([
      ["healthy", "degraded"],
      ["degraded", "degraded"],
      ["degraded", "unhealthy"],
    ]);
  });

  it("tells the recovery once a window has gone by without an alert", () => {
    const { ofType, state } = watch([
      ...errors(1, 2, 3, 4, 5, 6),
      at(100, "INFO"),
      at(129, "INFO"),
      at(130, "INFO"),
    ]);
    expect(ofType("recovery")).toMatchObject([
      {
        cause: "8",
        severity: "info",
        health: "healthy",
        previous_health: "degraded",
        incident_started_at: "2026-11-22T12:00:01.000Z",
        incident_ended_at: "2026-11-22T12:01:00.000Z",
        duration_ms: 59_000,
        windows: 1,
        error_count: 6,
      },
    ]);
    expect([...state]).toEqual([]);
  });

  it("begins a new incident after a recovery", () => {
    const { found } = watch([...errors(1, 2, 3, 4, 5), ...errors(1_001, 1_002, 1_003, 1_004, 1_005)]);
    expect(found.map((one) => [one.alert_type, one.previous_health])).toEqual([
      ["errors", "healthy"],
      ["recovery", "degraded"],
      ["errors", "healthy"],
    ]);
  });

  it("takes records in that are a little late, and alerts by them", () => {
    expect(watch([...errors(50, 51, 52, 53), at(69, "INFO"), at(59, "ERROR")]).found).toHaveLength(1);
  });

  it("counts a record whose window is over, and does not alert by it", () => {
    const { found, metrics } = watch([...errors(50, 51, 52, 53), at(70, "INFO"), at(59, "ERROR")]);
    expect(found).toEqual([]);
    expect(metrics.get('late_logs{service="order-service"}')).toBe(1);
    expect(metrics.get('errors{service="order-service"}')).toBe(5);
  });

  it("takes threshold and window from its settings", () => {
    const config = { errorThreshold: 2, windowMs: 10_000, graceMs: 0 };
    expect(watch(errors(1, 11, 12), { config }).found).toMatchObject([
      { error_count: 2, window_start: "2026-11-22T12:00:10.000Z", window_end: "2026-11-22T12:00:20.000Z" },
    ]);
  });

  it("remembers nothing of a service that is well", () => {
    const { state } = watch([...errors(1, 2), at(3, "WARN"), at(200, "INFO")]);
    expect([...state]).toEqual([]);
  });

  it("keeps its state small through an hour of incidents", () => {
    const config = { incidentEveryMs: 30_000, incidentRatePerSecond: 5 };
    const { state } = runConsumer(
      alertConsumer,
      asRecords(runProducer(logProducer, { config, ticks: 3_600 })),
    );
    expect(state.size).toBeLessThanOrEqual(7);
    for (const value of state.values())
      expect((value as { windows: unknown[] }).windows.length).toBeLessThanOrEqual(2);
  });

  it("finds the incident that the log producer begins with, within two minutes", () => {
    const { emits } = runConsumer(alertConsumer, asRecords(runProducer(logProducer, { ticks: 120 })));
    expect(emits.length).toBeGreaterThan(0);
  });
});
