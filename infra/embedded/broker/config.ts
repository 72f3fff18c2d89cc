import { StartupError } from "../startup-error.ts";

const DAY_MS = 86_400_000;
const MIB = 1024 * 1024;
/** What a timer can wait, ms. */
const MAX_TIMER_MS = 2 ** 31 - 1;
const FLUSH_MODES = ["os", "interval", "always"] as const;

/** The broker's own settings; a topic's are in topic-config.ts. Names follow Kafka's (`group.min.session.timeout.ms`). */
export interface BrokerConfig {
  readonly autoCreateTopicsEnable: boolean;
  /** Partitions of a topic that names no count, or that is created by being asked for. */
  readonly numPartitions: number;
  /** Of all topics together. */
  readonly maxPartitions: number;
  readonly logSegmentBytes: number;
  readonly logRetentionCheckIntervalMs: number;
  /** When records get to the disk, for topics that set neither flush.messages nor flush.ms: see docs/embedded-broker.md. */
  readonly logFlush: (typeof FLUSH_MODES)[number];
  /** With `interval`: how long after its writing a record is on the disk at the latest. At most 24 days. */
  readonly logFlushIntervalMs: number;
  /** How long the cleaner of compacted topics rests when it finds nothing to do. */
  readonly logCleanerBackoffMs: number;
  /** Segments of `__consumer_offsets` and `__transaction_state`: only closed ones are compacted, and a start reads all. */
  readonly internalSegmentBytes: number;
  /** A Produce request, which carries records. */
  readonly socketRequestMaxBytes: number;
  /** Any other request. */
  readonly otherRequestMaxBytes: number;
  /** The most that one Fetch answers, whatever it asks for. */
  readonly fetchMaxBytes: number;
  readonly maxConnections: number;
  /** Requests being received and answers being sent, over all connections. */
  readonly maxBufferedBytes: number;
  /** How long a half-received request or an unread answer may take in all, from when it was first seen to be so. */
  readonly stalledConnectionMs: number;
  readonly producerIdExpirationMs: number;
  readonly transactionMaxTimeoutMs: number;
  readonly transactionalIdExpirationMs: number;
  readonly groupMinSessionTimeoutMs: number;
  readonly groupMaxSessionTimeoutMs: number;
  readonly groupMaxSize: number;
  readonly offsetsRetentionMs: number;
  readonly offsetMetadataMaxBytes: number;
}

const DEFAULTS: BrokerConfig = {
  autoCreateTopicsEnable: true,
  numPartitions: 1,
  maxPartitions: 20_000,
  logSegmentBytes: 64 * MIB,
  logRetentionCheckIntervalMs: 300_000,
  logFlush: "os",
  logFlushIntervalMs: 1_000,
  logCleanerBackoffMs: 15_000,
  internalSegmentBytes: 4 * MIB,
  socketRequestMaxBytes: 100 * MIB,
  otherRequestMaxBytes: MIB,
  fetchMaxBytes: 55 * MIB,
  maxConnections: 1_000,
  maxBufferedBytes: 512 * MIB,
  stalledConnectionMs: 30_000,
  producerIdExpirationMs: DAY_MS,
  transactionMaxTimeoutMs: 900_000,
  transactionalIdExpirationMs: 7 * DAY_MS,
  groupMinSessionTimeoutMs: 6_000,
  groupMaxSessionTimeoutMs: 1_800_000,
  groupMaxSize: 1_000,
  offsetsRetentionMs: 7 * DAY_MS,
  offsetMetadataMaxBytes: 4096,
};

/**
 * The settings, what is not given at its default. Checked by hand: a schema library would take a third of the start.
 * @throws StartupError naming the setting, what was expected and what came
 */
export function toBrokerConfig(given: Partial<BrokerConfig>): BrokerConfig {
  for (const [name, value] of Object.entries(given)) {
    const expected = name in DEFAULTS ? expectation(name as keyof BrokerConfig, value) : "no such setting";
    if (expected === null) continue;
    throw new StartupError(
      "FAILED",
      `Bad configuration of the embedded broker: ${name}: expected ${expected}, got ${JSON.stringify(value)}`,
    );
  }
  return { ...DEFAULTS, ...given };
}

/** What the setting should have been; null: it is. */
function expectation(name: keyof BrokerConfig, value: unknown): string | null {
  if (name === "autoCreateTopicsEnable") return typeof value === "boolean" ? null : "true or false";
  if (name === "logFlush") {
    return FLUSH_MODES.some((mode) => mode === value) ? null : `one of ${FLUSH_MODES.join(", ")}`;
  }
  // A timer that is set to wait longer fires at once. Retention is no timer's.
  const isTimer = name.endsWith("Ms") && name !== "offsetsRetentionMs";
  const max = isTimer ? MAX_TIMER_MS : Number.MAX_SAFE_INTEGER;
  const fits = Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= max;
  return fits ? null : `a whole number 1–${max}`;
}
