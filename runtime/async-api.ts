/** The topics as an AsyncAPI 3.0.0 document, with Kafka bindings 0.5.0: made from definitions alone. */
import type { Topic } from "./define.ts";
import type { LoadedFunction } from "./invoke.ts";
import { toJsonSchema } from "./topic-schema.ts";

const bindingVersion = "0.5.0";
const ref = (...path: readonly string[]) => ({ $ref: `#/${path.join("/")}` });

export interface AsyncApiOptions {
  readonly topics: readonly Topic[];
  readonly functions: readonly LoadedFunction[];
  readonly version: string;
  /** `host:port` each. */
  readonly brokers: readonly string[];
}

/** One channel a topic, one message a channel, one operation for each topic that a function writes or reads. */
export function toAsyncApi(options: AsyncApiOptions): Record<string, unknown> {
  const { topics, functions, version, brokers } = options;
  return {
    asyncapi: "3.0.0",
    info: {
      title: "Kafka streaming platform",
      version,
      description: "The topics that have a definition, and the functions that write and read them.",
    },
    defaultContentType: "application/json",
    servers: Object.fromEntries(
      brokers.map((host, i) => [`kafka-${i + 1}`, { host, protocol: "kafka", description: "Kafka" }]),
    ),
    channels: Object.fromEntries(topics.map((topic) => [topic.name, toChannel(topic)])),
    operations: Object.fromEntries(functions.flatMap(toOperations)),
    components: { messages: Object.fromEntries(topics.map((topic) => [topic.name, toMessage(topic)])) },
  };
}

function toChannel(topic: Topic): object {
  return {
    address: topic.name,
    description: topic.description,
    messages: { record: ref("components", "messages", topic.name) },
    bindings: {
      kafka: {
        topic: topic.name,
        partitions: topic.partitions,
        topicConfiguration: {
          "cleanup.policy": [topic.cleanupPolicy],
          "retention.ms": topic.retentionMs,
          "retention.bytes": topic.retentionBytes,
        },
        bindingVersion,
      },
    },
  };
}

function toMessage(topic: Topic): object {
  // AsyncAPI's own schema language extends draft 7.
  const { $schema: _, ...payload } = toJsonSchema(topic, "draft-7");
  const key = topic.key === null ? {} : { key: { type: "string", description: `The value's ${topic.key}` } };
  return {
    name: topic.name,
    title: topic.name,
    summary: topic.description,
    contentType: "application/json",
    payload,
    bindings: { kafka: { ...key, bindingVersion } },
  };
}

function toOperations({ name, definition }: LoadedFunction): [string, object][] {
  const operation = (action: "send" | "receive", topic: Topic, extra: object): [string, object] => [
    `${name}.${action}.${topic.name}`,
    {
      action,
      channel: ref("channels", topic.name),
      messages: [ref("channels", topic.name, "messages", "record")],
      title: name,
      description: definition.description,
      bindings: { kafka: { ...extra, bindingVersion } },
    },
  ];
  const sends = definition.emits.map((topic: Topic) => operation("send", topic, {}));
  if (definition.kind === "producer") return sends;
  const groupId = { type: "string", enum: [definition.group] };
  return [operation("receive", definition.topic, { groupId }), ...sends];
}
