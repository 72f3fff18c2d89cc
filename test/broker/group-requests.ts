/** Raw requests of group members, in the versions that kafkajs speaks. */
import type { RawConnection } from "./raw-connection.ts";
import { Writer } from "./wire.ts";

/** What a member says about itself in each request. */
export interface Membership {
  readonly groupId: string;
  readonly generation: number;
  readonly memberId: string;
}

interface JoinOptions {
  readonly memberId?: string;
  readonly protocol?: string;
  readonly metadata?: string;
  readonly sessionTimeoutMs?: number;
  readonly rebalanceTimeoutMs?: number;
}

/** JoinGroup v5 of a consumer with one protocol. */
export async function join(connection: RawConnection, groupId: string, options: JoinOptions = {}) {
  const { memberId = "", protocol = "range", metadata = "" } = options;
  const { sessionTimeoutMs = 30_000, rebalanceTimeoutMs = 60_000 } = options;
  const body = new Writer().string(groupId).int32(sessionTimeoutMs).int32(rebalanceTimeoutMs);
  body.string(memberId).string(null).string("consumer");
  body.array([protocol], (name) => body.string(name).bytes(Buffer.from(metadata)));
  const response = await connection.request(11, 5, body);
  response.int32(); // throttle time
  const [error, generation, chosen] = [response.int16(), response.int32(), response.string()];
  const [leader, id] = [response.string() ?? "", response.string() ?? ""];
  const members = response.array(() => {
    const member = response.string() ?? "";
    response.string(); // instance id
    return { memberId: member, metadata: String(response.bytes()) };
  });
  return { groupId, error, generation, protocol: chosen, leader, memberId: id, members };
}

/** Joins as kafkajs does: a first request to be given a member id, a second one to join with it. */
export async function joinAsNew(connection: RawConnection, groupId: string, options: JoinOptions = {}) {
  const { memberId } = await join(connection, groupId, options);
  return join(connection, groupId, { ...options, memberId });
}

/** SyncGroup v3; `assignments` by member id, from the leader only. */
export async function sync(
  connection: RawConnection,
  member: Membership,
  assignments: Readonly<Record<string, string>> = {},
) {
  const body = new Writer()
    .string(member.groupId)
    .int32(member.generation)
    .string(member.memberId)
    .string(null);
  body.array(Object.entries(assignments), ([id, assignment]) =>
    body.string(id).bytes(Buffer.from(assignment)),
  );
  const response = await connection.request(14, 3, body);
  response.int32(); // throttle time
  return { error: response.int16(), assignment: String(response.bytes() ?? "") };
}

/** Heartbeat v3: the error code. */
export async function heartbeat(connection: RawConnection, member: Membership): Promise<number> {
  const body = new Writer()
    .string(member.groupId)
    .int32(member.generation)
    .string(member.memberId)
    .string(null);
  const response = await connection.request(12, 3, body);
  response.int32(); // throttle time
  return response.int16();
}

/** LeaveGroup v3: the member's error code. */
export async function leave(connection: RawConnection, { groupId, memberId }: Membership): Promise<number> {
  const body = new Writer().string(groupId);
  const response = await connection.request(
    13,
    3,
    body.array([memberId], (id) => body.string(id).string(null)),
  );
  response.int32(); // throttle time
  const error = response.int16();
  const members = response.array(() => [response.string(), response.string(), response.int16()] as const);
  return error || members[0]![2];
}

/** A commit from outside a group: allowed while it has no members. */
export const NO_MEMBER = { generation: -1, memberId: "" } as const;

/** OffsetCommit v5 of one partition: its error code. */
export async function commit(
  connection: RawConnection,
  member: Membership,
  topic: string,
  offset: number,
  metadata: string | null = null,
): Promise<number> {
  const body = new Writer().string(member.groupId).int32(member.generation).string(member.memberId);
  body.array([topic], (name) =>
    body.string(name).array([0], (p) => body.int32(p).int64(offset).string(metadata)),
  );
  const response = await connection.request(8, 5, body);
  response.int32(); // throttle time
  const topics = response.array(() => {
    response.string();
    return response.array(() => [response.int32(), response.int16()] as const);
  });
  return topics[0]![0]![1];
}

/** OffsetFetch v4 of one partition. */
export async function committed(connection: RawConnection, groupId: string, topic: string) {
  const body = new Writer().string(groupId);
  body.array([topic], (name) => body.string(name).array([0], (p) => body.int32(p)));
  const response = await connection.request(9, 4, body);
  response.int32(); // throttle time
  const topics = response.array(() => {
    response.string();
    return response.array(() => {
      response.int32();
      return { offset: response.int64(), metadata: response.string(), error: response.int16() };
    });
  });
  return topics[0]![0]!;
}
