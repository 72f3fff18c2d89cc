import {
  array,
  int16,
  int32,
  int64,
  nullableString,
  since,
  string,
  struct,
  versions,
} from "../../wire/schema.ts";
import { defineApi } from "../define-api.ts";
import { ErrorCode } from "../errors.ts";
import { refuseOffset } from "../refuse-offset.ts";

/*
 * 8 OffsetCommit: keeps how far a group has read. Answered once the offsets are in the log. Any offset is taken, also
 * the −1 and −2 that kafkajs commits for "latest" and "earliest". One error for all partitions comes from the group
 * (see groups/machine.ts); a partition alone is refused when it does not exist or its metadata is too long, and the
 * others are committed.
 * v2–4 have retention_time_ms (not followed: the broker's own retention holds), v3 adds throttle_time_ms, v6 leader
 * epochs, v7 static members, v8 is flexible.
 */
const request = struct({
  groupId: string,
  generationId: int32,
  memberId: string,
  groupInstanceId: since(7, nullableString),
  retentionTimeMs: versions(2, 4, int64, -1),
  topics: array(
    struct({
      name: string,
      partitions: array(
        struct({ index: int32, offset: int64, leaderEpoch: since(6, int32, -1), metadata: nullableString }),
      ),
    }),
  ),
});

const response = struct({
  throttleTimeMs: since(3, int32),
  topics: array(struct({ name: string, partitions: array(struct({ index: int32, errorCode: int16 })) })),
});

export const offsetCommit = defineApi({
  key: 8,
  name: "OffsetCommit",
  versions: [2, 8],
  flexibleFrom: 8,
  request,
  response,
  async handle({ groupId, generationId, memberId, groupInstanceId, topics }, { broker }) {
    const checked = topics.flatMap(({ name, partitions }) =>
      partitions.map(({ index, metadata, offset, leaderEpoch }) => ({
        refusal: refuseOffset(broker, name, index, metadata ?? ""),
        offset: { topic: name, partition: index, offset, leaderEpoch, metadata: metadata ?? "" },
      })),
    );
    const accepted = checked.filter(({ refusal }) => refusal === ErrorCode.NONE).map(({ offset }) => offset);
    const member = { memberId, groupInstanceId, generationId };
    const groupError = await broker.groups.commitOffsets(groupId, member, accepted);
    let next = 0;
    return {
      throttleTimeMs: 0,
      topics: topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ index }) => {
          const { refusal } = checked[next++]!;
          return { index, errorCode: refusal === ErrorCode.NONE ? groupError : refusal };
        }),
      })),
    };
  },
});
