import { array, int16, int32, nullableString, since, string, struct, versions } from "../../wire/schema.ts";
import { defineApi } from "../define-api.ts";
import { ErrorCode } from "../errors.ts";

/*
 * 13 LeaveGroup: members leave, or an admin removes static ones by their instance id (member_id empty).
 * v1 adds throttle_time_ms; v3 takes several members, each with its own error; v4 is flexible; v5 adds a reason.
 */
const request = struct({
  groupId: string,
  memberId: versions(0, 2, string),
  members: since(
    3,
    array(struct({ memberId: string, groupInstanceId: nullableString, reason: since(5, nullableString) })),
  ),
});

const response = struct({
  throttleTimeMs: since(1, int32),
  errorCode: int16,
  members: since(3, array(struct({ memberId: string, groupInstanceId: nullableString, errorCode: int16 }))),
});

export const leaveGroup = defineApi({
  key: 13,
  name: "LeaveGroup",
  versions: [0, 5],
  flexibleFrom: 4,
  request,
  response,
  async handle({ groupId, memberId, members }, { apiVersion, broker }) {
    if (groupId === "") return { throttleTimeMs: 0, errorCode: ErrorCode.INVALID_GROUP_ID, members: [] };
    const leaving = apiVersion < 3 ? [{ memberId, groupInstanceId: null }] : members;
    const left = await broker.groups.leave(groupId, leaving);
    const errorCode = apiVersion < 3 ? left[0]!.errorCode : ErrorCode.NONE;
    return { throttleTimeMs: 0, errorCode, members: left };
  },
});
