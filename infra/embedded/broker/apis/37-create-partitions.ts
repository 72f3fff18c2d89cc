import {
  array,
  boolean,
  type Infer,
  int16,
  int32,
  nullableArray,
  nullableString,
  string,
  struct,
} from "../../wire/schema.ts";
import { ApiError } from "../api-error.ts";
import type { Broker } from "../broker.ts";
import { defineApi } from "../define-api.ts";
import { ErrorCode } from "../errors.ts";
import { checkAssignments } from "../replica-assignment.ts";
import { toRefusal } from "../to-refusal.ts";

/*
 * 37 CreatePartitions: raises a topic's number of partitions to `count`; it never falls. Assignments, if given, name
 * this broker for each new partition. v2 is flexible.
 */
const topicRequest = struct({
  name: string,
  count: int32,
  assignments: nullableArray(struct({ brokerIds: array(int32) })),
});
const request = struct({ topics: array(topicRequest), timeoutMs: int32, validateOnly: boolean });

const response = struct({
  throttleTimeMs: int32,
  results: array(struct({ name: string, errorCode: int16, errorMessage: nullableString })),
});

export const createPartitions = defineApi({
  key: 37,
  name: "CreatePartitions",
  versions: [0, 3],
  flexibleFrom: 2,
  request,
  response,
  handle({ topics, validateOnly }, { broker }) {
    return {
      throttleTimeMs: 0,
      results: topics.map((topic) => {
        try {
          check(topic, broker);
          if (!validateOnly) broker.topics.addPartitions(topic.name, topic.count);
          return { name: topic.name, errorCode: ErrorCode.NONE, errorMessage: null };
        } catch (error) {
          return { name: topic.name, ...toRefusal(error, broker) };
        }
      }),
    };
  },
});

function check({ name, count, assignments }: Infer<typeof topicRequest>, broker: Broker): void {
  broker.topics.checkPartitions(name, count);
  const topic = broker.topics.get(name);
  if (topic?.internal) {
    throw new ApiError(ErrorCode.INVALID_REQUEST, `Expected a topic of yours, got the internal ${name}`);
  }
  if (!assignments) return;
  const added = count - (topic?.partitions.length ?? 0);
  if (assignments.length !== added) {
    throw new ApiError(
      ErrorCode.INVALID_REPLICA_ASSIGNMENT,
      `Expected assignments for ${added} new partitions, got ${assignments.length}`,
    );
  }
  checkAssignments(assignments, broker.nodeId);
}
