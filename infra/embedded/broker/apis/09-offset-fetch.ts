import {
  array,
  boolean,
  type Infer,
  int16,
  int32,
  int64,
  nullableArray,
  nullableString,
  since,
  string,
  struct,
  versions,
} from "../../wire/schema.ts";
import { defineApi } from "../define-api.ts";
import { ErrorCode } from "../errors.ts";
import type { GroupCoordinator } from "../groups/coordinator.ts";

/*
 * 9 OffsetFetch: how far a group has read; offset −1, and no error, where nothing is committed. Topics null (v2):
 * all that the group has committed.
 * v2 adds an error for the group, v3 throttle_time_ms, v5 leader epochs; v6 is flexible; v7 adds require_stable (there
 * are no offsets that wait for a transaction, so all are stable); v8 asks for several groups at once.
 */
const topicRequest = struct({ topic: string, partitions: array(int32) });

const request = struct({
  groupId: versions(0, 7, string),
  topics: versions(0, 7, nullableArray(topicRequest)),
  groups: since(8, array(struct({ groupId: string, topics: nullableArray(topicRequest) }))),
  requireStable: since(7, boolean),
});

const topicResponse = struct({
  topic: string,
  partitions: array(
    struct({
      index: int32,
      offset: int64,
      leaderEpoch: since(5, int32, -1),
      metadata: nullableString,
      errorCode: int16,
    }),
  ),
});

const response = struct({
  throttleTimeMs: since(3, int32),
  topics: versions(0, 7, array(topicResponse)),
  errorCode: versions(2, 7, int16),
  groups: since(8, array(struct({ groupId: string, topics: array(topicResponse), errorCode: int16 }))),
});

type TopicRequest = Infer<typeof topicRequest>;
type TopicResponse = Infer<typeof topicResponse>;

export const offsetFetch = defineApi({
  key: 9,
  name: "OffsetFetch",
  versions: [1, 8],
  flexibleFrom: 6,
  request,
  response,
  handle({ groupId, topics, groups, requireStable }, { apiVersion, broker }) {
    return {
      throttleTimeMs: 0,
      topics: apiVersion < 8 ? fetchOffsets(broker.groups, groupId, topics, requireStable) : [],
      errorCode: ErrorCode.NONE,
      groups: groups.map((group) => ({
        groupId: group.groupId,
        topics: fetchOffsets(broker.groups, group.groupId, group.topics, requireStable),
        errorCode: ErrorCode.NONE,
      })),
    };
  },
});

function fetchOffsets(
  groups: GroupCoordinator,
  groupId: string,
  topics: TopicRequest[] | null,
  requireStable: boolean,
): TopicResponse[] {
  return (topics ?? groups.committedPartitions(groupId)).map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map((index) => {
      if (requireStable && groups.isUnstable(groupId, { topic, partition: index })) {
        const errorCode = ErrorCode.UNSTABLE_OFFSET_COMMIT;
        return { index, offset: -1, leaderEpoch: -1, metadata: "", errorCode };
      }
      const committed = groups.committedOffset(groupId, { topic, partition: index });
      return {
        index,
        offset: committed?.offset ?? -1,
        leaderEpoch: committed?.leaderEpoch ?? -1,
        metadata: committed?.metadata ?? "",
        errorCode: ErrorCode.NONE,
      };
    }),
  }));
}
