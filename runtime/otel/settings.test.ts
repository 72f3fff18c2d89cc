import { describe, expect, it } from "vitest";
import { readOtelSettings } from "./settings.ts";

const ENDPOINT = "http://127.0.0.1:4318";
const DEFAULTS = { exporters: ["otlp"], protocol: "http/protobuf", propagate: true };

describe("OpenTelemetry's variables", () => {
  it.each([
    ["nothing", {}],
    ["no exporter", { OTEL_TRACES_EXPORTER: "none", OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT }],
    ["the SDK switched off", { OTEL_SDK_DISABLED: "TRUE", OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT }],
    ["empty ones", { OTEL_TRACES_EXPORTER: "", OTEL_EXPORTER_OTLP_ENDPOINT: " " }],
    ["only a service name", { OTEL_SERVICE_NAME: "x" }],
  ])("want no traces by %s", (_, env) => {
    expect(readOtelSettings(env)).toBeNull();
  });

  it.each([
    ["an exporter", { OTEL_TRACES_EXPORTER: "otlp" }, DEFAULTS],
    ["an endpoint", { OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT }, DEFAULTS],
    ["an endpoint for traces", { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${ENDPOINT}/v1/traces` }, DEFAULTS],
    [
      "two exporters and a protocol",
      { OTEL_TRACES_EXPORTER: "console, otlp", OTEL_EXPORTER_OTLP_PROTOCOL: "http/json" },
      { ...DEFAULTS, exporters: ["console", "otlp"], protocol: "http/json" },
    ],
    [
      "a protocol for traces, which goes first",
      {
        OTEL_TRACES_EXPORTER: "otlp",
        OTEL_EXPORTER_OTLP_PROTOCOL: "grpc",
        OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: "http/json",
      },
      { ...DEFAULTS, protocol: "http/json" },
    ],
    [
      "no propagators",
      { OTEL_TRACES_EXPORTER: "otlp", OTEL_PROPAGATORS: "none" },
      { ...DEFAULTS, propagate: false },
    ],
  ])("want traces by %s", (_, env, settings) => {
    expect(readOtelSettings(env)).toEqual(settings);
  });

  it.each([
    [
      { OTEL_TRACES_EXPORTER: "zipkin" },
      'OTEL_TRACES_EXPORTER: expected a list of otlp, console, none, got "zipkin"',
    ],
    [
      { OTEL_TRACES_EXPORTER: "otlp", OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" },
      'OTEL_EXPORTER_OTLP_PROTOCOL: expected http/protobuf or http/json, got "grpc"',
    ],
    [
      { OTEL_TRACES_EXPORTER: "otlp", OTEL_PROPAGATORS: "b3" },
      'OTEL_PROPAGATORS: expected a list of tracecontext, baggage, none, got "b3"',
    ],
    [
      { OTEL_EXPORTER_OTLP_ENDPOINT: "collector:4318" },
      "OTEL_EXPORTER_OTLP_ENDPOINT: expected an http:// or https:// address, got something else",
    ],
  ])("are refused by name where they cannot be followed: %j", (env, message) => {
    expect(() => readOtelSettings(env)).toThrow(message);
  });
});
