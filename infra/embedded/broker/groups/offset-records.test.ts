import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ProtocolError } from "../../wire/protocol-error.ts";
import { decodeOffsetRecord, encodeOffsetRecord, type OffsetRecord } from "./offset-records.ts";

const hex = (buffer: Buffer | null) => buffer?.toString("hex") ?? null;
const joined = (...parts: string[]) => parts.join("");

describe("records of __consumer_offsets", () => {
  it("hold an offset as Kafka's key v1 and value v3", () => {
    const { key, value } = encodeOffsetRecord({
      kind: "offset",
      group: "g1",
      topic: "t",
      partition: 2,
      value: { offset: 258, leaderEpoch: -1, metadata: "m", commitTimestamp: 1_700_000_000_000 },
    });
    expect(hex(key)).toBe(joined("0001", "00026731", "000174", "00000002"));
    expect(hex(value)).toBe(joined("0003", "0000000000000102", "ffffffff", "00016d", "0000018bcfe56800"));
  });

  it("hold a group as Kafka's key v2 and value v3", () => {
    const { key, value } = encodeOffsetRecord({
      kind: "group",
      group: "g",
      value: {
        groupId: "g",
        protocolType: "consumer",
        generationId: 7,
        protocolName: "range",
        leaderId: "a",
        stateSinceMs: 1_700_000_000_000,
        members: [
          {
            memberId: "a",
            groupInstanceId: null,
            clientId: "c",
            clientHost: "/h",
            rebalanceTimeoutMs: 60_000,
            sessionTimeoutMs: 10_000,
            subscription: Buffer.from([1, 2]),
            assignment: Buffer.from([3]),
          },
        ],
      },
    });
    expect(hex(key)).toBe(joined("0002", "000167"));
    const head = joined(
      "0003",
      "0008636f6e73756d6572",
      "00000007",
      "000572616e6765",
      "000161",
      "0000018bcfe56800",
    );
    const member = joined(
      "000161",
      "ffff",
      "000163",
      "00022f68",
      "0000ea60",
      "00002710",
      "000000020102",
      "0000000103",
    );
    expect(hex(value)).toBe(joined(head, "00000001", member));
  });

  it("delete with a null value", () => {
    const offset: OffsetRecord = { kind: "offset", group: "g", topic: "t", partition: 0, value: null };
    const group: OffsetRecord = { kind: "group", group: "g", value: null };
    for (const record of [offset, group]) {
      const { key, value } = encodeOffsetRecord(record);
      expect(value).toBeNull();
      expect(decodeOffsetRecord(key, value)).toEqual(record);
    }
  });

  it("read back as what they were", () => {
    const name = fc.string();
    const ms = fc.nat();
    const bytes = fc.uint8Array().map((array) => Buffer.from(array));
    const offset = fc.record({
      kind: fc.constant("offset" as const),
      group: name,
      topic: name,
      partition: fc.nat(),
      value: fc.record({
        offset: fc.maxSafeInteger(),
        leaderEpoch: fc.integer({ min: -1, max: 9 }),
        metadata: name,
        commitTimestamp: fc.maxSafeNat(),
      }),
    });
    const member = fc.record({
      memberId: name,
      groupInstanceId: fc.option(name),
      clientId: name,
      clientHost: name,
      rebalanceTimeoutMs: ms,
      sessionTimeoutMs: ms,
      subscription: bytes,
      assignment: bytes,
    });
    const snapshot = fc.record({
      groupId: name,
      protocolType: name,
      generationId: fc.nat(),
      protocolName: fc.option(name),
      leaderId: fc.option(name),
      stateSinceMs: fc.maxSafeNat(),
      members: fc.array(member),
    });
    const group = snapshot.map((value) => ({ kind: "group" as const, group: value.groupId, value }));
    fc.assert(
      fc.property(fc.oneof(offset, group), (record: OffsetRecord) => {
        const { key, value } = encodeOffsetRecord(record);
        expect(decodeOffsetRecord(key, value)).toEqual(record);
      }),
    );
  });

  it("of another kind are passed over", () => {
    expect(decodeOffsetRecord(Buffer.from("000300016700", "hex"), Buffer.alloc(0))).toBeNull();
  });

  it("that are cut short, or of another version, are refused", () => {
    const record: OffsetRecord = {
      kind: "offset",
      group: "g",
      topic: "t",
      partition: 0,
      value: { offset: 1, leaderEpoch: -1, metadata: "", commitTimestamp: 1 },
    };
    const { key, value } = encodeOffsetRecord(record);
    expect(() => decodeOffsetRecord(key.subarray(0, -1), value)).toThrow(ProtocolError);
    expect(() => decodeOffsetRecord(key, value!.subarray(0, -1))).toThrow(ProtocolError);
    value!.writeInt16BE(9, 0);
    expect(() => decodeOffsetRecord(key, value)).toThrow("Expected a value of version 3, got 9");
  });
});
