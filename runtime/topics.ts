/** Creates the topics that are declared, and the dead letter queues of those that consumers read. */
import type { Admin } from "kafkajs";
import { deadLetterTopic } from "./dead-letters.ts";
import type { Topic } from "./define.ts";
import type { LoadedFunction } from "./invoke.ts";
import type { Delivery } from "./outputs.ts";

/** What the runtime needs to know of a topic to create it and to write to it. */
export interface TopicSpec extends Delivery {
  readonly name: string;
  readonly partitions: number;
  readonly config: Readonly<Record<string, string>>;
}

const DAY_MS = 86_400_000;
/** A dead letter is its record and some headers more: what fitted there must fit here. */
const DEAD_LETTER_MAX_BYTES = 2 * 1_048_588;

export function toTopicSpec(topic: Topic): TopicSpec {
  const { name, partitions, compression, acks } = topic;
  return {
    name,
    partitions,
    compression,
    acks,
    config: {
      "cleanup.policy": topic.cleanupPolicy,
      "retention.ms": String(topic.retentionMs),
      "retention.bytes": String(topic.retentionBytes),
      "segment.ms": String(topic.segmentMs),
    },
  };
}

/** The dead letter queue of a topic: one partition, kept 14 days. */
export const toDeadLetterSpec = (topic: Topic): TopicSpec => ({
  name: deadLetterTopic(topic.name),
  partitions: 1,
  compression: "none",
  acks: "all",
  config: {
    "cleanup.policy": "delete",
    "retention.ms": String(14 * DAY_MS),
    "retention.bytes": String(topic.retentionBytes),
    "segment.ms": String(DAY_MS),
    "max.message.bytes": String(DEAD_LETTER_MAX_BYTES),
  },
});

/** Every topic that is there to be created: those declared, and a dead letter queue for each that a consumer reads. */
export function toTopicSpecs(topics: readonly Topic[], functions: readonly LoadedFunction[]): TopicSpec[] {
  const specs = [
    ...topics.map(toTopicSpec),
    ...functions.flatMap((fn) =>
      fn.definition.kind === "consumer" ? [toDeadLetterSpec(fn.definition.topic)] : [],
    ),
  ];
  return specs.filter((spec, i) => specs.findIndex((other) => other.name === spec.name) === i);
}

/**
 * Creates those that are missing; resolves with their names. What exists is left as it is. Topics that may not be seen
 * look as if they were missing: those that may not be created are told to `onDenied`.
 */
export async function createMissingTopics(
  admin: Admin,
  specs: readonly TopicSpec[],
  replicationFactor: number,
  onDenied: (topics: readonly string[]) => void,
): Promise<string[]> {
  const existing = new Set(await admin.listTopics());
  const missing = specs.filter((spec) => !existing.has(spec.name));
  if (missing.length === 0) return [];
  const denied = await admin
    .createTopics({
      waitForLeaders: true,
      topics: missing.map((spec) => ({
        topic: spec.name,
        numPartitions: spec.partitions,
        replicationFactor,
        configEntries: Object.entries(spec.config).map(([name, value]) => ({ name, value })),
      })),
    })
    .then((): string[] => [], deniedTopics);
  if (denied.length > 0) onDenied(denied);
  return missing.map((spec) => spec.name).filter((name) => !denied.includes(name));
}

/** Those that may not be created, where that is all that went wrong; throws any other error on. */
function deniedTopics(error: unknown): string[] {
  const { errors } = error as { errors?: readonly { topic?: string; type?: string }[] };
  if (!errors?.every(({ type }) => type === "TOPIC_AUTHORIZATION_FAILED")) throw error;
  return errors.map(({ topic }) => String(topic));
}
