import { array, int16, int32, nullableArray, nullableString, string, struct } from "../../wire/schema.ts";
import type { Broker } from "../broker.ts";
import { defineApi } from "../define-api.ts";
import { ErrorCode } from "../errors.ts";

/*
 * 45 AlterPartitionReassignments: with one broker a partition can only stay where it is, which is done at once; any
 * other place is refused (39), and there is never a move to be cancelled (null replicas: 85).
 */
const request = struct({
  timeoutMs: int32,
  topics: array(
    struct({ name: string, partitions: array(struct({ index: int32, replicas: nullableArray(int32) })) }),
  ),
});

const response = struct({
  throttleTimeMs: int32,
  errorCode: int16,
  errorMessage: nullableString,
  topics: array(
    struct({
      name: string,
      partitions: array(struct({ index: int32, errorCode: int16, errorMessage: nullableString })),
    }),
  ),
});

export const alterPartitionReassignments = defineApi({
  key: 45,
  name: "AlterPartitionReassignments",
  versions: [0, 0],
  flexibleFrom: 0,
  request,
  response,
  handle({ topics }, { broker }) {
    return {
      throttleTimeMs: 0,
      errorCode: ErrorCode.NONE,
      errorMessage: null,
      topics: topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ index, replicas }) => ({
          index,
          ...reassign(broker, name, index, replicas),
        })),
      })),
    };
  },
});

function reassign(
  { topics, nodeId }: Broker,
  name: string,
  index: number,
  replicas: readonly number[] | null,
): { errorCode: number; errorMessage: string | null } {
  if (!topics.partition(name, index)) {
    const errorMessage = `There is no partition ${index} of topic ${name}`;
    return { errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, errorMessage };
  }
  if (replicas === null) {
    return { errorCode: ErrorCode.NO_REASSIGNMENT_IN_PROGRESS, errorMessage: "Nothing is being moved" };
  }
  if (replicas.length === 1 && replicas[0] === nodeId)
    return { errorCode: ErrorCode.NONE, errorMessage: null };
  const errorMessage = `Expected [${nodeId}], the only broker there is, got [${replicas.join(", ")}]`;
  return { errorCode: ErrorCode.INVALID_REPLICA_ASSIGNMENT, errorMessage };
}
