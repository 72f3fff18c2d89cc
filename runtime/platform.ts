/** One process of the platform from its settings: broker if it has none, functions, API; and its orderly end. */
import { once } from "node:events";
import { join } from "node:path";
import { securityWarning } from "./check-kafka-security.ts";
import type { Config } from "./config.ts";
import type { Topic } from "./define.ts";
import { startEmbedded } from "./embedded.ts";
import { startEmbeddedRegistry } from "./embedded-registry.ts";
import type { LoadedFunction } from "./invoke.ts";
import { createKafkaFactory } from "./kafka.ts";
import { createKafkaSecurity } from "./kafka-security.ts";
import type { Logger } from "./log.ts";
import { readBrokerText } from "./metrics/broker-text.ts";
import { createReleasers } from "./releasers.ts";
import { createRuntime, type Runtime } from "./runtime.ts";
import { createSerdes, registryOf } from "./serdes.ts";
import type { Tracing } from "./tracing.ts";

export interface PlatformOptions {
  readonly config: Config;
  /** Those to run here. */
  readonly functions: readonly LoadedFunction[];
  readonly topics: readonly Topic[];
  /** All functions of the project, whether they run here or not. */
  readonly known: readonly LoadedFunction[];
  /** The project's. */
  readonly version: string;
  readonly guard: boolean;
  /** The embedded broker's entry. */
  readonly brokerEntry: string;
  /** The embedded schema registry's entry. */
  readonly registryEntry: string;
  /** Starts the HTTP API over what the runtime offers; null for a process without one. */
  readonly startApi:
    | ((
        runtime: Pick<Runtime, "view" | "admin" | "metrics">,
      ) => Promise<{ url: string; stop(): Promise<void> }>)
    | null;
  /** Starts the listener of METRICS_PORT; null without one. */
  readonly startMonitoring: PlatformOptions["startApi"];
  readonly log: Logger;
  /** Null: no traces are wanted. */
  readonly tracing: Tracing | null;
  /** Aborts when the platform is to stop. */
  readonly signal: AbortSignal;
}

/** Draining may take 8 s, so that all is over within 10. */
const DRAIN_MS = 8_000;

/** Runs until `signal` aborts. Rejects, with everything stopped again, when it cannot start. */
export async function runPlatform(options: PlatformOptions): Promise<void> {
  const { config, log, signal } = options;
  const releasers = createReleasers();
  const stop = (): Promise<void> =>
    releasers.release((name, error) => log.error({ err: error }, `${name} did not stop cleanly`));
  const { tracing } = options;
  if (tracing) releasers.push("traces", () => tracing.stop()); // last of all, when there is nothing more to tell
  try {
    const security = createKafkaSecurity(config, process.env);
    const warning = securityWarning(config);
    if (warning !== null) log.warn(warning);
    const embedded = config.KAFKA_BROKERS === null ? await startOwnBroker(config, log) : null;
    if (embedded) releasers.push("embedded broker", () => embedded.stop());
    const brokers = embedded?.brokers ?? config.KAFKA_BROKERS!;
    const registry = wantsRegistry(config) ? await startOwnRegistry(config, brokers) : null;
    if (registry) releasers.push("embedded schema registry", () => registry.stop());
    const embeddedUrl = registry?.url ?? null;
    const hasRegistry = config.SCHEMA_REGISTRY_URL !== null || embeddedUrl !== null;
    const schemas = hasRegistry ? registryOf(config, embeddedUrl, log) : null;
    const { topics } = options;
    const serdeOf = createSerdes({ config, topics, embeddedUrl, registry: schemas, now: Date.now, log });
    const runtime = createRuntime({
      live: options.startApi !== null,
      functions: options.functions,
      topics,
      known: options.known,
      version: options.version,
      brokers,
      kafka: createKafkaFactory({ brokers, clientId: config.KAFKA_CLIENT_ID, security }, log),
      replicationFactor: config.REPLICATION_FACTOR,
      serdeOf,
      registry: schemas,
      guard: options.guard,
      brokerTrouble: () => embedded?.trouble() ?? null,
      registryTrouble: registry?.trouble,
      brokerText: embedded && (() => readBrokerText(embedded.metricsPort())),
      log,
      tracing,
      slowBatchMs: config.SLOW_BATCH_MS,
    });
    const api = await options.startApi?.(runtime);
    if (api) releasers.push("API", () => api.stop());
    const monitoring = await options.startMonitoring?.(runtime);
    if (monitoring) {
      releasers.push("metrics", () => monitoring.stop());
      log.info(`metrics: ${monitoring.url}/metrics`);
    }
    runtime.start();
    releasers.push("runtime", () => runtime.stop(DRAIN_MS));
    log.info(
      { functions: options.functions.map((fn) => fn.name) },
      `started on Kafka at ${brokers.join(", ")}`,
    );
    if (registry) log.info(`schema registry: ${registry.url}`);
    if (api) log.info(`web page and API: ${api.url}`);
    if (!signal.aborted) await once(signal, "abort");
    log.info("stopping: finishing what is at hand");
  } catch (error) {
    // A terminal's Ctrl-C also ends a broker that is too young to know that it waits for its parent's word.
    if (!signal.aborted) throw error;
  } finally {
    await stop();
  }
  log.info("stopped");

  function startOwnBroker(settings: Config, logger: Logger) {
    return startEmbedded({
      entry: options.brokerEntry,
      port: settings.EMBEDDED_KAFKA_PORT,
      metricsPort: settings.EMBEDDED_KAFKA_METRICS_PORT ?? 0,
      flush: settings.EMBEDDED_KAFKA_FLUSH,
      flushIntervalMs: settings.EMBEDDED_KAFKA_FLUSH_INTERVAL_MS,
      dataDir: join(settings.DATA_DIR, "kafka"),
      logLevel: settings.LOG_LEVEL,
      log: logger,
    });
  }

  function startOwnRegistry(settings: Config, brokers: readonly string[]) {
    return startEmbeddedRegistry({
      entry: options.registryEntry,
      port: settings.EMBEDDED_REGISTRY_PORT,
      brokers,
      logLevel: settings.LOG_LEVEL,
      log,
    });
  }
}

/** Where it is asked for, or the embedded broker's topics are in Avro and no registry is named. */
function wantsRegistry({ EMBEDDED_REGISTRY, KAFKA_BROKERS, SCHEMA_REGISTRY_URL, SERDE }: Config): boolean {
  if (EMBEDDED_REGISTRY) return true;
  const isAvro = SERDE.all === "avro" || Object.values(SERDE.byTopic).includes("avro");
  return isAvro && KAFKA_BROKERS === null && SCHEMA_REGISTRY_URL === null;
}
