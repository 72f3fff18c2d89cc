import {
  array,
  boolean,
  type Infer,
  int16,
  int32,
  nullableArray,
  nullableString,
  since,
  string,
  struct,
  uuid,
  versions,
  ZERO_UUID,
} from "../../wire/schema.ts";
import { ApiError } from "../api-error.ts";
import type { Broker } from "../broker.ts";
import { defineApi } from "../define-api.ts";
import { ErrorCode } from "../errors.ts";
import { LEADER_EPOCH } from "../leader-epoch.ts";
import type { Topic } from "../topics.ts";

/*
 * 3 Metadata: this broker, which is also the controller, and the topics asked for; null (v0: none named) asks for all.
 * A topic that is not there is created, if the request allows it (always before v4) and auto.create.topics.enable does.
 * v10 adds topic ids, v12 also accepts asking by id; v8 adds authorized operations, which are never told
 * (−2147483648: no authorizer); v9 is flexible.
 */
const OPERATIONS_UNKNOWN = -2_147_483_648;

const request = struct({
  topics: nullableArray(struct({ topicId: since(10, uuid), name: nullableString })),
  allowAutoTopicCreation: since(4, boolean, true),
  includeClusterAuthorizedOperations: versions(8, 10, boolean),
  includeTopicAuthorizedOperations: since(8, boolean),
});

const topicResponse = struct({
  errorCode: int16,
  name: nullableString,
  topicId: since(10, uuid),
  isInternal: since(1, boolean),
  partitions: array(
    struct({
      errorCode: int16,
      index: int32,
      leaderId: int32,
      leaderEpoch: since(7, int32, -1),
      replicaNodes: array(int32),
      isrNodes: array(int32),
      offlineReplicas: since(5, array(int32)),
    }),
  ),
  topicAuthorizedOperations: since(8, int32, OPERATIONS_UNKNOWN),
});

const response = struct({
  throttleTimeMs: since(3, int32),
  brokers: array(struct({ nodeId: int32, host: string, port: int32, rack: since(1, nullableString) })),
  clusterId: since(2, nullableString),
  controllerId: since(1, int32, -1),
  topics: array(topicResponse),
  clusterAuthorizedOperations: versions(8, 10, int32, OPERATIONS_UNKNOWN),
});

type TopicRequest = NonNullable<Infer<typeof request>["topics"]>[number];
type TopicResponse = Infer<typeof topicResponse>;

export const metadata = defineApi({
  key: 3,
  name: "Metadata",
  versions: [0, 12],
  flexibleFrom: 9,
  request,
  response,
  handle({ topics, allowAutoTopicCreation }, { broker, apiVersion }) {
    const { nodeId, host, port, clusterId, config } = broker;
    const wantsAll = topics === null || (apiVersion === 0 && topics.length === 0);
    const mayCreate = allowAutoTopicCreation && config.autoCreateTopicsEnable;
    return {
      throttleTimeMs: 0,
      brokers: [{ nodeId, host, port, rack: null }],
      clusterId,
      controllerId: nodeId,
      topics: wantsAll
        ? broker.topics.list().map((topic) => describe(topic, nodeId))
        : topics.map((topic) => find(broker, topic, mayCreate)),
      clusterAuthorizedOperations: OPERATIONS_UNKNOWN,
    };
  },
});

function find(broker: Broker, { name, topicId }: TopicRequest, mayCreate: boolean): TopicResponse {
  const topic = name === null ? broker.topics.byId(topicId) : broker.topics.get(name);
  if (topic) return describe(topic, broker.nodeId);
  if (name === null) return refuse(ErrorCode.UNKNOWN_TOPIC_ID, null, topicId);
  if (!mayCreate) return refuse(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, name);
  try {
    return describe(
      broker.topics.create({ name, partitions: broker.config.numPartitions, configs: {} }),
      broker.nodeId,
    );
  } catch (error) {
    if (!(error instanceof ApiError)) {
      broker.storage.failed(error);
      return refuse(ErrorCode.KAFKA_STORAGE_ERROR, name);
    }
    // It exists and yet was not found: its deletion is under way, and the client may ask again.
    const leaving = error.code === ErrorCode.TOPIC_ALREADY_EXISTS;
    return refuse(leaving ? ErrorCode.LEADER_NOT_AVAILABLE : error.code, name);
  }
}

function refuse(errorCode: number, name: string | null, topicId: string = ZERO_UUID): TopicResponse {
  return {
    errorCode,
    name,
    topicId,
    isInternal: false,
    partitions: [],
    topicAuthorizedOperations: OPERATIONS_UNKNOWN,
  };
}

function describe({ name, id, internal, partitions }: Topic, nodeId: number): TopicResponse {
  return {
    errorCode: ErrorCode.NONE,
    name,
    topicId: id,
    isInternal: internal,
    partitions: partitions.map(({ index }) => ({
      errorCode: ErrorCode.NONE,
      index,
      leaderId: nodeId,
      leaderEpoch: LEADER_EPOCH,
      replicaNodes: [nodeId],
      isrNodes: [nodeId],
      offlineReplicas: [],
    })),
    topicAuthorizedOperations: OPERATIONS_UNKNOWN,
  };
}
