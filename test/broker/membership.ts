import { describe, expect, it } from "vitest";
import { type BrokerUnderTest, unique } from "./broker-under-test.ts";
import { commit, committed, heartbeat, join, joinAsNew, leave, NO_MEMBER, sync } from "./group-requests.ts";
import { Code } from "./log-requests.ts";

/** A subscription to nothing, with user data: Kafka 3.6 never answers a consumer that sends anything else. */
const ABOUT_ME = "\0\0\0\0\0\0\0\0\0\x08about me";

export function membershipBehaviours(broker: BrokerUnderTest): void {
  describe("a group member", () => {
    it("is given an id first, and joins with it", async () => {
      const connection = await broker.connect();
      const groupId = unique("group");
      const first = await join(connection, groupId);
      expect(first).toMatchObject({ error: Code.MEMBER_ID_REQUIRED });
      expect(first.memberId).not.toBe("");
      const { memberId } = first;
      const joined = await join(connection, groupId, { memberId, metadata: ABOUT_ME });
      expect(joined).toMatchObject({
        error: Code.NONE,
        generation: 1,
        protocol: "range",
        leader: memberId,
        memberId,
      });
      expect(joined.members).toEqual([{ memberId, metadata: ABOUT_ME }]);
    });

    it("gets its assignment from the leader as it is, or an empty one when the leader left it out", async () => {
      const groupId = unique("group");
      const { a, b, connections } = await pairOf(groupId);
      const [leader, follower] = a.leader === a.memberId ? [a, b] : [b, a];
      expect(leader.members.map(({ memberId }) => memberId).sort()).toEqual([a.memberId, b.memberId].sort());
      expect(follower.members).toEqual([]); // only the leader is told who is there
      const assigned = { [leader.memberId]: "all of it" };
      const [ofLeader, ofFollower] = await Promise.all([
        sync(connections.get(leader)!, leader, assigned),
        sync(connections.get(follower)!, follower),
      ]);
      expect(ofLeader).toEqual({ error: Code.NONE, assignment: "all of it" });
      expect(ofFollower).toEqual({ error: Code.NONE, assignment: "" });
      expect(await heartbeat(connections.get(follower)!, follower)).toBe(Code.NONE);
    });

    it("learns of a rebalance by its heartbeat, and its old generation is refused after it", async () => {
      const groupId = unique("group");
      const topic = await broker.createTopic();
      const [ca, cb] = [await broker.connect(), await broker.connect()];
      const a = await joinAsNew(ca, groupId);
      await sync(ca, a, { [a.memberId]: "" });
      expect(await heartbeat(ca, a)).toBe(Code.NONE);
      const { memberId } = await join(cb, groupId);
      const joining = join(cb, groupId, { memberId }); // waits for the other
      await untilRebalancing(() => heartbeat(ca, a));
      // What was done before the rebalance may still be committed.
      expect(await commit(ca, a, topic, 1)).toBe(Code.NONE);
      const again = await join(ca, groupId, { memberId: a.memberId });
      expect(again.generation).toBe(a.generation + 1);
      expect((await joining).generation).toBe(again.generation);
      expect(await heartbeat(ca, a)).toBe(Code.ILLEGAL_GENERATION);
      expect(await commit(ca, a, topic, 5)).toBe(Code.ILLEGAL_GENERATION);
      expect(await sync(ca, a, {})).toMatchObject({ error: Code.ILLEGAL_GENERATION });
      expect(await committed(ca, groupId, topic)).toMatchObject({ offset: 1 });
    });

    it("that is silent is left behind when the others have joined, and its commits are refused", async () => {
      const groupId = unique("group");
      const topic = await broker.createTopic();
      const [ca, cb] = [await broker.connect(), await broker.connect()];
      const silent = await joinAsNew(ca, groupId, { rebalanceTimeoutMs: 500 });
      await sync(ca, silent, { [silent.memberId]: "" });
      const other = await joinAsNew(cb, groupId, { rebalanceTimeoutMs: 500 });
      expect(other).toMatchObject({ error: Code.NONE, leader: other.memberId });
      expect(other.members).toHaveLength(1);
      expect(await heartbeat(ca, silent)).toBe(Code.UNKNOWN_MEMBER_ID);
      expect(await commit(ca, silent, topic, 9)).toBe(Code.UNKNOWN_MEMBER_ID);
      expect(await committed(cb, groupId, topic)).toMatchObject({ offset: -1 });
    });

    it("that leaves makes the others rebalance at once", async () => {
      const groupId = unique("group");
      const { a, b, connections } = await pairOf(groupId);
      await Promise.all([sync(connections.get(a)!, a, {}), sync(connections.get(b)!, b, {})]);
      expect(await leave(connections.get(b)!, b)).toBe(Code.NONE);
      expect(await heartbeat(connections.get(a)!, a)).toBe(Code.REBALANCE_IN_PROGRESS);
      expect(await heartbeat(connections.get(b)!, b)).toBe(Code.UNKNOWN_MEMBER_ID);
      expect(await leave(connections.get(b)!, b)).toBe(Code.UNKNOWN_MEMBER_ID);
      const alone = await join(connections.get(a)!, groupId, { memberId: a.memberId });
      expect(alone.members.map(({ memberId }) => memberId)).toEqual([a.memberId]);
    });

    it("is refused when it is unknown, has no protocol in common, or a session too short", async () => {
      const connection = await broker.connect();
      const groupId = unique("group");
      expect(await join(connection, groupId, { memberId: "nobody" })).toMatchObject({
        error: Code.UNKNOWN_MEMBER_ID,
      });
      expect(await join(connection, groupId, { sessionTimeoutMs: 1 })).toMatchObject({
        error: Code.INVALID_SESSION_TIMEOUT,
      });
      const a = await joinAsNew(connection, groupId, { protocol: "range" });
      expect(await join(await broker.connect(), groupId, { protocol: "other" })).toMatchObject({
        error: Code.INCONSISTENT_GROUP_PROTOCOL,
      });
      expect(await heartbeat(connection, { ...a, memberId: "nobody" })).toBe(Code.UNKNOWN_MEMBER_ID);
    });

    /** Two members of one generation that have joined and not yet synced. */
    async function pairOf(groupId: string) {
      const [ca, cb] = [await broker.connect(), await broker.connect()];
      const first = await joinAsNew(ca, groupId);
      const { memberId } = await join(cb, groupId);
      const joining = join(cb, groupId, { memberId });
      await sync(ca, first, {});
      await untilRebalancing(() => heartbeat(ca, first));
      const [a, b] = await Promise.all([join(ca, groupId, { memberId: first.memberId }), joining]);
      return {
        a,
        b,
        connections: new Map([
          [a, ca],
          [b, cb],
        ]),
      };
    }
  });

  describe("offset commit and fetch", () => {
    it("of a group that never committed has none", async () => {
      const topic = await broker.createTopic();
      expect(await committed(await broker.connect(), unique("group"), topic)).toMatchObject({
        offset: -1,
        error: Code.NONE,
      });
    });

    it("keeps the last offset and its metadata, backwards too", async () => {
      const topic = await broker.createTopic();
      const connection = await broker.connect();
      const nobody = { groupId: unique("group"), ...NO_MEMBER };
      expect(await commit(connection, nobody, topic, 12, "note")).toBe(Code.NONE);
      expect(await committed(connection, nobody.groupId, topic)).toMatchObject({
        offset: 12,
        metadata: "note",
      });
      expect(await commit(connection, nobody, topic, 3)).toBe(Code.NONE);
      expect(await committed(connection, nobody.groupId, topic)).toMatchObject({ offset: 3, metadata: "" });
    });

    it("refuses metadata beyond 4,096 bytes", async () => {
      const topic = await broker.createTopic();
      const connection = await broker.connect();
      const nobody = { groupId: unique("group"), ...NO_MEMBER };
      const code = await commit(connection, nobody, topic, 1, "m".repeat(4097));
      expect(code).toBe(Code.OFFSET_METADATA_TOO_LARGE);
      expect(await committed(connection, nobody.groupId, topic)).toMatchObject({ offset: -1 });
    });

    it("refuses a commit from outside while the group has members", async () => {
      const topic = await broker.createTopic();
      const connection = await broker.connect();
      const groupId = unique("group");
      const a = await joinAsNew(connection, groupId);
      await sync(connection, a, { [a.memberId]: "" });
      expect(await commit(connection, { groupId, ...NO_MEMBER }, topic, 1)).toBe(Code.UNKNOWN_MEMBER_ID);
      expect(await commit(connection, a, topic, 2)).toBe(Code.NONE);
      expect(await leave(connection, a)).toBe(Code.NONE);
      expect(await commit(connection, { groupId, ...NO_MEMBER }, topic, 3)).toBe(Code.NONE);
      expect(await committed(connection, groupId, topic)).toMatchObject({ offset: 3 });
    });
  });
}

/** A second member's join travels on a connection of its own: asks until the broker has seen it. */
async function untilRebalancing(ask: () => Promise<number>): Promise<void> {
  for (;;) {
    const code = await ask();
    if (code === Code.REBALANCE_IN_PROGRESS) return;
    if (code !== Code.NONE) throw new Error(`Expected error 0 or 27, got ${code}`);
  }
}
