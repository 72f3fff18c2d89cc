import { apis } from "./broker/api-registry.ts";
import type { Broker } from "./broker/broker.ts";
import { type BrokerConfig, toBrokerConfig } from "./broker/config.ts";
import { GroupCoordinator } from "./broker/groups/coordinator.ts";
import { LogCleaner } from "./broker/log-cleaner.ts";
import { type Logger, silentLogger } from "./broker/logger.ts";
import { MetadataFile } from "./broker/metadata-file.ts";
import { openOffsetsLog } from "./broker/offsets-log.ts";
import { ProducerIds } from "./broker/producer-ids.ts";
import { Server } from "./broker/server.ts";
import { StorageHealth } from "./broker/storage-health.ts";
import { Topics } from "./broker/topics.ts";
import { Traffic } from "./broker/traffic.ts";
import { type Failpoint, TransactionCoordinator } from "./broker/transactions/coordinator.ts";
import { abortOrphans, writeMarker } from "./broker/transactions/markers.ts";
import { openTransactionLog } from "./broker/transactions/transaction-log.ts";
import { countSyncs } from "./log/counting-fs.ts";
import { openDataDir } from "./log/data-dir.ts";
import { LogDamagedError } from "./log/log-errors.ts";
import { nodeFs } from "./log/log-fs.ts";
import { serveMetrics } from "./metrics/metrics-server.ts";
import { StartupError } from "./startup-error.ts";

const NODE_ID = 1;
/** How long requests that are being handled when the broker stops may take. */
const STOP_GRACE_MS = 2_000;

export interface StartBrokerOptions {
  /** 0: any free port. */
  readonly port: number;
  /** Where everything is kept; made when missing. One broker at a time. */
  readonly dataDir: string;
  /** Loopback only. */
  readonly host?: string;
  /** Where metrics are served, on 127.0.0.1 (0: any free port); without it they are not. */
  readonly metricsPort?: number;
  readonly logger?: Logger;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** What is not given has its default: see config.ts. */
  readonly config?: Partial<BrokerConfig>;
  /** For tests: called around every step of a transaction. */
  readonly failpoint?: Failpoint;
}

export interface RunningBroker {
  readonly host: string;
  readonly port: number;
  /** Null when metrics are not served. */
  readonly metricsPort: number | null;
  /** Answers what is being handled, then closes connections and logs. */
  stop(): Promise<void>;
}

/**
 * Starts an embedded broker in this process. Resolves when it takes connections.
 * @throws StartupError whose message says what to do
 */
export async function startBroker(options: StartBrokerOptions): Promise<RunningBroker> {
  const { port, dataDir, host = "127.0.0.1", logger = silentLogger, now = Date.now } = options;
  checkHost(host);
  const config = toBrokerConfig(options.config ?? {});
  const closers: (() => void | Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    const traffic = new Traffic();
    const opened = performance.now();
    const folder = openDataDir(dataDir);
    closers.push(() => folder.release());
    const file = MetadataFile.open(dataDir);
    const fs = countSyncs(nodeFs, () => {
      traffic.flushes += 1;
    });
    const topics = Topics.open({ dataDir, file, config, now, logger, fs });
    closers.push(() => topics.close());
    const groups = new GroupCoordinator({ now, offsetsLog: openOffsetsLog(topics, now), config, logger });
    await groups.start();
    closers.push(() => groups.stop());
    const transactions = new TransactionCoordinator({
      now,
      log: openTransactionLog(topics, now),
      mark: (partition, transaction) => writeMarker({ topics, groups, now }, partition, transaction),
      config,
      logger,
      ...(options.failpoint && { failpoint: options.failpoint }),
    });
    await transactions.start();
    const isOpen = (producerId: number, name: string) => transactions.isOpen(producerId, name);
    await abortOrphans({ topics, groups, now }, isOpen, logger);
    closers.push(() => transactions.stop());
    traffic.recoverySeconds = (performance.now() - opened) / 1000;
    const sweep = setInterval(() => enforceRetention(topics, logger), config.logRetentionCheckIntervalMs);
    closers.push(() => clearInterval(sweep));
    const cleaner = new LogCleaner(topics, logger, config.logCleanerBackoffMs);
    cleaner.start();
    closers.push(() => cleaner.stop());

    const broker: Broker & { port: number } = {
      nodeId: NODE_ID,
      host,
      port,
      clusterId: file.current.clusterId,
      dataDir,
      config,
      topics,
      producerIds: new ProducerIds(file),
      groups,
      transactions,
      storage: new StorageHealth(logger, dataDir, now),
      traffic,
      logger,
      now,
    };
    const server = new Server(broker, apis);
    broker.port = await server.listen(port, host);
    closers.push(() => server.close(STOP_GRACE_MS));
    const metrics =
      options.metricsPort === undefined ? null : await serveMetrics(broker, options.metricsPort);
    if (metrics) closers.push(() => metrics.stop());
    const metricsPort = metrics?.port ?? null;
    logger.info(
      { host, port: broker.port, metricsPort, dataDir, topics: topics.list().length },
      "embedded broker is ready",
    );
    return { host, port: broker.port, metricsPort, stop };
  } catch (error) {
    await stop();
    throw error instanceof LogDamagedError ? new StartupError("DAMAGED", error.message) : error;
  }
}

function checkHost(host: string): void {
  if (host === "127.0.0.1" || host === "localhost" || host === "::1") return;
  throw new StartupError(
    "FAILED",
    `Expected a loopback host (127.0.0.1), got ${JSON.stringify(host)}: the embedded broker has no access control. For other machines use an Apache Kafka cluster (KAFKA_BROKERS).`,
  );
}

function enforceRetention(topics: Topics, logger: Logger): void {
  try {
    const freedBytes = topics.enforceRetention();
    if (freedBytes > 0) logger.info({ freedBytes }, "deleted old segments");
  } catch (error) {
    logger.error({ err: error }, "could not delete old segments; trying again later");
  }
}
