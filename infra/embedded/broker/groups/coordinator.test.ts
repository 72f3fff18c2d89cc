import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ErrorCode } from "../errors.ts";
import { GroupCoordinator } from "./coordinator.ts";
import type { JoinEvent } from "./events.ts";
import { MemoryOffsetsLog } from "./memory-offsets-log.ts";
import { decodeOffsetRecord } from "./offset-records.ts";
import { joinEvent } from "./testing.ts";

const DAY_MS = 86_400_000;
const config = {
  groupMinSessionTimeoutMs: 6_000,
  groupMaxSessionTimeoutMs: 1_800_000,
  groupMaxSize: 100,
  offsetsRetentionMs: 7 * DAY_MS,
};
const open = new AbortController().signal;
const nobody = { memberId: "", groupInstanceId: null, generationId: -1 };

let log: MemoryOffsetsLog;
let running: GroupCoordinator[];

async function start(): Promise<GroupCoordinator> {
  const coordinator = new GroupCoordinator({ now: Date.now, offsetsLog: log, config });
  await coordinator.start();
  running.push(coordinator);
  return coordinator;
}

beforeEach(() => {
  vi.useFakeTimers({ now: 1_700_000_000_000 });
  log = new MemoryOffsetsLog();
  running = [];
});
afterEach(async () => {
  log.release();
  for (const coordinator of running) await coordinator.stop();
  vi.useRealTimers();
});

async function join(coordinator: GroupCoordinator, memberId = "", overrides: Partial<JoinEvent> = {}) {
  const { type: _, newMemberId: __, ...request } = joinEvent({ memberId, ...overrides });
  return (await coordinator.join("g", request, open))!;
}

/** One member, with its assignment. */
async function joinAlone(coordinator: GroupCoordinator, overrides: Partial<JoinEvent> = {}) {
  const { memberId, generationId } = await join(coordinator, "", overrides);
  const member = { memberId, groupInstanceId: null, generationId };
  const assignments = new Map([[memberId, Buffer.from("all of it")]]);
  await coordinator.sync("g", { ...member, protocolType: null, protocolName: null, assignments }, open);
  return member;
}

/** Protocols of a consumer subscribed to this topic. */
const subscribedTo = (topic: string) => {
  const head = Buffer.from([0, 0, 0, 0, 0, 1, 0, topic.length]);
  return {
    protocols: [{ name: "range", metadata: Buffer.concat([head, Buffer.from(topic), Buffer.alloc(4)]) }],
  };
};

const offset = (at: number, topic = "t") => ({
  topic,
  partition: 0,
  offset: at,
  leaderEpoch: -1,
  metadata: "",
});
const committed = (coordinator: GroupCoordinator, topic = "t") =>
  coordinator.committedOffset("g", { topic, partition: 0 })?.offset;

describe("the group coordinator", () => {
  it("answers a commit once it is in the log, and shows the offset from then on", async () => {
    const coordinator = await start();
    log.hold();
    const answer = vi.fn();
    const done = coordinator.commitOffsets("g", nobody, [offset(5)]).then(answer);
    await vi.advanceTimersByTimeAsync(1);
    expect(answer).not.toHaveBeenCalled();
    expect(committed(coordinator)).toBeUndefined();
    log.release();
    await done;
    expect(answer).toHaveBeenCalledWith(0);
    expect(committed(coordinator)).toBe(5);
  });

  it("refuses a commit that cannot be written, so that the client tries again", async () => {
    const coordinator = await start();
    log.failure = new Error("ENOSPC: no space left on device");
    expect(await coordinator.commitOffsets("g", nobody, [offset(5)])).toBe(
      ErrorCode.COORDINATOR_NOT_AVAILABLE,
    );
    expect(committed(coordinator)).toBeUndefined();
  });

  it.each([-1, -2])("takes %i as an offset", async (at) => {
    const coordinator = await start();
    expect(await coordinator.commitOffsets("g", nobody, [offset(at)])).toBe(0);
    expect(committed(coordinator)).toBe(at);
  });

  it("has its offsets and groups again after a restart", async () => {
    const first = await start();
    const member = await joinAlone(first);
    await first.commitOffsets("g", member, [offset(5), offset(7, "u")]);

    const second = await start();
    expect([committed(second), committed(second, "u")]).toEqual([5, 7]);
    expect(second.describe("g")).toMatchObject({
      state: "Stable",
      generationId: 1,
      leaderId: member.memberId,
    });
    expect(await second.heartbeat("g", member)).toBe(0);
    const sync = { ...member, protocolType: null, protocolName: null, assignments: new Map() };
    expect(await second.sync("g", sync, open)).toMatchObject({ assignment: Buffer.from("all of it") });
    expect(await second.commitOffsets("g", member, [offset(6)])).toBe(0);
  });

  it("gives members a full session after a restart, then removes those that were not heard of", async () => {
    await joinAlone(await start());
    await vi.advanceTimersByTimeAsync(5_000);
    const second = await start();
    await vi.advanceTimersByTimeAsync(9_999);
    expect(second.describe("g")?.members.size).toBe(1);
    await vi.advanceTimersByTimeAsync(2);
    expect(second.describe("g")).toMatchObject({ state: "Empty", generationId: 2 });
  });

  it("wakes up for the nearest deadline of any group", async () => {
    const coordinator = await start();
    const member = await joinAlone(coordinator);
    await vi.advanceTimersByTimeAsync(9_000);
    await coordinator.heartbeat("g", member);
    await vi.advanceTimersByTimeAsync(9_999);
    expect(coordinator.describe("g")?.state).toBe("Stable");
    await vi.advanceTimersByTimeAsync(2);
    expect(coordinator.describe("g")?.state).toBe("Empty");
  });

  it("keeps a member whose connection closes while it waits, and answers nobody", async () => {
    const coordinator = await start();
    const { memberId } = await joinAlone(coordinator);
    const connection = new AbortController();
    const { type: _, newMemberId: __, ...request } = joinEvent();
    const waiting = coordinator.join("g", request, connection.signal);
    connection.abort();
    expect(await waiting).toBeNull();
    expect(coordinator.describe("g")?.members.size).toBe(2);
    expect(await join(coordinator, memberId)).toMatchObject({ errorCode: 0, members: [{}, {}] });
  });

  it("answers everybody who waits when it stops", async () => {
    const coordinator = await start();
    await joinAlone(coordinator);
    const waiting = join(coordinator);
    await coordinator.stop();
    expect(await waiting).toMatchObject({ errorCode: ErrorCode.COORDINATOR_NOT_AVAILABLE });
  });

  it("keeps no trace of a group that only a refused request has named", async () => {
    const coordinator = await start();
    expect(await coordinator.heartbeat("g", { ...nobody, memberId: "x" })).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
    expect(await join(coordinator, "x")).toMatchObject({ errorCode: ErrorCode.UNKNOWN_MEMBER_ID });
    expect(await coordinator.commitOffsets("g", { ...nobody, memberId: "x" }, [offset(1)])).not.toBe(0);
    expect(coordinator.list()).toEqual([]);
  });
});

describe("deleting", () => {
  it("a group takes its offsets along, also after a restart", async () => {
    const first = await start();
    await first.commitOffsets("g", nobody, [offset(5)]);
    expect(await first.deleteGroup("g")).toBe(0);
    expect(await first.deleteGroup("g")).toBe(ErrorCode.GROUP_ID_NOT_FOUND);
    const second = await start();
    expect([first.list(), second.list()]).toEqual([[], []]);
    expect(committed(second)).toBeUndefined();
  });

  it("a group is refused while somebody is in it, or commits", async () => {
    const coordinator = await start();
    log.hold();
    const commit = coordinator.commitOffsets("g", nobody, [offset(5)]);
    expect(await coordinator.deleteGroup("g")).toBe(ErrorCode.NON_EMPTY_GROUP);
    log.release();
    await commit;
    await joinAlone(coordinator);
    expect(await coordinator.deleteGroup("g")).toBe(ErrorCode.NON_EMPTY_GROUP);
  });

  it("a group that cannot be written leaves it as it was", async () => {
    const coordinator = await start();
    await coordinator.commitOffsets("g", nobody, [offset(5)]);
    log.failure = new Error("EIO");
    expect(await coordinator.deleteGroup("g")).toBe(ErrorCode.COORDINATOR_NOT_AVAILABLE);
    expect(coordinator.describe("g")?.state).toBe("Empty");
    expect(committed(coordinator)).toBe(5);
  });

  it("offsets is refused for topics that a member is subscribed to", async () => {
    const coordinator = await start();
    await coordinator.commitOffsets("g", nobody, [offset(5), offset(7, "u")]);
    await joinAlone(coordinator, subscribedTo("t"));
    const partitions = [
      { topic: "t", partition: 0 },
      { topic: "u", partition: 0 },
    ];
    expect(await coordinator.deleteOffsets("g", partitions)).toEqual({
      errorCode: 0,
      partitions: [ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC, 0],
    });
    expect([committed(coordinator), committed(coordinator, "u")]).toEqual([5, undefined]);
  });

  it("offsets is refused where it is unknown what the members are subscribed to", async () => {
    const coordinator = await start();
    await joinAlone(coordinator, { protocols: [{ name: "range", metadata: Buffer.from([0]) }] });
    const { partitions } = await coordinator.deleteOffsets("g", [{ topic: "t", partition: 0 }]);
    expect(partitions).toEqual([ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC]);
    const missing = await coordinator.deleteOffsets("h", []);
    expect(missing.errorCode).toBe(ErrorCode.GROUP_ID_NOT_FOUND);
  });

  it("a topic makes every group forget its offsets there", async () => {
    const first = await start();
    await first.commitOffsets("g", nobody, [offset(5), offset(7, "u")]);
    await first.forgetTopic("t");
    for (const coordinator of [first, await start()]) {
      expect([committed(coordinator), committed(coordinator, "u")]).toEqual([undefined, 7]);
    }
  });
});

describe("offsets", () => {
  it("are kept for 7 days after the group became empty, then forgotten with the group", async () => {
    const coordinator = await start();
    const member = await joinAlone(coordinator, { sessionTimeoutMs: 1_800_000 });
    await coordinator.commitOffsets("g", member, [offset(5)]);
    for (let quarter = 0; quarter < 10 * 96; quarter++) {
      await vi.advanceTimersByTimeAsync(900_000);
      expect(await coordinator.heartbeat("g", member)).toBe(0);
    }
    expect(committed(coordinator)).toBe(5);

    await coordinator.leave("g", [member]);
    await vi.advanceTimersByTimeAsync(7 * DAY_MS - 600_000);
    expect(committed(coordinator)).toBe(5);
    await vi.advanceTimersByTimeAsync(1_200_000);
    expect(committed(coordinator)).toBeUndefined();
    expect(coordinator.list()).toEqual([]);
    expect((await start()).list()).toEqual([]);
  });

  it("committed without a group expire 7 days after the commit", async () => {
    const coordinator = await start();
    await coordinator.commitOffsets("g", nobody, [offset(5)]);
    await vi.advanceTimersByTimeAsync(3 * DAY_MS);
    await coordinator.commitOffsets("g", nobody, [offset(7, "u")]);
    await vi.advanceTimersByTimeAsync(4 * DAY_MS + 600_000);
    expect([committed(coordinator), committed(coordinator, "u")]).toEqual([undefined, 7]);
    const last = log.records.at(-1)!;
    expect(decodeOffsetRecord(last.key, last.value)).toMatchObject({ topic: "t", value: null });
  });
});
