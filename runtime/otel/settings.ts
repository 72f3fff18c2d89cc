/**
 * Whether and how traces are exported, by OpenTelemetry's standard variables. What is not read here (endpoint, headers,
 * sampler, limits, service name, resource attributes) the SDK reads itself.
 */
import { ConfigError } from "../config.ts";

const EXPORTERS = ["otlp", "console"] as const;
const PROTOCOLS = ["http/protobuf", "http/json"] as const;
const PROPAGATORS = ["tracecontext", "baggage"];

export interface OtelSettings {
  readonly exporters: readonly (typeof EXPORTERS)[number][];
  readonly protocol: (typeof PROTOCOLS)[number];
  /** Whether records carry the trace in their headers. */
  readonly propagate: boolean;
}

const ENDPOINTS = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"];
const PROTOCOL_KEYS = ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"];

/** Null: no traces are wanted. An empty variable counts as not set. Throws ConfigError for what is not supported. */
export function readOtelSettings(env: Readonly<Record<string, string | undefined>>): OtelSettings | null {
  const given = (key: string): string | null => env[key]?.trim() || null;
  if (given("OTEL_SDK_DISABLED")?.toLowerCase() === "true") return null;
  const endpointKey = ENDPOINTS.find((key) => given(key) !== null);
  const exportersText = given("OTEL_TRACES_EXPORTER") ?? (endpointKey === undefined ? "none" : "otlp");
  const exporters = listOf("OTEL_TRACES_EXPORTER", exportersText, [...EXPORTERS, "none"]);
  if (exporters.includes("none")) return null;
  for (const key of ENDPOINTS) checkEndpoint(key, given(key));
  const protocolKey = PROTOCOL_KEYS.find((key) => given(key) !== null);
  const protocol = protocolKey === undefined ? PROTOCOLS[0] : given(protocolKey);
  if (!PROTOCOLS.includes(protocol as OtelSettings["protocol"])) {
    throw new ConfigError(`${protocolKey}: expected ${PROTOCOLS.join(" or ")}, got "${protocol}"`);
  }
  const propagators = listOf("OTEL_PROPAGATORS", given("OTEL_PROPAGATORS") ?? "tracecontext", [
    ...PROPAGATORS,
    "none",
  ]);
  return {
    exporters: exporters as OtelSettings["exporters"],
    protocol: protocol as OtelSettings["protocol"],
    propagate: propagators.includes("tracecontext"),
  };
}

function listOf(key: string, text: string, known: readonly string[]): string[] {
  const list = [...new Set(text.split(",").map((part) => part.trim()))];
  const bad = list.find((part) => !known.includes(part));
  if (bad !== undefined) {
    throw new ConfigError(`${key}: expected a list of ${known.join(", ")}, got "${bad}"`);
  }
  return list;
}

/** The address is not told, since it may hold a password. */
function checkEndpoint(key: string, text: string | null): void {
  if (text === null) return;
  if (!URL.canParse(text) || !["http:", "https:"].includes(new URL(text).protocol)) {
    throw new ConfigError(`${key}: expected an http:// or https:// address, got something else`);
  }
}
