import { parseArgs } from "node:util";
import { pino } from "pino";
import { StartupError } from "../startup-error.ts";
import { startSchemaRegistry } from "./start.ts";

/*
 * The schema registry's process: --port N (8081; 0: any), --brokers host:port,host:port (127.0.0.1:9092), --log-level
 * info ($LOG_LEVEL). Logs go to stderr. With an IPC parent it sends {type: "ready", host, port} or {type: "failed", code,
 * message}, and stops on {type: "stop"} or when the parent is gone; signals are then the parent's to judge. Without
 * one they stop it, and a second signal ends it at once.
 */
const parent = process.send ? (message: object) => process.send?.(message) : null;

async function main(): Promise<void> {
  const { port, brokers, logLevel } = parseFlags();
  const logger = pino({ level: logLevel, base: null }, pino.destination({ dest: 2, sync: true }));
  const starting = startSchemaRegistry({ port, brokers, logger });

  let stopping = false;
  const stop = (reason: string): void => {
    if (stopping) return;
    stopping = true;
    logger.info({ reason }, "stopping the schema registry");
    starting
      .then((registry) => registry.stop())
      .then(
        () => process.exit(0),
        (error: unknown) => {
          logger.error({ err: error }, "the schema registry did not stop cleanly");
          process.exit(1);
        },
      );
  };
  let signals = 0;
  const onSignal = (signal: string): void => {
    if (parent) return;
    if (++signals > 1) process.exit(1);
    stop(signal);
  };
  process.on("SIGTERM", onSignal);
  process.on("SIGINT", onSignal);
  process.on("message", (message) => {
    if ((message as { type?: unknown } | null)?.type === "stop") stop("asked by the parent process");
  });
  process.on("disconnect", () => stop("the parent process is gone"));
  // kafkajs lets some failures of connections that it is giving up go unhandled: they are replaced.
  process.on("unhandledRejection", (error) => {
    if (error instanceof Error && error.name.startsWith("KafkaJS")) {
      return logger.warn({ err: error }, error.message);
    }
    logger.fatal({ err: error }, "unexpected fault: ending");
    process.exit(1);
  });

  const { port: taken } = await starting;
  if (!stopping) parent?.({ type: "ready", host: "127.0.0.1", port: taken });
}

function parseFlags(): { port: number; brokers: string[]; logLevel: string } {
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: "8081" },
      brokers: { type: "string", default: "127.0.0.1:9092" },
      "log-level": { type: "string", default: process.env.LOG_LEVEL ?? "info" },
    },
  });
  const port = Number(values.port);
  if (!/^\d+$/.test(values.port) || port > 65_535) {
    throw new StartupError("FAILED", `Expected --port 0–65535, got ${JSON.stringify(values.port)}`);
  }
  const levels = [...Object.keys(pino.levels.values), "silent"];
  const logLevel = values["log-level"];
  if (!levels.includes(logLevel)) {
    throw new StartupError(
      "FAILED",
      `Expected --log-level ${levels.join(", ")}, got ${JSON.stringify(logLevel)}`,
    );
  }
  const brokers = values.brokers.split(",").map((part) => part.trim());
  const bad = brokers.find((part) => !/^\S+:\d{1,5}$/.test(part));
  if (bad !== undefined) {
    throw new StartupError("FAILED", `Expected --brokers host:port,host:port, got ${JSON.stringify(bad)}`);
  }
  return { port, brokers, logLevel };
}

function fail(error: unknown): void {
  const { message } = error as Error;
  const code = error instanceof StartupError ? error.code : "FAILED";
  if (!parent || !process.connected) {
    process.stderr.write(`The schema registry could not start: ${message}\n`);
    process.exit(1); // kafkajs may still be trying to connect
  }
  // The message must be out before the process ends.
  process.send?.({ type: "failed", code, message }, undefined, {}, () => process.exit(1));
}

main().catch(fail);
