import { z } from "zod";

const DAY_MS = 86_400_000;
const MIB = 1024 * 1024;
const positive = z.int().min(1);

/** The broker's own settings; a topic's are in topic-config.ts. Names follow Kafka's (`group.min.session.timeout.ms`). */
export const brokerConfigSchema = z.strictObject({
  autoCreateTopicsEnable: z.boolean().default(true),
  /** Partitions of a topic that names no count, or that is created by being asked for. */
  numPartitions: positive.default(1),
  logSegmentBytes: positive.default(64 * MIB),
  logRetentionCheckIntervalMs: positive.default(300_000),
  /** When records get to the disk, for topics that set neither flush.messages nor flush.ms: see docs/embedded-broker.md. */
  logFlush: z.enum(["os", "interval", "always"]).default("os"),
  /** With `interval`: how long after its writing a record is on the disk at the latest. At most 24 days. */
  logFlushIntervalMs: positive.max(2 ** 31 - 1).default(1_000),
  /** How long the cleaner of compacted topics rests when it finds nothing to do. */
  logCleanerBackoffMs: positive.default(15_000),
  socketRequestMaxBytes: positive.default(100 * MIB),
  /** The most that one Fetch answers, whatever it asks for. */
  fetchMaxBytes: positive.default(55 * MIB),
  maxConnections: positive.default(1_000),
  /** Requests being received and answers being sent, over all connections. */
  maxBufferedBytes: positive.default(512 * MIB),
  /** How long a half-received request or an unread answer may make no progress. */
  stalledConnectionMs: positive.default(30_000),
  producerIdExpirationMs: positive.default(DAY_MS),
  transactionMaxTimeoutMs: positive.default(900_000),
  transactionalIdExpirationMs: positive.default(7 * DAY_MS),
  groupMinSessionTimeoutMs: positive.default(6_000),
  groupMaxSessionTimeoutMs: positive.default(1_800_000),
  groupMaxSize: positive.default(1_000),
  offsetsRetentionMs: positive.default(7 * DAY_MS),
  offsetMetadataMaxBytes: positive.default(4096),
});

export type BrokerConfig = z.output<typeof brokerConfigSchema>;
