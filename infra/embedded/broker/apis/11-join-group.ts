import {
  array,
  boolean,
  bytes,
  int16,
  int32,
  nullableString,
  since,
  string,
  struct,
} from "../../wire/schema.ts";
import { defineApi } from "../define-api.ts";
import { ErrorCode } from "../errors.ts";
import { joinError } from "../groups/transition.ts";

/*
 * 11 JoinGroup: makes a member part of the next generation; answered when that is formed (see groups/join.ts). The
 * leader gets the list of members.
 * v1 adds rebalance_timeout_ms (before: the session's), v2 throttle_time_ms; from v4 on a new member is given its id
 * first (MEMBER_ID_REQUIRED); v5 adds static members; v6 is flexible; v7 adds protocol_type; v8 a reason; v9
 * skip_assignment.
 */
const request = struct({
  groupId: string,
  sessionTimeoutMs: int32,
  rebalanceTimeoutMs: since(1, int32, -1),
  memberId: string,
  groupInstanceId: since(5, nullableString),
  protocolType: string,
  protocols: array(struct({ name: string, metadata: bytes })),
  reason: since(8, nullableString),
});

const response = struct({
  throttleTimeMs: since(2, int32),
  errorCode: int16,
  generationId: int32,
  protocolType: since(7, nullableString),
  /** Nullable from v7 on. */
  protocolName: nullableString,
  leaderId: string,
  skipAssignment: since(9, boolean),
  memberId: string,
  members: array(struct({ memberId: string, groupInstanceId: since(5, nullableString), metadata: bytes })),
});

export const joinGroup = defineApi({
  key: 11,
  name: "JoinGroup",
  versions: [0, 9],
  flexibleFrom: 6,
  request,
  response,
  async handle(request, { apiVersion, broker, clientHost, clientId, signal }) {
    const { groupId, memberId, groupInstanceId, sessionTimeoutMs, rebalanceTimeoutMs, protocolType } =
      request;
    const reply =
      groupId === ""
        ? joinError(ErrorCode.INVALID_GROUP_ID, memberId)
        : await broker.groups.join(
            groupId,
            {
              memberId,
              groupInstanceId,
              clientId: clientId ?? "",
              clientHost: `/${clientHost}`,
              sessionTimeoutMs,
              rebalanceTimeoutMs: rebalanceTimeoutMs < 0 ? sessionTimeoutMs : rebalanceTimeoutMs,
              protocolType,
              // Copies, for these outlive the request.
              protocols: request.protocols.map(({ name, metadata }) => ({
                name,
                metadata: Buffer.from(metadata),
              })),
              requireKnownMemberId: apiVersion >= 4,
              supportsSkippingAssignment: apiVersion >= 9,
            },
            signal,
          );
    if (!reply) return null;
    return { throttleTimeMs: 0, ...reply, protocolName: reply.protocolName ?? (apiVersion < 7 ? "" : null) };
  },
});
