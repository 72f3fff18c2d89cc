import { describe, expect, it } from "vitest";
import { checkValue } from "../../runtime/check-input.ts";
import { emit, type Topic } from "../../runtime/define.ts";
import alerts from "./alerts.ts";
import anomalies from "./anomalies.ts";
import applicationLogs from "./application-logs.ts";
import processedEvents from "./processed-events.ts";
import systemMetrics from "./system-metrics.ts";
import userEvents from "./user-events.ts";

const event = {
  event_id: "0b1f8f0e-51f4-4d6d-9a37-64a1f3f2b8aa",
  user_id: "user_1234",
  timestamp: "2026-11-22T12:00:00.000Z",
  session_id: "00c0ffee",
  ip_address: "192.0.2.1",
  user_agent: "Mozilla/5.0",
};

const events = [
  { ...event, event_type: "click", element: "button", element_id: "elem_7" },
  { ...event, event_type: "purchase", product: "Laptop", amount: 999.99, quantity: 1, currency: "USD" },
  { ...event, event_type: "signup", username: "u", email: "u@example.com", method: "google" },
  { ...event, event_type: "login", method: "sso", success: false },
  { ...event, event_type: "logout" },
  { ...event, event_type: "view", page: "home", duration: 12 },
  { ...event, event_type: "search", query: "mouse", results_count: 0 },
  { ...event, event_type: "cart_add", product: "Mouse", quantity: 3 },
  { ...event, event_type: "cart_remove", product: "Mouse", quantity: 1 },
];

const log = {
  timestamp: "2026-11-22T12:00:00.123456",
  level: "INFO",
  service: "auth-service",
  message: "User user_1 authenticated",
  host: "app-server-01",
  process_id: 4711,
  thread_id: "worker-3",
};

const cpu = {
  host: "db-server-01",
  metric_type: "cpu",
  timestamp: "2026-11-22T12:00:00Z",
  usage_percent: 40.1,
  user_percent: 30,
  system_percent: 10.1,
  idle_percent: 59.9,
  cores: 32,
};

const reasonOf = (topic: Topic, value: unknown): string => {
  const checked = checkValue(topic, value);
  return "reason" in checked ? checked.reason : "valid";
};

describe("the topics", () => {
  it.each([
    [userEvents, "user-events", 3, "user_id", "gzip", "all"],
    [applicationLogs, "application-logs", 2, "service", "gzip", "leader"],
    [systemMetrics, "system-metrics", 4, "host", "snappy", "leader"],
    [processedEvents, "processed-events", 3, "user_id", "gzip", "all"],
    [alerts, "alerts", 1, "service", "gzip", "all"],
    [anomalies, "anomalies", 1, "host", "gzip", "all"],
  ] as [Topic, string, number, string, string, string][])(
    "%#: are named, cut and keyed as other programs expect them",
    (topic, name, partitions, key, compression, acks) => {
      expect(topic).toMatchObject({ name, partitions, key, compression, acks });
      expect(topic).toMatchObject({
        retentionMs: 86_400_000,
        retentionBytes: 1_073_741_824,
        segmentMs: 3_600_000,
      });
    },
  );
});

describe("user-events", () => {
  it.each(events.map((value) => [value.event_type, value] as const))("takes a %s", (_type, value) => {
    expect(reasonOf(userEvents, value)).toBe("valid");
  });

  it("passes unknown fields through, and changes nothing", () => {
    const value = { ...events[5], campaign: { id: 7 }, timestamp: "2026-11-22T12:00:00.123456+02:00" };
    expect(checkValue(userEvents, structuredClone(value))).toEqual({ value });
  });

  it("says which event types it knows, for an unknown one", () => {
    expect(reasonOf(userEvents, { ...event, event_type: "hover" })).toBe(
      'event_type: expected one of "click", "purchase", "signup", "login", "logout", "view", "search", "cart_add", ' +
        '"cart_remove", got "hover"',
    );
  });

  it.each([
    [
      { ...event, event_type: "view", page: "blog", duration: 1 },
      /^page: expected one of "home".*, got "blog"$/,
    ],
    [
      { ...event, event_type: "logout", timestamp: "now" },
      /^timestamp: expected an ISO 8601 timestamp .*"now"$/,
    ],
    [{ ...event, event_type: "login", method: "sso", success: "yes" }, /^success: .*expected boolean/],
    [{ ...event, event_type: "logout", user_id: 1234 }, /^user_id: .*expected string/],
    [{ ...events[1], amount: -1 }, /^amount: .*>=0/],
    [{ ...events[1], quantity: 1.5 }, /^quantity: .*int/],
    [null, /expected object, received null/],
  ])("%#: refuses a wrong value and names the field", (value, reason) => {
    expect(reasonOf(userEvents, value)).toMatch(reason);
  });
});

describe("application-logs", () => {
  it("takes what some services log and others do not", () => {
    expect(reasonOf(applicationLogs, log)).toBe("valid");
    const error = {
      ...log,
      level: "ERROR",
      trace_id: "00c0ffee",
      stack_trace: "Error: x",
      request_id: "r",
      user_id: "u",
    };
    expect(reasonOf(applicationLogs, error)).toBe("valid");
  });

  it("says which levels it knows, for an unknown one", () => {
    expect(reasonOf(applicationLogs, { ...log, level: "WARNING" })).toBe(
      'level: expected one of "DEBUG", "INFO", "WARN", "ERROR", "FATAL", got "WARNING"',
    );
  });
});

describe("system-metrics", () => {
  it("takes a sample", () => {
    expect(reasonOf(systemMetrics, cpu)).toBe("valid");
  });

  it("says which metric types it knows, for an unknown one", () => {
    expect(reasonOf(systemMetrics, { ...cpu, metric_type: "gpu" })).toBe(
      'metric_type: expected one of "cpu", "memory", "disk", "network", got "gpu"',
    );
  });

  it.each([101, -0.1, "40", Number.NaN])("refuses a usage of %s percent", (usage_percent) => {
    expect(reasonOf(systemMetrics, { ...cpu, usage_percent })).toMatch(/^usage_percent: /);
  });
});

describe("keys", () => {
  it("are taken from the value, whatever it is called", () => {
    expect(emit(applicationLogs, { ...log, level: "INFO", service: "__proto__" }).key).toBe("__proto__");
  });
});
