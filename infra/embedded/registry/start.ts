/** The registry as a server on a loopback port. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { type Logger, silentLogger } from "../broker/logger.ts";
import { StartupError } from "../startup-error.ts";
import { createApp } from "./app.ts";
import { startRegistry } from "./registry.ts";
import { createSchemasTopic } from "./schemas-topic.ts";

const HOST = "127.0.0.1";
const MAX_CONNECTIONS = 256;
const HEADERS_MS = 10_000;
const REQUEST_MS = 30_000;
/** How long the start waits for Kafka. After that the registry answers that it has not read its topic yet. */
const LOAD_MS = 10_000;

export interface SchemaRegistryOptions {
  /** 0: any free port. */
  readonly port: number;
  /** `host:port` of the Kafka that holds `_schemas`. */
  readonly brokers: readonly string[];
  readonly logger?: Logger;
}

export interface RunningSchemaRegistry {
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * Resolves when it takes requests and has read its topic, or after 10 s without Kafka, which it goes on trying to reach.
 * @throws StartupError whose message says what to do
 */
export async function startSchemaRegistry(options: SchemaRegistryOptions): Promise<RunningSchemaRegistry> {
  const { port, brokers, logger = silentLogger } = options;
  const topic = createSchemasTopic(brokers);
  const registry = startRegistry(topic, logger);
  const app = createApp(registry, logger);
  const server = createServer(
    { headersTimeout: HEADERS_MS, requestTimeout: REQUEST_MS },
    getRequestListener(app.fetch, { overrideGlobalObjects: false }),
  );
  server.maxConnections = MAX_CONNECTIONS;
  const stop = async (): Promise<void> => {
    server.close();
    server.closeIdleConnections();
    await registry.stop();
    server.closeAllConnections();
  };
  try {
    server.listen(port, HOST);
    await once(server, "listening");
  } catch (error) {
    await stop();
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    throw new StartupError(
      "PORT_IN_USE",
      `port ${port} on ${HOST} is in use: stop what uses it, or choose another`,
    );
  }
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([
    registry.loaded,
    new Promise((resolve) => {
      timer = setTimeout(resolve, LOAD_MS);
    }),
  ]);
  clearTimeout(timer);
  const taken = (server.address() as AddressInfo).port;
  logger.info({ host: HOST, port: taken, brokers }, "schema registry is ready");
  return { port: taken, stop };
}
