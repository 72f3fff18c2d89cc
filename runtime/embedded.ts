/**
 * The embedded broker as a child process: handlers and broker do not stall each other, and it is reached by TCP like
 * any Kafka. When it dies it is started again.
 */
import type { Logger } from "./log.ts";
import { startChild } from "./supervised-child.ts";

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

interface Ready {
  readonly host: string;
  readonly port: number;
  readonly metricsPort: number | null;
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
  let metricsPort: number | null = null;
  const child = await startChild<Ready>({
    title: "embedded broker",
    ...options,
    args: (port) => brokerArgs({ ...options, port }),
    explain: EXPLAIN,
    onReady: (ready) => {
      metricsPort = ready.metricsPort;
    },
  });
  return {
    brokers: [`${child.ready.host}:${child.ready.port}`],
    metricsPort: () => metricsPort,
    trouble: child.trouble,
    stop: child.stop,
  };
}
