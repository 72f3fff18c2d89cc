import { parseArgs } from "node:util";
import { type DestinationStream, pino } from "pino";
import { startBroker } from "./start.ts";
import { StartupError } from "./startup-error.ts";

/*
 * The broker's process: --port N (9092; 0: any), --data-dir PATH (.data/kafka), --host 127.0.0.1, --log-level info
 * ($LOG_LEVEL), --flush os|interval|always (os), --flush-interval-ms N (1000), --metrics-port N (0: any; none unless
 * given).
 * Logs go to stderr. With an IPC parent it sends {type: "ready", host, port, metricsPort (null: none)} or {type: "failed", code, message}, and
 * stops on {type: "stop"} or when the parent is gone. Ctrl-C and a service manager's SIGTERM reach all processes at
 * once: the parent decides then, for it still needs the broker to finish. Without a parent they stop it, and a second
 * signal ends it at once.
 */
const parent = process.send ? (message: object) => process.send?.(message) : null;

async function main(): Promise<void> {
  const { logLevel, ...options } = parseFlags();
  const logger = pino({ level: logLevel, base: null }, await openLogStream());
  const starting = startBroker({ ...options, logger });

  let stopping = false;
  const stop = (reason: string): void => {
    if (stopping) return;
    stopping = true;
    logger.info({ reason }, "stopping the embedded broker");
    starting
      .then((broker) => broker.stop())
      .then(
        () => process.exit(0),
        (error: unknown) => {
          logger.error(
            { err: error },
            "the embedded broker did not stop cleanly; it recovers at the next start",
          );
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

  const broker = await starting;
  const { host, port, metricsPort } = broker;
  if (!stopping) parent?.({ type: "ready", host, port, metricsPort });
}

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
  const levels = [...Object.keys(pino.levels.values), "silent"];
  if (!levels.includes(values["log-level"])) {
    throw new StartupError(
      "FAILED",
      `Expected --log-level ${levels.join(", ")}, got ${JSON.stringify(values["log-level"])}`,
    );
  }
  const { flush, "metrics-port": metricsPort } = values;
  if (flush !== "os" && flush !== "interval" && flush !== "always") {
    throw new StartupError("FAILED", `Expected --flush os, interval or always, got ${JSON.stringify(flush)}`);
  }
  return {
    port: toPort("--port", values.port),
    dataDir: values["data-dir"],
    host: values.host,
    ...(metricsPort !== undefined && { metricsPort: toPort("--metrics-port", metricsPort) }),
    logLevel: values["log-level"],
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

function toPort(flag: string, text: string): number {
  if (/^\d+$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new StartupError("FAILED", `Expected ${flag} 0–65535, got ${JSON.stringify(text)}`);
}

/** JSON, unless somebody is there to read it; the printer is loaded only then. */
async function openLogStream(): Promise<DestinationStream> {
  if (!process.stderr.isTTY) return pino.destination({ dest: 2, sync: true });
  const { default: pretty } = await import("pino-pretty");
  return pretty({ destination: 2, sync: true, translateTime: "SYS:HH:MM:ss.l" });
}

function fail(error: unknown): void {
  const { message } = error as Error;
  const code = error instanceof StartupError ? error.code : "FAILED";
  if (!parent || !process.connected) {
    process.stderr.write(`The embedded broker could not start: ${message}\n`);
    process.exitCode = 1;
    return;
  }
  // The message must be out before the process ends.
  process.send?.({ type: "failed", code, message }, undefined, {}, () => process.exit(1));
}

main().catch(fail);
