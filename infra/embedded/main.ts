import { parseArgs } from "node:util";
import { runService, toLogLevel, toPort } from "./process.ts";
import { startBroker } from "./start.ts";
import { StartupError } from "./startup-error.ts";

/*
 * The broker's process: --port N (9092; 0: any), --data-dir PATH (.data/kafka), --host 127.0.0.1, --log-level info
 * ($LOG_LEVEL), --flush os|interval|always (os), --flush-interval-ms N (1000), --metrics-port N (0: any; none unless
 * given). How it lives: process.ts. It is ready with {host, port, metricsPort (null: none)}.
 */
runService({
  name: "embedded broker",
  parse() {
    const { logLevel, ...options } = parseFlags();
    return { logLevel, start: (logger) => startBroker({ ...options, logger }) };
  },
  ready: ({ host, port, metricsPort }) => ({ host, port, metricsPort }),
});

interface Flags {
  readonly port: number;
  readonly dataDir: string;
  readonly host: string;
  readonly metricsPort?: number;
  readonly logLevel: string;
  readonly config: { readonly logFlush: "os" | "interval" | "always"; readonly logFlushIntervalMs: number };
}

function parseFlags(): Flags {
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: "9092" },
      "data-dir": { type: "string", default: ".data/kafka" },
      host: { type: "string", default: "127.0.0.1" },
      "log-level": { type: "string", default: process.env.LOG_LEVEL ?? "info" },
      flush: { type: "string", default: "os" },
      "flush-interval-ms": { type: "string", default: "1000" },
      "metrics-port": { type: "string" },
    },
  });
  const { flush, "metrics-port": metricsPort } = values;
  if (flush !== "os" && flush !== "interval" && flush !== "always") {
    throw new StartupError("FAILED", `Expected --flush os, interval or always, got ${JSON.stringify(flush)}`);
  }
  return {
    port: toPort("--port", values.port),
    dataDir: values["data-dir"],
    host: values.host,
    ...(metricsPort !== undefined && { metricsPort: toPort("--metrics-port", metricsPort) }),
    logLevel: toLogLevel(values["log-level"]),
    config: { logFlush: flush, logFlushIntervalMs: toIntervalMs(values["flush-interval-ms"]) },
  };
}

function toIntervalMs(text: string): number {
  if (/^\d+$/.test(text) && Number(text) >= 1 && Number(text) < 2 ** 31) return Number(text);
  throw new StartupError(
    "FAILED",
    `Expected --flush-interval-ms 1–${2 ** 31 - 1}, got ${JSON.stringify(text)}`,
  );
}
