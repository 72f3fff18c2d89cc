import { describe, expect, it } from "vitest";
import { ErrorCode } from "../errors.ts";
import type { JoinEvent } from "./events.ts";
import { GroupUnderTest, joinEvent } from "./testing.ts";

const join = (
  g: GroupUnderTest,
  groupInstanceId: string,
  newMemberId: string,
  overrides: Partial<JoinEvent> = {},
) => g.ask(joinEvent({ groupInstanceId, newMemberId, requireKnownMemberId: true, ...overrides }));
const sync = (g: GroupUnderTest, memberId: string, assignments = new Map<string, Buffer>()) =>
  g.ask({
    type: "sync",
    memberId,
    groupInstanceId: null,
    generationId: g.group.generationId,
    protocolType: null,
    protocolName: null,
    assignments,
  });
const heartbeat = (g: GroupUnderTest, memberId: string, groupInstanceId: string | null) =>
  g.ask({ type: "heartbeat", memberId, groupInstanceId, generationId: g.group.generationId })();

/** A stable group of the static members `one` (a, the leader) and `two` (b). */
function stable(): GroupUnderTest {
  const g = new GroupUnderTest();
  join(g, "one", "a");
  join(g, "two", "b");
  g.ask(joinEvent({ memberId: "a", groupInstanceId: "one" }));
  sync(g, "b");
  sync(
    g,
    "a",
    new Map([
      ["a", Buffer.from("0")],
      ["b", Buffer.from("1")],
    ]),
  );
  expect(g.group).toMatchObject({ state: "Stable", generationId: 2, leaderId: "a" });
  return g;
}

describe("a static member", () => {
  it("joins without being told its id first", () => {
    expect(join(new GroupUnderTest(), "one", "a")()).toMatchObject({ errorCode: 0, memberId: "a" });
  });

  it("that comes back takes its place under a new id, without a rebalance", () => {
    const g = stable();
    g.storesByItself = false;
    const back = join(g, "two", "b2");
    expect(back()).toBeUndefined();
    expect(g.stores).toMatchObject([
      { snapshot: { members: [{ memberId: "a" }, { memberId: "b2", assignment: Buffer.from("1") }] } },
    ]);
    g.finishStores();
    expect(back()).toMatchObject({
      errorCode: 0,
      memberId: "b2",
      generationId: 2,
      leaderId: "a",
      members: [],
    });
    expect(g.group.state).toBe("Stable");
    expect(sync(g, "b2")()).toMatchObject({ errorCode: 0, assignment: Buffer.from("1") });
  });

  it("fences the one it replaces", () => {
    const g = stable();
    join(g, "two", "b2");
    expect(heartbeat(g, "b", "two")).toMatchObject({ errorCode: ErrorCode.FENCED_INSTANCE_ID });
    expect(heartbeat(g, "b2", "two")).toMatchObject({ errorCode: 0 });
    const commit = g.ask({
      type: "commit",
      memberId: "b",
      groupInstanceId: "two",
      generationId: 2,
      transactional: false,
    })();
    expect(commit).toMatchObject({ errorCode: ErrorCode.FENCED_INSTANCE_ID });
    const unknown = heartbeat(g, "b2", "three");
    expect(unknown).toMatchObject({ errorCode: ErrorCode.UNKNOWN_MEMBER_ID });
  });

  it("fences the request that the one it replaces has waiting", () => {
    const g = stable();
    join(g, "three", "c");
    const waiting = g.ask(joinEvent({ memberId: "b", groupInstanceId: "two" }));
    join(g, "two", "b2");
    expect(waiting()).toMatchObject({ errorCode: ErrorCode.FENCED_INSTANCE_ID });
  });

  it("that led and comes back is told of its former id, so that it does not assign (before v9)", () => {
    const g = stable();
    const back = join(g, "one", "a2")();
    expect(back).toMatchObject({ memberId: "a2", leaderId: "a", skipAssignment: false, members: [] });
    expect(g.group.leaderId).toBe("a2");
  });

  it("that led and comes back leads on, and is told to skip the assignment (v9)", () => {
    const back = join(stable(), "one", "a2", { supportsSkippingAssignment: true })();
    expect(back).toMatchObject({ leaderId: "a2", skipAssignment: true });
    expect((back as { members: unknown[] }).members).toHaveLength(2);
  });

  it("that comes back with another protocol causes a rebalance", () => {
    const g = stable();
    const both = ["sticky", "range"].map((name) => ({ name, metadata: Buffer.from(name) }));
    join(g, "two", "b2", { protocols: both });
    expect(g.group.state).toBe("Stable");
    g.ask(joinEvent({ memberId: "a", groupInstanceId: "one", protocols: both }));
    g.ask(joinEvent({ memberId: "b2", groupInstanceId: "two", protocols: both }));
    expect(g.group).toMatchObject({ state: "CompletingRebalance", protocolName: "sticky" });
  });

  it("that comes back while the assignment is awaited causes another rebalance", () => {
    const g = stable();
    g.ask(joinEvent({ memberId: "a", groupInstanceId: "one" }));
    g.ask(joinEvent({ memberId: "b", groupInstanceId: "two" }));
    expect(g.group.state).toBe("CompletingRebalance");
    join(g, "two", "b2");
    expect(g.group.state).toBe("PreparingRebalance");
  });

  it("keeps its place in a rebalance that it misses, until its session ends", () => {
    const g = stable();
    g.ask(joinEvent({ memberId: "a", groupInstanceId: "one", rebalanceTimeoutMs: 7_000 }));
    g.group.members.get("b")!.rebalanceTimeoutMs = 7_000;
    g.group.joinDeadline = g.now + 7_000;
    g.wait(7_000);
    expect(g.group.state).toBe("CompletingRebalance");
    expect([...g.group.members.keys()]).toEqual(["a", "b"]);
    sync(g, "a", new Map());
    g.wait(6_999);
    expect([...g.group.members.keys()]).toEqual(["a", "b"]);
    g.wait(3_001);
    expect([...g.group.members.keys()]).not.toContain("b");
  });

  it("can be removed by its instance id alone", () => {
    const g = stable();
    const left = g.ask({ type: "leave", members: [{ memberId: "", groupInstanceId: "two" }] })();
    expect(left).toMatchObject({ members: [{ memberId: "", groupInstanceId: "two", errorCode: 0 }] });
    expect([...g.group.members.keys()]).toEqual(["a"]);
    const again = g.ask({ type: "leave", members: [{ memberId: "", groupInstanceId: "two" }] })();
    expect(again).toMatchObject({ members: [{ errorCode: ErrorCode.UNKNOWN_MEMBER_ID }] });
  });

  it("whose return cannot be stored is told to try again", () => {
    const g = stable();
    g.storesByItself = false;
    const back = join(g, "two", "b2");
    g.finishStores(ErrorCode.COORDINATOR_NOT_AVAILABLE);
    expect(back()).toMatchObject({ errorCode: ErrorCode.COORDINATOR_NOT_AVAILABLE, memberId: "" });
  });
});
