import type { Broker } from "./broker.ts";
import { ConfigType, topicConfigKeys } from "./topic-config.ts";
import type { Topic } from "./topics.ts";

/** Numbers as DescribeConfigs sends them. */
export const ConfigSource = { TOPIC: 1, STATIC_BROKER: 4, DEFAULT: 5 } as const;

export interface ConfigEntry {
  readonly name: string;
  readonly value: string;
  readonly readOnly: boolean;
  readonly source: number;
  readonly type: number;
  readonly documentation: string;
}

/** All configs of a topic, set or not. */
export function describeTopicConfigs({ overrides, config }: Topic): ConfigEntry[] {
  return Object.entries(topicConfigKeys).map(([name, key]) => {
    const set = Object.hasOwn(overrides, name) ? overrides[name] : undefined;
    const fallback = name === "segment.bytes" ? String(config.log.segmentBytes) : key.default;
    return {
      name,
      value: set ?? fallback,
      readOnly: false,
      source: set === undefined ? ConfigSource.DEFAULT : ConfigSource.TOPIC,
      type: ConfigType[key.type],
      documentation: key.documentation,
    };
  });
}

const LONG_MAX = "9223372036854775807";

/** The broker's configs under Kafka's names; they are set when it starts. */
export function describeBrokerConfigs({ config, nodeId, dataDir }: Broker): ConfigEntry[] {
  const entry = (name: string, value: string | number | boolean, type: number): ConfigEntry => ({
    name,
    value: String(value),
    readOnly: true,
    source: ConfigSource.STATIC_BROKER,
    type,
    documentation: "Set when the embedded broker starts.",
  });
  const { BOOLEAN, DOUBLE, INT, LONG, STRING } = ConfigType;
  return [
    entry("broker.id", nodeId, INT),
    entry("node.id", nodeId, INT),
    entry("log.dirs", dataDir, STRING),
    entry("auto.create.topics.enable", config.autoCreateTopicsEnable, BOOLEAN),
    entry("num.partitions", config.numPartitions, INT),
    entry("default.replication.factor", 1, INT),
    entry("min.insync.replicas", 1, INT),
    entry("delete.topic.enable", true, BOOLEAN),
    entry("log.segment.bytes", config.logSegmentBytes, INT),
    entry("log.retention.ms", topicConfigKeys["retention.ms"]!.default, LONG),
    entry("log.retention.bytes", topicConfigKeys["retention.bytes"]!.default, LONG),
    entry("log.retention.check.interval.ms", config.logRetentionCheckIntervalMs, LONG),
    entry("log.flush.interval.messages", config.logFlush === "always" ? "1" : LONG_MAX, LONG),
    entry(
      "log.flush.interval.ms",
      config.logFlush === "interval" ? config.logFlushIntervalMs : LONG_MAX,
      LONG,
    ),
    entry("log.cleaner.enable", true, BOOLEAN),
    entry("log.cleaner.backoff.ms", config.logCleanerBackoffMs, LONG),
    entry("log.cleaner.delete.retention.ms", topicConfigKeys["delete.retention.ms"]!.default, LONG),
    entry("log.cleaner.min.cleanable.ratio", topicConfigKeys["min.cleanable.dirty.ratio"]!.default, DOUBLE),
    entry("log.cleanup.policy", topicConfigKeys["cleanup.policy"]!.default, STRING),
    entry("message.max.bytes", topicConfigKeys["max.message.bytes"]!.default, INT),
    entry("socket.request.max.bytes", config.socketRequestMaxBytes, INT),
    entry("fetch.max.bytes", config.fetchMaxBytes, INT),
    entry("max.connections", config.maxConnections, INT),
    entry("producer.id.expiration.ms", config.producerIdExpirationMs, INT),
    entry("group.min.session.timeout.ms", config.groupMinSessionTimeoutMs, INT),
    entry("group.max.session.timeout.ms", config.groupMaxSessionTimeoutMs, INT),
    entry("group.initial.rebalance.delay.ms", 0, INT),
    entry("group.max.size", config.groupMaxSize, INT),
    entry("offset.metadata.max.bytes", config.offsetMetadataMaxBytes, INT),
    entry("offsets.retention.minutes", Math.floor(config.offsetsRetentionMs / 60_000), INT),
    entry("offsets.topic.num.partitions", 1, INT),
  ];
}
