import { Reader } from "../../wire/reader.ts";
import {
  array,
  bytes,
  int16,
  int32,
  int64,
  nullableString,
  string,
  struct,
  type Type,
} from "../../wire/schema.ts";
import { Writer } from "../../wire/writer.ts";
import type { GroupSnapshot } from "./group.ts";

/**
 * The records of `__consumer_offsets`, in Kafka's own formats, so that its tools can read them. Keys and values begin
 * with their version, as int16. A null value deletes.
 *
 *     offset key v1    group topic partition:int32          value v3  offset:int64 leaderEpoch:int32 metadata commitTimestamp:int64
 *     group key v2     group                                value v3  protocolType generation:int32 protocol? leader?
 *                                                                     currentStateTimestamp:int64 [member]
 *     member  memberId groupInstanceId? clientId clientHost rebalanceTimeout:int32 sessionTimeout:int32
 *             subscription:bytes assignment:bytes
 */

export interface CommittedOffset {
  /** As committed: −1 and −2 are kept too. */
  offset: number;
  /** −1: not known. */
  leaderEpoch: number;
  metadata: string;
  /** ms since 1970 */
  commitTimestamp: number;
}

export type OffsetRecord =
  | { kind: "offset"; group: string; topic: string; partition: number; value: CommittedOffset | null }
  | { kind: "group"; group: string; value: GroupSnapshot | null };

const OFFSET_KEY_VERSION = 1;
const GROUP_KEY_VERSION = 2;
const VALUE_VERSION = 3;

const offsetKey = struct({ version: int16, group: string, topic: string, partition: int32 });
const groupKey = struct({ version: int16, group: string });
const offsetValue = struct({
  version: int16,
  offset: int64,
  leaderEpoch: int32,
  metadata: string,
  commitTimestamp: int64,
});
const groupValue = struct({
  version: int16,
  protocolType: string,
  generationId: int32,
  protocolName: nullableString,
  leaderId: nullableString,
  stateSinceMs: int64,
  members: array(
    struct({
      memberId: string,
      groupInstanceId: nullableString,
      clientId: string,
      clientHost: string,
      rebalanceTimeoutMs: int32,
      sessionTimeoutMs: int32,
      subscription: bytes,
      assignment: bytes,
    }),
  ),
});

export function encodeOffsetRecord(record: OffsetRecord): { key: Buffer; value: Buffer | null } {
  const { group, value } = record;
  if (record.kind === "offset") {
    const { topic, partition } = record;
    const key = encode(offsetKey, { version: OFFSET_KEY_VERSION, group, topic, partition });
    return { key, value: record.value && encode(offsetValue, { version: VALUE_VERSION, ...record.value }) };
  }
  const key = encode(groupKey, { version: GROUP_KEY_VERSION, group });
  return { key, value: value && encode(groupValue, { version: VALUE_VERSION, ...record.value! }) };
}

/**
 * Null for a key of another kind (Kafka ignores those too).
 * @throws ProtocolError for bytes that are cut short, RangeError for a value version other than 3
 */
export function decodeOffsetRecord(key: Buffer, value: Buffer | null): OffsetRecord | null {
  const version = decode(int16, key);
  if (version === 0 || version === OFFSET_KEY_VERSION) {
    const { group, topic, partition } = decode(offsetKey, key);
    return { kind: "offset", group, topic, partition, value: value && decodeOffset(value) };
  }
  if (version !== GROUP_KEY_VERSION) return null;
  const { group } = decode(groupKey, key);
  return { kind: "group", group, value: value && decodeGroup(group, value) };
}

function decodeOffset(value: Buffer): CommittedOffset {
  expectVersion(value);
  const { offset, leaderEpoch, metadata, commitTimestamp } = decode(offsetValue, value);
  return { offset, leaderEpoch, metadata, commitTimestamp };
}

function decodeGroup(groupId: string, value: Buffer): GroupSnapshot {
  expectVersion(value);
  const { version: _, members, ...group } = decode(groupValue, value);
  // Copies, for these are kept and the rest of the log is not.
  const owned = members.map((member) => ({
    ...member,
    subscription: Buffer.from(member.subscription),
    assignment: Buffer.from(member.assignment),
  }));
  return { groupId, ...group, members: owned };
}

function expectVersion(value: Buffer): void {
  const version = decode(int16, value);
  if (version !== VALUE_VERSION)
    throw new RangeError(`Expected a value of version ${VALUE_VERSION}, got ${version}`);
}

function encode<T>(type: Type<T>, value: T): Buffer {
  const writer = new Writer(128);
  type.write(writer, value, 0, false);
  return Buffer.concat(writer.finish());
}

function decode<T>(type: Type<T>, buffer: Buffer): T {
  return type.read(new Reader(buffer), 0, false);
}
