import {
  array,
  boolean,
  bytes,
  type Infer,
  int16,
  int32,
  nullableString,
  since,
  string,
  struct,
} from "../../wire/schema.ts";
import { defineApi } from "../define-api.ts";
import { ErrorCode } from "../errors.ts";
import { type Group, metadataOf, noBytes } from "../groups/group.ts";

/*
 * 15 DescribeGroups: state and members. A group that is not there is described as Dead, without an error. Protocol,
 * metadata and assignments are told of stable groups only.
 * v1 adds throttle_time_ms, v3 authorized operations (all, when asked for: nobody is authorized here), v4 static
 * members, v5 is flexible.
 */
const NOT_ASKED = -(2 ** 31);
/** Bits of READ, DELETE and DESCRIBE. */
const ALL_OPERATIONS = (1 << 3) | (1 << 6) | (1 << 8);

const request = struct({ groups: array(string), includeAuthorizedOperations: since(3, boolean) });

const describedGroup = struct({
  errorCode: int16,
  groupId: string,
  state: string,
  protocolType: string,
  protocol: string,
  members: array(
    struct({
      memberId: string,
      groupInstanceId: since(4, nullableString),
      clientId: string,
      clientHost: string,
      metadata: bytes,
      assignment: bytes,
    }),
  ),
  authorizedOperations: since(3, int32, NOT_ASKED),
});

const response = struct({ throttleTimeMs: since(1, int32), groups: array(describedGroup) });

export const describeGroups = defineApi({
  key: 15,
  name: "DescribeGroups",
  versions: [0, 5],
  flexibleFrom: 5,
  request,
  response,
  handle({ groups, includeAuthorizedOperations }, { broker }) {
    const authorizedOperations = includeAuthorizedOperations ? ALL_OPERATIONS : NOT_ASKED;
    return {
      throttleTimeMs: 0,
      groups: groups.map((groupId) => {
        return { ...describe(groupId, broker.groups.describe(groupId)), authorizedOperations };
      }),
    };
  },
});

function describe(
  groupId: string,
  group: Group | undefined,
): Omit<Infer<typeof describedGroup>, "authorizedOperations"> {
  const stable = group?.state === "Stable";
  const members = [...(group?.members.values() ?? [])].map((member) => ({
    memberId: member.memberId,
    groupInstanceId: member.groupInstanceId,
    clientId: member.clientId,
    clientHost: member.clientHost,
    metadata: group && stable ? metadataOf(group, member) : noBytes,
    assignment: stable ? member.assignment : noBytes,
  }));
  return {
    errorCode: ErrorCode.NONE,
    groupId,
    state: group?.state ?? "Dead",
    protocolType: group?.protocolType ?? "",
    protocol: (stable && group.protocolName) || "",
    members,
  };
}
