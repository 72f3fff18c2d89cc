/** The embedded schema registry as a child process. It keeps what it knows in Kafka, so it can be started again any time. */
import type { Logger } from "./log.ts";
import { startChild } from "./supervised-child.ts";

export interface EmbeddedRegistryOptions {
  /** The registry's entry: `infra/embedded/registry/main.ts`, or what the build made of it. */
  readonly entry: string;
  readonly port: number;
  readonly brokers: readonly string[];
  readonly logLevel: string;
  readonly log: Logger;
}

export interface EmbeddedRegistry {
  readonly url: string;
  /** Why it does not run at the moment, or null. */
  trouble(): string | null;
  stop(): Promise<void>;
}

/** What the registry's process is told on its command line. */
export const registryArgs = (port: number, brokers: readonly string[]): string[] => [
  ...["--port", String(port)],
  ...["--brokers", brokers.join(",")],
];

/** Resolves when the registry answers. Rejects with EmbeddedError when it cannot start. */
export async function startEmbeddedRegistry(options: EmbeddedRegistryOptions): Promise<EmbeddedRegistry> {
  const child = await startChild({
    title: "embedded schema registry",
    ...options,
    args: (port) => registryArgs(port, options.brokers),
    explain: { PORT_IN_USE: (message) => `EMBEDDED_REGISTRY_PORT: ${message}` },
  });
  return { url: `http://127.0.0.1:${child.ready.port}`, trouble: child.trouble, stop: child.stop };
}
