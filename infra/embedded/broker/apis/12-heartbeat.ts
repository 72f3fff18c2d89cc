import { int16, int32, nullableString, since, string, struct } from "../../wire/schema.ts";
import { defineApi } from "../define-api.ts";
import { ErrorCode } from "../errors.ts";

/*
 * 12 Heartbeat: a member says that it lives, and learns with REBALANCE_IN_PROGRESS that it has to join again.
 * v1 adds throttle_time_ms, v3 static members, v4 is flexible.
 */
const request = struct({
  groupId: string,
  generationId: int32,
  memberId: string,
  groupInstanceId: since(3, nullableString),
});

const response = struct({ throttleTimeMs: since(1, int32), errorCode: int16 });

export const heartbeat = defineApi({
  key: 12,
  name: "Heartbeat",
  versions: [0, 4],
  flexibleFrom: 4,
  request,
  response,
  async handle({ groupId, ...member }, { broker }) {
    const errorCode =
      groupId === "" ? ErrorCode.INVALID_GROUP_ID : await broker.groups.heartbeat(groupId, member);
    return { throttleTimeMs: 0, errorCode };
  },
});
