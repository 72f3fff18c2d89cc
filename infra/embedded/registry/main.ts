import { parseArgs } from "node:util";
import { runService, toLogLevel, toPort } from "../process.ts";
import { StartupError } from "../startup-error.ts";
import { startSchemaRegistry } from "./start.ts";

/*
 * The schema registry's process: --port N (8081; 0: any), --brokers host:port,host:port (127.0.0.1:9092), --log-level
 * info ($LOG_LEVEL). How it lives: process.ts. It is ready with {host, port}.
 */
runService({
  name: "schema registry",
  parse() {
    const { port, brokers, logLevel } = parseFlags();
    return { logLevel, start: (logger) => startSchemaRegistry({ port, brokers, logger }) };
  },
  ready: ({ port }) => ({ host: "127.0.0.1", port }),
});

function parseFlags(): { port: number; brokers: string[]; logLevel: string } {
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: "8081" },
      brokers: { type: "string", default: "127.0.0.1:9092" },
      "log-level": { type: "string", default: process.env.LOG_LEVEL ?? "info" },
    },
  });
  const brokers = values.brokers.split(",").map((part) => part.trim());
  const bad = brokers.find((part) => !/^\S+:\d{1,5}$/.test(part));
  if (bad !== undefined) {
    throw new StartupError("FAILED", `Expected --brokers host:port,host:port, got ${JSON.stringify(bad)}`);
  }
  return { port: toPort("--port", values.port), brokers, logLevel: toLogLevel(values["log-level"]) };
}
