import {
  array,
  boolean,
  type Infer,
  int8,
  int16,
  int32,
  nullableArray,
  nullableString,
  since,
  string,
  struct,
  uuid,
  ZERO_UUID,
} from "../../wire/schema.ts";
import { ApiError } from "../api-error.ts";
import type { Broker } from "../broker.ts";
import { describeTopicConfigs } from "../config-entries.ts";
import { defineApi } from "../define-api.ts";
import { ErrorCode } from "../errors.ts";
import { checkAssignments } from "../replica-assignment.ts";
import { toRefusal } from "../to-refusal.ts";
import type { NewTopic, Topic } from "../topics.ts";

/*
 * 19 CreateTopics. num_partitions −1: the broker's default; replication_factor −1 or 1, since there is one node.
 * Assignments may name the replicas instead: partitions 0 to n−1, each on this broker.
 * v5 is flexible and answers what was created, v7 adds the topic id. validate_only checks and creates nothing.
 */
const request = struct({
  topics: array(
    struct({
      name: string,
      numPartitions: int32,
      replicationFactor: int16,
      assignments: array(struct({ partitionIndex: int32, brokerIds: array(int32) })),
      configs: array(struct({ name: string, value: nullableString })),
    }),
  ),
  timeoutMs: int32,
  validateOnly: boolean,
});

const topicResponse = struct({
  name: string,
  topicId: since(7, uuid),
  errorCode: int16,
  errorMessage: nullableString,
  numPartitions: since(5, int32, -1),
  replicationFactor: since(5, int16, -1),
  configs: since(
    5,
    nullableArray(
      struct({
        name: string,
        value: nullableString,
        readOnly: boolean,
        configSource: int8,
        isSensitive: boolean,
      }),
    ),
  ),
});

const response = struct({ throttleTimeMs: int32, topics: array(topicResponse) });

type TopicRequest = Infer<typeof request>["topics"][number];
type TopicResponse = Infer<typeof topicResponse>;

export const createTopics = defineApi({
  key: 19,
  name: "CreateTopics",
  versions: [2, 7],
  flexibleFrom: 5,
  request,
  response,
  handle({ topics, validateOnly }, { broker }) {
    const count = (name: string): number => topics.filter((topic) => topic.name === name).length;
    return {
      throttleTimeMs: 0,
      topics: topics.map((wanted): TopicResponse => {
        try {
          if (count(wanted.name) > 1) {
            throw new ApiError(
              ErrorCode.INVALID_REQUEST,
              `Expected topic ${wanted.name} once, got it ${count(wanted.name)} times`,
            );
          }
          const topic = toNewTopic(wanted, broker);
          if (!validateOnly) return describe(broker.topics.create(topic));
          broker.topics.checkNew(topic);
          return { ...created(wanted.name, topic.partitions), topicId: ZERO_UUID, configs: [] };
        } catch (error) {
          return {
            ...created(wanted.name, -1),
            replicationFactor: -1,
            topicId: ZERO_UUID,
            configs: [],
            ...toRefusal(error, broker),
          };
        }
      }),
    };
  },
});

function toNewTopic(
  { name, numPartitions, replicationFactor, assignments, configs }: TopicRequest,
  broker: Broker,
): NewTopic {
  const set: Record<string, string> = Object.create(null);
  for (const config of configs) {
    if (config.value === null) {
      throw new ApiError(ErrorCode.INVALID_CONFIG, `Expected a value for ${config.name}, got null`);
    }
    set[config.name] = config.value;
  }
  if (assignments.length > 0) {
    if (numPartitions !== -1 || replicationFactor !== -1) {
      throw new ApiError(
        ErrorCode.INVALID_REQUEST,
        `Expected num_partitions and replication_factor −1 beside assignments, got ${numPartitions} and ${replicationFactor}`,
      );
    }
    const byIndex = [...assignments].sort((a, b) => a.partitionIndex - b.partitionIndex);
    byIndex.forEach(({ partitionIndex }, expected) => {
      if (partitionIndex === expected) return;
      throw new ApiError(
        ErrorCode.INVALID_REPLICA_ASSIGNMENT,
        `Expected an assignment for partition ${expected}, got ${partitionIndex}`,
      );
    });
    checkAssignments(byIndex, broker.nodeId);
    return { name, partitions: assignments.length, configs: set };
  }
  if (replicationFactor !== -1 && replicationFactor !== 1) {
    throw new ApiError(
      ErrorCode.INVALID_REPLICATION_FACTOR,
      `Expected replication factor 1 (or −1), got ${replicationFactor}: the embedded broker is a single node`,
    );
  }
  return {
    name,
    partitions: numPartitions === -1 ? broker.config.numPartitions : numPartitions,
    configs: set,
  };
}

function created(name: string, numPartitions: number): Omit<TopicResponse, "topicId" | "configs"> {
  return { name, errorCode: ErrorCode.NONE, errorMessage: null, numPartitions, replicationFactor: 1 };
}

function describe(topic: Topic): TopicResponse {
  const configs = describeTopicConfigs(topic).map(({ name, value, readOnly, source }) => ({
    name,
    value,
    readOnly,
    configSource: source,
    isSensitive: false,
  }));
  return { ...created(topic.name, topic.partitions.length), topicId: topic.id, configs };
}
