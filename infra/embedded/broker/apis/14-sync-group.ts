import { array, bytes, int16, int32, nullableString, since, string, struct } from "../../wire/schema.ts";
import { defineApi } from "../define-api.ts";
import { ErrorCode } from "../errors.ts";
import { syncError } from "../groups/transition.ts";

/*
 * 14 SyncGroup: the leader brings the assignment, every member gets its part, empty bytes if the leader gave it none.
 * v1 adds throttle_time_ms, v3 static members, v4 is flexible, v5 adds the protocol (checked, and returned).
 */
const request = struct({
  groupId: string,
  generationId: int32,
  memberId: string,
  groupInstanceId: since(3, nullableString),
  protocolType: since(5, nullableString),
  protocolName: since(5, nullableString),
  assignments: array(struct({ memberId: string, assignment: bytes })),
});

const response = struct({
  throttleTimeMs: since(1, int32),
  errorCode: int16,
  protocolType: since(5, nullableString),
  protocolName: since(5, nullableString),
  assignment: bytes,
});

export const syncGroup = defineApi({
  key: 14,
  name: "SyncGroup",
  versions: [0, 5],
  flexibleFrom: 4,
  request,
  response,
  async handle({ groupId, assignments, ...member }, { broker, signal }) {
    // Copies, for these outlive the request.
    const owned = assignments.map(({ memberId, assignment }) => [memberId, Buffer.from(assignment)] as const);
    const reply =
      groupId === ""
        ? syncError(ErrorCode.INVALID_GROUP_ID)
        : await broker.groups.sync(groupId, { ...member, assignments: new Map(owned) }, signal);
    return reply && { throttleTimeMs: 0, ...reply };
  },
});
