import type { CompactionPolicy } from "../log/compaction-plan.ts";
import type { FlushMode, LogConfig } from "../log/log-config.ts";
import { ApiError } from "./api-error.ts";
import { ErrorCode } from "./errors.ts";

/** Numbers as DescribeConfigs sends them. */
export const ConfigType = { BOOLEAN: 1, STRING: 2, INT: 3, LONG: 5, DOUBLE: 6, LIST: 7 } as const;

interface TopicConfigKey {
  readonly type: keyof typeof ConfigType;
  readonly default: string;
  readonly documentation: string;
  readonly min?: number;
  readonly max?: number;
  readonly oneOf?: readonly string[];
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const INT_MAX = 2_147_483_647;
/** The longest that a timer waits: 24 days. */
const MAX_TIMER_MS = INT_MAX;
const LONG_MAX = "9223372036854775807";

/**
 * The topic configs that are understood. One that this broker could not honour is not here, so that setting it is
 * refused. Defaults are Kafka's, but for segments of 64 MiB.
 */
export const topicConfigKeys: Readonly<Record<string, TopicConfigKey>> = {
  "cleanup.policy": {
    type: "LIST",
    default: "delete",
    oneOf: ["delete", "compact"],
    documentation:
      "delete: whole segments go by age and size; compact: the last record of each key stays; both may be set.",
  },
  "retention.ms": {
    type: "LONG",
    default: String(7 * DAY_MS),
    min: -1,
    documentation: "Age at which records go; -1: never.",
  },
  "retention.bytes": {
    type: "LONG",
    default: "-1",
    min: -1,
    documentation: "Size that a partition is kept to; -1: any.",
  },
  "segment.bytes": {
    type: "INT",
    default: String(64 * 1024 * 1024),
    min: 1024,
    max: INT_MAX,
    documentation: "Size of a log segment.",
  },
  "segment.ms": {
    type: "LONG",
    default: String(7 * DAY_MS),
    min: 1,
    documentation: "Age at which a segment is closed even if it is not full.",
  },
  "max.message.bytes": {
    type: "INT",
    default: "1048588",
    min: 0,
    max: INT_MAX,
    documentation: "Largest record batch, as sent.",
  },
  "message.timestamp.type": {
    type: "STRING",
    default: "CreateTime",
    oneOf: ["CreateTime", "LogAppendTime"],
    documentation: "Whether records keep the timestamp of their producer or get that of the append.",
  },
  "message.timestamp.before.max.ms": {
    type: "LONG",
    default: LONG_MAX,
    min: 0,
    documentation: "How far behind the broker's clock a timestamp may be.",
  },
  "message.timestamp.after.max.ms": {
    type: "LONG",
    default: String(HOUR_MS),
    min: 0,
    documentation: "How far ahead of the broker's clock a timestamp may be.",
  },
  "compression.type": {
    type: "STRING",
    default: "producer",
    oneOf: ["producer"],
    documentation: "Record batches stay as their producer compressed them.",
  },
  "min.insync.replicas": {
    type: "INT",
    default: "1",
    min: 1,
    max: 1,
    documentation: "There is one replica: this broker.",
  },
  "unclean.leader.election.enable": {
    type: "BOOLEAN",
    default: "false",
    documentation: "Without effect: there is one replica.",
  },
  "flush.messages": {
    type: "LONG",
    default: LONG_MAX,
    oneOf: ["1", LONG_MAX],
    documentation: "1: records are on the disk before they are acknowledged.",
  },
  "flush.ms": {
    type: "LONG",
    default: LONG_MAX,
    min: 1,
    documentation: "How long after its writing a record is on the disk at the latest.",
  },
  "delete.retention.ms": {
    type: "LONG",
    default: String(DAY_MS),
    min: 0,
    documentation: "How long compaction keeps a tombstone that it has met.",
  },
  "min.cleanable.dirty.ratio": {
    type: "DOUBLE",
    default: "0.5",
    min: 0,
    max: 1,
    documentation: "Compaction waits until more than this part of the log is new since the last one.",
  },
  "min.compaction.lag.ms": {
    type: "LONG",
    default: "0",
    min: 0,
    documentation: "Age below which records are not compacted.",
  },
  "max.compaction.lag.ms": {
    type: "LONG",
    default: LONG_MAX,
    min: 1,
    documentation: "Age from which records are compacted whatever the ratio.",
  },
};

/** A topic's configuration with defaults filled in. */
export interface TopicConfig {
  readonly log: LogConfig;
  readonly maxMessageBytes: number;
  readonly logAppendTime: boolean;
  readonly timestampBeforeMaxMs: number;
  readonly timestampAfterMaxMs: number;
  readonly compact: boolean;
  readonly compaction: CompactionPolicy;
}

/**
 * Checks the configs that a topic sets and fills in the rest; `segmentBytes` and `flush` are the broker's.
 * @throws ApiError INVALID_CONFIG that names the key, what was expected and what came
 */
export function toTopicConfig(
  overrides: Readonly<Record<string, string>>,
  segmentBytes: number,
  flush: FlushMode = "os",
): TopicConfig {
  for (const [key, value] of Object.entries(overrides)) checkTopicConfig(key, value);
  const text = (key: string): string => overrides[key] ?? topicConfigKeys[key]!.default;
  const policies = splitList(text("cleanup.policy"));
  const compact = policies.includes("compact");
  const maxCompactionLagMs = Number(text("max.compaction.lag.ms"));
  return {
    log: {
      segmentBytes: Number(overrides["segment.bytes"] ?? segmentBytes),
      // What is being written is never compacted.
      segmentMs: Math.min(Number(text("segment.ms")), compact ? maxCompactionLagMs : Infinity),
      retentionMs: Number(text("retention.ms")),
      retentionBytes: Number(text("retention.bytes")),
      cleanup: !compact ? "delete" : policies.includes("delete") ? "compact,delete" : "compact",
      flush: toFlushMode(overrides, flush),
    },
    maxMessageBytes: Number(text("max.message.bytes")),
    logAppendTime: text("message.timestamp.type") === "LogAppendTime",
    timestampBeforeMaxMs: Number(text("message.timestamp.before.max.ms")),
    timestampAfterMaxMs: Number(text("message.timestamp.after.max.ms")),
    compact,
    compaction: {
      minCleanableDirtyRatio: Number(text("min.cleanable.dirty.ratio")),
      deleteRetentionMs: Number(text("delete.retention.ms")),
      minCompactionLagMs: Number(text("min.compaction.lag.ms")),
      maxCompactionLagMs,
    },
  };
}

/** What the topic sets, or else the broker's. */
function toFlushMode(overrides: Readonly<Record<string, string>>, fallback: FlushMode): FlushMode {
  const { "flush.messages": messages, "flush.ms": ms } = overrides;
  if (messages === "1") return "always";
  if (ms !== undefined && ms !== LONG_MAX) return { everyMs: Math.min(Number(ms), MAX_TIMER_MS) };
  return messages === undefined && ms === undefined ? fallback : "os";
}

export function splitList(value: string): string[] {
  return value
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
}

function checkTopicConfig(key: string, value: string): void {
  const definition = Object.hasOwn(topicConfigKeys, key) ? topicConfigKeys[key] : undefined;
  if (!definition) {
    throw new ApiError(
      ErrorCode.INVALID_CONFIG,
      `Unknown topic config ${key}: the embedded broker understands ${Object.keys(topicConfigKeys).join(", ")}`,
    );
  }
  const problem = findProblem(definition, value);
  if (problem)
    throw new ApiError(
      ErrorCode.INVALID_CONFIG,
      `Expected ${key} to be ${problem}, got ${JSON.stringify(value)}`,
    );
}

/** What the value should have been, or null when it is fine. */
function findProblem({ type, min, max, oneOf }: TopicConfigKey, value: string): string | null {
  switch (type) {
    case "BOOLEAN":
      return value === "true" || value === "false" ? null : "true or false";
    case "STRING":
      return !oneOf || oneOf.includes(value) ? null : oneOf.join(" or ");
    case "LIST": {
      const items = splitList(value);
      return items.length > 0 && items.every((item) => oneOf?.includes(item))
        ? null
        : `a list of ${oneOf?.join(", ")}`;
    }
    case "INT":
    case "LONG":
    case "DOUBLE": {
      if (oneOf) return oneOf.includes(value) ? null : oneOf.join(" or ");
      const wellFormed = type === "DOUBLE" ? /^-?\d+(\.\d+)?$/.test(value) : /^-?\d{1,19}$/.test(value);
      const number = Number(value);
      if (wellFormed && number >= (min ?? -Infinity) && number <= (max ?? Infinity)) return null;
      const range = max === undefined ? `of ${min} or more` : `from ${min} to ${max}`;
      return `${type === "DOUBLE" ? "a number" : "a whole number"} ${range}`;
    }
  }
}
