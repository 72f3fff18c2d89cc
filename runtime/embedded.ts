/**
 * The embedded broker as a child process: handlers and broker do not stall each other, and it is reached by TCP like
 * any Kafka. When it dies it is started again.
 */
import { type ChildProcess, fork } from "node:child_process";
import { backoffMs, wait } from "./backoff.ts";
import type { Logger } from "./log.ts";

export interface EmbeddedOptions {
  /** The broker's entry: `infra/embedded/main.ts`, or what the build made of it. */
  readonly entry: string;
  readonly port: number;
  /** Where it serves its metrics, on 127.0.0.1; 0: any free port. Null: nowhere. */
  readonly metricsPort: number | null;
  readonly flush: "os" | "interval" | "always";
  readonly flushIntervalMs: number;
  readonly dataDir: string;
  readonly logLevel: string;
  readonly log: Logger;
}

export interface Embedded {
  readonly brokers: readonly string[];
  /** Where its metrics are now; another port after a restart, if any free one was asked for. Null: nowhere. */
  metricsPort(): number | null;
  /** Why it does not run at the moment, or null. */
  trouble(): string | null;
  stop(): Promise<void>;
}

/** How long an orderly stop of the broker may take. */
const STOP_MS = 5_000;

type Message =
  | {
      readonly type: "ready";
      readonly host: string;
      readonly port: number;
      readonly metricsPort: number | null;
    }
  | { readonly type: "failed"; readonly code: string; readonly message: string };

/** The broker could not start, and why, and what to do: for people. */
export class EmbeddedError extends Error {
  override readonly name = "EmbeddedError";
}

/** The broker's words, with the settings that the user finds the way out with. */
const EXPLAIN: Readonly<Record<string, (message: string) => string>> = {
  PORT_IN_USE: (message) => `EMBEDDED_KAFKA_PORT: ${message}`,
  METRICS_PORT_IN_USE: (message) => `EMBEDDED_KAFKA_METRICS_PORT: ${message}`,
  DATA_DIR_LOCKED: (message) => `DATA_DIR: ${message}, or share its broker by KAFKA_BROKERS=<its host:port>`,
  DATA_DIR_UNUSABLE: (message) => `DATA_DIR: ${message}`,
};

/** What the broker's process is told on its command line. */
export function brokerArgs(
  options: Pick<EmbeddedOptions, "port" | "dataDir" | "metricsPort" | "flush" | "flushIntervalMs">,
): string[] {
  const { port, dataDir, metricsPort, flush, flushIntervalMs } = options;
  return [
    ...["--port", String(port), "--data-dir", dataDir],
    ...["--flush", flush, "--flush-interval-ms", String(flushIntervalMs)],
    ...(metricsPort === null ? [] : ["--metrics-port", String(metricsPort)]),
  ];
}

/** Resolves when the broker takes connections. Rejects with EmbeddedError when it cannot start. */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const { log } = options;
  const stopping = new AbortController();
  let trouble: string | null = null;
  let metricsPort: number | null = null;
  let child: ChildProcess;
  let exited: Promise<string>;

  const launch = async (port: number): Promise<{ host: string; port: number }> => {
    child = fork(options.entry, brokerArgs({ ...options, port }), {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      env: { ...process.env, LOG_LEVEL: options.logLevel },
    });
    const started = child;
    exited = new Promise((resolve) => {
      started.once("exit", (code, signal) => resolve(signal ?? `exit code ${code}`));
      started.once("error", (error) => resolve(error.message));
    });
    const told = new Promise<Message>((resolve) => {
      started.once("message", (message) => resolve(message as Message));
    });
    const first = await Promise.race([told, exited]);
    if (typeof first === "string")
      throw new EmbeddedError(`the embedded broker ended before it was ready (${first})`);
    if (first.type === "failed") {
      throw new EmbeddedError(EXPLAIN[first.code]?.(first.message) ?? first.message);
    }
    metricsPort = first.metricsPort;
    return first;
  };

  const { host, port } = await launch(options.port);

  const supervise = async (): Promise<void> => {
    for (let failures = 1; ; failures++) {
      const reason = await exited;
      if (stopping.signal.aborted) return;
      trouble = `the embedded broker ended (${reason})`;
      log.error(`${trouble}; starting it again`);
      await wait(backoffMs({ firstMs: 200, mostMs: 5_000 }, failures, Math.random()), stopping.signal);
      if (stopping.signal.aborted) return;
      try {
        await launch(port);
        trouble = null;
        failures = 0;
      } catch (error) {
        trouble = (error as Error).message;
        log.error(trouble);
      }
    }
  };
  const supervising = supervise();

  return {
    brokers: [`${host}:${port}`],
    metricsPort: () => metricsPort,
    trouble: () => trouble,
    async stop() {
      stopping.abort();
      if (child.connected) child.send({ type: "stop" });
      // What is acknowledged is safe from a kill: a broker that hangs must not keep the platform from ending.
      const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
      await exited;
      clearTimeout(timer);
      await supervising;
    },
  };
}
