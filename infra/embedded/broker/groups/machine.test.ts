import { describe, expect, it } from "vitest";
import { ErrorCode } from "../errors.ts";
import type { JoinEvent } from "./events.ts";
import { GroupUnderTest, joinEvent } from "./testing.ts";

const range = (metadata: string) => [{ name: "range", metadata: Buffer.from(metadata) }];
const join = (g: GroupUnderTest, id: string, overrides: Partial<JoinEvent> = {}) =>
  g.ask(joinEvent({ newMemberId: id, ...overrides }));
const rejoin = (g: GroupUnderTest, id: string, overrides: Partial<JoinEvent> = {}) =>
  g.ask(joinEvent({ memberId: id, newMemberId: "unused", ...overrides }));
const sync = (g: GroupUnderTest, memberId: string, given: Record<string, string> = {}, more = {}) =>
  g.ask({
    type: "sync",
    memberId,
    groupInstanceId: null,
    generationId: g.group.generationId,
    protocolType: null,
    protocolName: null,
    assignments: new Map(Object.entries(given).map(([id, bytes]) => [id, Buffer.from(bytes)])),
    ...more,
  });
const heartbeat = (g: GroupUnderTest, memberId: string, more = {}) =>
  g.ask({
    type: "heartbeat",
    memberId,
    groupInstanceId: null,
    generationId: g.group.generationId,
    ...more,
  })();
const commit = (g: GroupUnderTest, memberId: string, generationId = g.group.generationId, more = {}) =>
  g.ask({ type: "commit", memberId, groupInstanceId: null, generationId, transactional: false, ...more })();
const leave = (g: GroupUnderTest, ...ids: string[]) =>
  g.ask({ type: "leave", members: ids.map((memberId) => ({ memberId, groupInstanceId: null })) })();

/** A stable group of these members, the first its leader. */
function stable(...ids: string[]): GroupUnderTest {
  const g = new GroupUnderTest();
  join(g, ids[0]!);
  for (const id of ids.slice(1)) join(g, id);
  if (ids.length > 1) rejoin(g, ids[0]!);
  const given = Object.fromEntries(ids.map((id) => [id, `for ${id}`]));
  for (const id of ids) sync(g, id, id === ids[0] ? given : {});
  expect(g.group).toMatchObject({ state: "Stable", leaderId: ids[0] });
  expect([...g.group.members.keys()].sort()).toEqual([...ids].sort());
  return g;
}

describe("joining", () => {
  it("makes the first member leader of generation 1 at once, with the list of members", () => {
    const g = new GroupUnderTest();
    expect(join(g, "a")()).toMatchObject({
      errorCode: 0,
      generationId: 1,
      protocolType: "consumer",
      protocolName: "range",
      leaderId: "a",
      memberId: "a",
      members: [{ memberId: "a", groupInstanceId: null, metadata: Buffer.from("topics") }],
    });
    expect(g.group.state).toBe("CompletingRebalance");
  });

  it("tells a new dynamic member its id first where the client can wait for that (v4)", () => {
    const g = new GroupUnderTest();
    const first = join(g, "a", { requireKnownMemberId: true })();
    expect(first).toMatchObject({ errorCode: ErrorCode.MEMBER_ID_REQUIRED, memberId: "a", generationId: -1 });
    expect(g.group.state).toBe("Empty");
    expect(rejoin(g, "a", { requireKnownMemberId: true })()).toMatchObject({ errorCode: 0, memberId: "a" });
  });

  it("waits for members that have been told their id, so that consumers that start together share a generation", () => {
    const g = new GroupUnderTest();
    join(g, "a", { requireKnownMemberId: true });
    join(g, "b", { requireKnownMemberId: true });
    const a = rejoin(g, "a", { requireKnownMemberId: true });
    expect(a()).toBeUndefined();
    const b = rejoin(g, "b", { requireKnownMemberId: true });
    expect(a()).toMatchObject({
      generationId: 1,
      leaderId: "a",
      members: [{ memberId: "a" }, { memberId: "b" }],
    });
    expect(b()).toMatchObject({ generationId: 1, leaderId: "a", members: [] });
  });

  it("does not wait longer than 3 s for one that never uses the id it was told", () => {
    const g = new GroupUnderTest();
    join(g, "lost", { requireKnownMemberId: true });
    const a = join(g, "a");
    g.wait(2_999);
    expect(a()).toBeUndefined();
    g.wait(1);
    expect(a()).toMatchObject({ errorCode: 0, generationId: 1 });
  });

  it("takes back an id that is not used within the session timeout", () => {
    const g = new GroupUnderTest();
    join(g, "a", { requireKnownMemberId: true });
    g.wait(10_000);
    expect(rejoin(g, "a")()).toMatchObject({ errorCode: ErrorCode.UNKNOWN_MEMBER_ID });
  });

  it("refuses an id that it has not given out", () => {
    const reply = rejoin(new GroupUnderTest(), "stranger")();
    expect(reply).toMatchObject({ errorCode: ErrorCode.UNKNOWN_MEMBER_ID, memberId: "stranger" });
  });

  it.each([5_999, 1_800_001])("refuses a session timeout of %i ms", (sessionTimeoutMs) => {
    const reply = join(new GroupUnderTest(), "a", { sessionTimeoutMs })();
    expect(reply).toMatchObject({ errorCode: ErrorCode.INVALID_SESSION_TIMEOUT });
  });

  it("refuses a member without a protocol in common, or of another protocol type", () => {
    const g = stable("a");
    const code = ErrorCode.INCONSISTENT_GROUP_PROTOCOL;
    const other = [{ name: "sticky", metadata: Buffer.alloc(0) }];
    expect(join(g, "b", { protocols: other })()).toMatchObject({ errorCode: code });
    expect(join(g, "b", { protocolType: "connect" })()).toMatchObject({ errorCode: code });
    expect(join(new GroupUnderTest(), "b", { protocols: [] })()).toMatchObject({ errorCode: code });
    expect(g.group.members.size).toBe(1);
  });

  it("counts those that were given an id and have not joined towards the largest size", () => {
    const g = stable("a", "b", "c", "d");
    const known = { requireKnownMemberId: true, groupInstanceId: null };
    expect(join(g, "e", known)()).toMatchObject({ errorCode: ErrorCode.MEMBER_ID_REQUIRED });
    expect(join(g, "f", known)()).toMatchObject({ errorCode: ErrorCode.GROUP_MAX_SIZE_REACHED });
  });

  it("refuses a member beyond the largest size, but not one that is in", () => {
    const g = stable("a", "b", "c", "d", "e");
    expect(join(g, "f")()).toMatchObject({ errorCode: ErrorCode.GROUP_MAX_SIZE_REACHED });
    expect(rejoin(g, "b")()).toMatchObject({ errorCode: 0 });
  });

  it("chooses the protocol that most members prefer among those that all support", () => {
    const g = stable("a");
    const named = (...names: string[]) => names.map((name) => ({ name, metadata: Buffer.from(name) }));
    join(g, "b", { protocols: named("sticky", "range", "odd") });
    join(g, "c", { protocols: named("sticky", "range") });
    const a = rejoin(g, "a", { protocols: named("range", "sticky") });
    expect(a()).toMatchObject({
      protocolName: "sticky",
      members: [{ metadata: Buffer.from("sticky") }, {}, {}],
    });
  });

  it("answers the later of two requests of one member, and tells the earlier to come again", () => {
    const g = stable("a", "b");
    const first = join(g, "c");
    const again = rejoin(g, "c");
    expect(first()).toMatchObject({ errorCode: ErrorCode.REBALANCE_IN_PROGRESS });
    rejoin(g, "a");
    rejoin(g, "b");
    expect(again()).toMatchObject({ errorCode: 0, memberId: "c" });
  });
});

describe("a rebalance", () => {
  it("begins when a member comes, and ends when all have joined again", () => {
    const g = stable("a");
    const b = join(g, "b");
    expect(g.group.state).toBe("PreparingRebalance");
    expect(b()).toBeUndefined();
    expect(heartbeat(g, "a")).toMatchObject({ errorCode: ErrorCode.REBALANCE_IN_PROGRESS });
    const a = rejoin(g, "a");
    expect(a()).toMatchObject({ generationId: 2, leaderId: "a" });
    expect(b()).toMatchObject({ generationId: 2, leaderId: "a", members: [] });
  });

  it("begins when the leader joins again", () => {
    const g = stable("a", "b");
    const a = rejoin(g, "a");
    expect(a()).toBeUndefined();
    expect(g.group.state).toBe("PreparingRebalance");
  });

  it("begins when a follower changes what it says, not when it says the same", () => {
    const g = stable("a", "b");
    const generationId = g.group.generationId;
    expect(rejoin(g, "b")()).toMatchObject({ errorCode: 0, generationId, leaderId: "a", members: [] });
    expect(g.group.state).toBe("Stable");
    rejoin(g, "b", { protocols: range("other topics") });
    expect(g.group.state).toBe("PreparingRebalance");
  });

  it("repeats its result to a member that lost the response, the list of members to the leader", () => {
    const g = new GroupUnderTest();
    join(g, "a");
    expect(rejoin(g, "a")()).toMatchObject({ generationId: 1, members: [{ memberId: "a" }] });
    expect(g.group.state).toBe("CompletingRebalance");
  });

  it("starts over when a member changes what it says before the assignment is there", () => {
    const g = stable("a", "b");
    rejoin(g, "a");
    rejoin(g, "b");
    const waiting = sync(g, "b");
    rejoin(g, "a", { protocols: range("other topics") });
    expect(waiting()).toMatchObject({
      errorCode: ErrorCode.REBALANCE_IN_PROGRESS,
      assignment: Buffer.alloc(0),
    });
    expect(g.group.state).toBe("PreparingRebalance");
  });

  it("goes on without dynamic members that have not joined after the longest rebalance timeout", () => {
    const g = stable("a", "b");
    const c = join(g, "c", { rebalanceTimeoutMs: 90_000 });
    for (let ms = 0; ms < 90_000; ms += 5_000) {
      expect(c()).toBeUndefined();
      heartbeat(g, "a");
      heartbeat(g, "b");
      g.wait(5_000);
    }
    expect(c()).toMatchObject({ errorCode: 0, leaderId: "c", members: [{ memberId: "c" }] });
    expect(heartbeat(g, "a")).toMatchObject({ errorCode: ErrorCode.UNKNOWN_MEMBER_ID });
  });

  it("does not wait for a member whose session ends meanwhile", () => {
    const g = stable("a", "b");
    const c = join(g, "c");
    const a = rejoin(g, "a");
    g.wait(10_000);
    expect(a()).toMatchObject({ errorCode: 0, members: [{ memberId: "a" }, { memberId: "c" }] });
    expect(c()).toMatchObject({ errorCode: 0 });
  });

  it("keeps a waiting member past its session timeout", () => {
    const g = stable("a", "b");
    const a = rejoin(g, "a");
    for (let i = 0; i < 5; i++) {
      heartbeat(g, "b");
      g.wait(8_000);
    }
    expect(a()).toBeUndefined();
    rejoin(g, "b");
    expect(a()).toMatchObject({ errorCode: 0, leaderId: "a" });
  });

  it("drops a new member whose join has waited 5 minutes", () => {
    const g = stable("a");
    const b = join(g, "b", { rebalanceTimeoutMs: 600_000 });
    for (let i = 0; i < 60; i++) {
      heartbeat(g, "a");
      g.wait(5_000);
    }
    expect(b()).toMatchObject({ errorCode: ErrorCode.UNKNOWN_MEMBER_ID });
    expect([...g.group.members.keys()]).toEqual(["a"]);
  });
});

describe("synchronizing", () => {
  it("hands out the leader's assignment once it is stored, and not before", () => {
    const g = new GroupUnderTest();
    join(g, "a", { requireKnownMemberId: true });
    join(g, "b", { requireKnownMemberId: true });
    rejoin(g, "a");
    rejoin(g, "b");
    g.storesByItself = false;
    const b = sync(g, "b");
    const a = sync(g, "a", { a: "0", b: "1" });
    expect(g.group.state).toBe("CompletingRebalance");
    expect([a(), b()]).toEqual([undefined, undefined]);
    expect(g.stores).toMatchObject([
      {
        snapshot: {
          generationId: 1,
          leaderId: "a",
          protocolName: "range",
          members: [
            { memberId: "a", assignment: Buffer.from("0"), subscription: Buffer.from("topics") },
            { memberId: "b", assignment: Buffer.from("1") },
          ],
        },
      },
    ]);
    g.finishStores();
    expect(g.group.state).toBe("Stable");
    const granted = { errorCode: 0, protocolType: "consumer", protocolName: "range" };
    expect(a()).toMatchObject({ ...granted, assignment: Buffer.from("0") });
    expect(b()).toMatchObject({ ...granted, assignment: Buffer.from("1") });
  });

  it("gives empty bytes to a member that the leader left out", () => {
    const g = new GroupUnderTest();
    join(g, "a");
    join(g, "b");
    rejoin(g, "a");
    const b = sync(g, "b");
    sync(g, "a", { a: "0" });
    expect(b()).toMatchObject({ errorCode: 0, assignment: Buffer.alloc(0) });
    expect(g.group.state).toBe("Stable");
  });

  it("answers from the current assignment when the group is stable", () => {
    expect(sync(stable("a", "b"), "b")()).toMatchObject({ errorCode: 0, assignment: Buffer.from("for b") });
  });

  it("does not let a follower assign", () => {
    const g = stable("a", "b");
    rejoin(g, "a");
    rejoin(g, "b");
    expect(sync(g, "b", { a: "mine", b: "mine" })()).toBeUndefined();
    expect(g.stores).toEqual([]);
  });

  it("refuses other generations, members and protocols", () => {
    const g = stable("a");
    const code = (reply: ReturnType<typeof sync>) => (reply() as { errorCode: number }).errorCode;
    expect(code(sync(g, "a", {}, { generationId: 7 }))).toBe(ErrorCode.ILLEGAL_GENERATION);
    expect(code(sync(g, "x"))).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
    expect(code(sync(g, "a", {}, { protocolType: "connect" }))).toBe(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
    expect(code(sync(g, "a", {}, { protocolName: "sticky" }))).toBe(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
    join(g, "b");
    expect(code(sync(g, "a"))).toBe(ErrorCode.REBALANCE_IN_PROGRESS);
  });

  it("fails for everybody, and begins anew, when the assignment cannot be stored", () => {
    const g = new GroupUnderTest();
    join(g, "a");
    g.storesByItself = false;
    const a = sync(g, "a", { a: "0" });
    g.finishStores(ErrorCode.COORDINATOR_NOT_AVAILABLE);
    expect(a()).toMatchObject({
      errorCode: ErrorCode.COORDINATOR_NOT_AVAILABLE,
      assignment: Buffer.alloc(0),
    });
    expect(g.group.state).toBe("PreparingRebalance");
  });

  it("forgets an assignment that is stored when the next rebalance has begun", () => {
    const g = new GroupUnderTest();
    join(g, "a");
    g.storesByItself = false;
    const a = sync(g, "a", { a: "0" });
    join(g, "b");
    expect(a()).toMatchObject({ errorCode: ErrorCode.REBALANCE_IN_PROGRESS });
    g.finishStores();
    expect(g.group.state).toBe("PreparingRebalance");
  });

  it("forgets an assignment of an earlier generation that is stored while a later one waits for its own", () => {
    const g = new GroupUnderTest();
    join(g, "a");
    g.storesByItself = false;
    sync(g, "a", { a: "old" });
    join(g, "b");
    rejoin(g, "a");
    expect(g.group).toMatchObject({ state: "CompletingRebalance", generationId: 2 });
    g.finishStores();
    expect(g.group.state).toBe("CompletingRebalance");
  });

  it("drops members that never ask for their assignment, and rebalances without them", () => {
    const g = stable("a", "b");
    rejoin(g, "a");
    rejoin(g, "b");
    sync(g, "a", { a: "0", b: "1" });
    expect(g.group.state).toBe("Stable");
    for (let i = 0; i < 12; i++) {
      heartbeat(g, "a");
      heartbeat(g, "b");
      g.wait(5_000);
    }
    expect(g.group.state).toBe("PreparingRebalance");
    expect([...g.group.members.keys()]).toEqual(["a"]);
  });

  it("elects another leader when the leader is gone before it has assigned", () => {
    const g = stable("a", "b");
    rejoin(g, "a");
    rejoin(g, "b");
    const b = sync(g, "b");
    g.wait(10_000);
    expect(b()).toMatchObject({ errorCode: ErrorCode.REBALANCE_IN_PROGRESS });
    expect(rejoin(g, "b")()).toMatchObject({ leaderId: "b", members: [{ memberId: "b" }] });
  });
});

describe("heartbeats", () => {
  it("keep a member past its session timeout; without them it is removed and the others rebalance", () => {
    const g = stable("a", "b");
    g.wait(9_999);
    expect(heartbeat(g, "a")).toMatchObject({ errorCode: 0 });
    g.wait(1);
    expect([...g.group.members.keys()]).toEqual(["a"]);
    expect(heartbeat(g, "a")).toMatchObject({ errorCode: ErrorCode.REBALANCE_IN_PROGRESS });
  });

  it("are taken while the assignment is awaited", () => {
    const g = new GroupUnderTest();
    join(g, "a");
    expect(heartbeat(g, "a")).toMatchObject({ errorCode: 0 });
  });

  it("are refused from strangers and from other generations", () => {
    const g = stable("a");
    expect(heartbeat(g, "x")).toMatchObject({ errorCode: ErrorCode.UNKNOWN_MEMBER_ID });
    expect(heartbeat(g, "a", { generationId: 0 })).toMatchObject({ errorCode: ErrorCode.ILLEGAL_GENERATION });
    const empty = new GroupUnderTest();
    expect(heartbeat(empty, "a")).toMatchObject({ errorCode: ErrorCode.UNKNOWN_MEMBER_ID });
  });
});

describe("leaving", () => {
  it("rebalances those who stay, with a new leader if need be", () => {
    const g = stable("a", "b");
    expect(leave(g, "a")).toMatchObject({ members: [{ memberId: "a", errorCode: 0 }] });
    expect(g.group.state).toBe("PreparingRebalance");
    expect(rejoin(g, "b")()).toMatchObject({ leaderId: "b", generationId: g.group.generationId });
  });

  it("answers each member by itself", () => {
    expect(leave(stable("a", "b"), "x", "b")).toMatchObject({
      members: [
        { memberId: "x", errorCode: ErrorCode.UNKNOWN_MEMBER_ID },
        { memberId: "b", errorCode: 0 },
      ],
    });
  });

  it("empties the group with the last one, in a generation of its own, and stores that", () => {
    const g = stable("a");
    g.storesByItself = false;
    leave(g, "a");
    expect(g.group).toMatchObject({ state: "Empty", generationId: 2, leaderId: null, protocolName: null });
    expect(g.stores).toMatchObject([
      { snapshot: { generationId: 2, members: [], protocolType: "consumer" } },
    ]);
  });

  it("gives back an id that was told and not used, so that nobody waits for it", () => {
    const g = new GroupUnderTest();
    join(g, "b", { requireKnownMemberId: true });
    const a = join(g, "a");
    expect(leave(g, "b")).toMatchObject({ members: [{ errorCode: 0 }] });
    expect(a()).toMatchObject({ errorCode: 0 });
  });

  it("answers what the leaving member still waits for", () => {
    const g = stable("a", "b");
    const joining = rejoin(g, "b", { protocols: range("other") });
    leave(g, "b");
    expect(joining()).toMatchObject({ errorCode: ErrorCode.UNKNOWN_MEMBER_ID });
    rejoin(g, "a");
    join(g, "c");
    rejoin(g, "a");
    const syncing = sync(g, "c");
    leave(g, "c");
    expect(syncing()).toMatchObject({ errorCode: ErrorCode.UNKNOWN_MEMBER_ID });
  });
});

describe("committing", () => {
  it("is for members of the current generation", () => {
    const g = stable("a");
    expect(commit(g, "a")).toMatchObject({ errorCode: 0 });
    expect(commit(g, "a", 0)).toMatchObject({ errorCode: ErrorCode.ILLEGAL_GENERATION });
    expect(commit(g, "x")).toMatchObject({ errorCode: ErrorCode.UNKNOWN_MEMBER_ID });
  });

  it("without a member is possible while the group is empty only", () => {
    expect(commit(new GroupUnderTest(), "", -1)).toMatchObject({ errorCode: 0 });
    expect(commit(stable("a"), "", -1)).toMatchObject({ errorCode: ErrorCode.UNKNOWN_MEMBER_ID });
  });

  it("is possible until a member has joined the next generation, not while that waits for its assignment", () => {
    const g = stable("a", "b");
    rejoin(g, "a");
    expect(commit(g, "b")).toMatchObject({ errorCode: 0 });
    rejoin(g, "b");
    expect(commit(g, "b")).toMatchObject({ errorCode: ErrorCode.REBALANCE_IN_PROGRESS });
  });

  it("counts as a heartbeat", () => {
    const g = stable("a");
    g.wait(9_000);
    commit(g, "a");
    g.wait(9_000);
    expect(g.group.state).toBe("Stable");
  });
});

describe("deleting", () => {
  it("is for empty groups", () => {
    const g = stable("a");
    expect(g.ask({ type: "delete" })()).toMatchObject({ errorCode: ErrorCode.NON_EMPTY_GROUP });
    leave(g, "a");
    expect(g.ask({ type: "delete" })()).toMatchObject({ errorCode: 0 });
    expect(g.group.state).toBe("Dead");
  });
});

describe("a stop", () => {
  it("answers everybody who waits", () => {
    const g = stable("a", "b");
    const waiting = rejoin(g, "a");
    g.send({ type: "unload" });
    expect(waiting()).toMatchObject({ errorCode: ErrorCode.COORDINATOR_NOT_AVAILABLE });
    expect(g.unanswered()).toBe(0);
  });
});
