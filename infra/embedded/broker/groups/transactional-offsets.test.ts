import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { ErrorCode } from "../errors.ts";
import { GroupCoordinator } from "./coordinator.ts";
import { MemoryOffsetsLog } from "./memory-offsets-log.ts";

const config = {
  groupMinSessionTimeoutMs: 6_000,
  groupMaxSessionTimeoutMs: 1_800_000,
  groupMaxSize: 5,
  offsetsRetentionMs: 1_000,
};
const NOBODY = { memberId: "", groupInstanceId: null, generationId: -1 };
const PARTITION = { topic: "t", partition: 0 };
const MEMBER = { clientId: "c", clientHost: "h", protocolType: "consumer", groupInstanceId: null };

let log: MemoryOffsetsLog;
let groups: GroupCoordinator;

beforeEach(async () => {
  log = new MemoryOffsetsLog();
  await restart();
});

async function restart(): Promise<void> {
  groups = new GroupCoordinator({ now: () => 0, offsetsLog: log, config });
  await groups.start();
  await groups.stop(); // its timers are of no use here
}

const offsetOf = (offset: number) => [{ ...PARTITION, offset, leaderEpoch: -1, metadata: "" }];
const commit = (offset: number) => groups.commitOffsets("g", NOBODY, offsetOf(offset));
const commitIn = (producerId: number, offset: number, member = NOBODY, check = 0) =>
  groups.commitInTransaction("g", member, offsetOf(offset), { producerId, producerEpoch: 0 }, () => check);
const end = async (producerId: number, committed: boolean) => {
  log.end(producerId, committed);
  await groups.endTransaction(producerId, committed);
};
const committed = () => groups.committedOffset("g", PARTITION)?.offset;

describe("offsets committed in a transaction", () => {
  it("count once it is committed, and are unstable until then", async () => {
    await commit(1);
    expect(await commitIn(7, 5)).toBe(ErrorCode.NONE);
    expect([committed(), groups.isUnstable("g", PARTITION)]).toEqual([1, true]);
    expect(groups.isUnstable("other", PARTITION)).toBe(false);
    await end(7, true);
    expect([committed(), groups.isUnstable("g", PARTITION)]).toEqual([5, false]);
  });

  it("never count when it is aborted", async () => {
    await commitIn(7, 5);
    await end(7, false);
    expect(committed()).toBeUndefined();
    expect(groups.list()).toEqual([]);
  });

  it("do not replace what was committed after them", async () => {
    await commitIn(7, 5);
    await commit(9);
    await end(7, true);
    expect(committed()).toBe(9);
  });

  it("are not written when the transaction does not take them, or the disk does not", async () => {
    expect(await commitIn(7, 5, NOBODY, ErrorCode.INVALID_TXN_STATE)).toBe(ErrorCode.INVALID_TXN_STATE);
    expect(log.entries).toEqual([]);
    log.failure = new Error("disk full");
    expect(await commitIn(7, 5)).toBe(ErrorCode.COORDINATOR_NOT_AVAILABLE);
    expect(groups.isUnstable("g", PARTITION)).toBe(false);
  });

  it("that are still being written when their transaction ends are waited for", async () => {
    log.hold();
    const written = commitIn(7, 5);
    await Promise.resolve();
    const ended = end(7, true);
    log.release();
    await Promise.all([written, ended]);
    expect(committed()).toBe(5);
  });

  it("keep their group from being deleted", async () => {
    await commit(1);
    await commitIn(7, 5);
    expect(await groups.deleteGroup("g")).toBe(ErrorCode.NON_EMPTY_GROUP);
    await end(7, false);
    expect(await groups.deleteGroup("g")).toBe(ErrorCode.NONE);
  });

  it("may come from outside while the group has members, but not from a member of an older generation", async () => {
    const { signal } = new AbortController();
    const joining = {
      ...MEMBER,
      memberId: "",
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 10_000,
      protocols: [{ name: "range", metadata: Buffer.alloc(0) }],
      requireKnownMemberId: false,
      supportsSkippingAssignment: false,
    };
    const { memberId, generationId } = (await groups.join("g", joining, signal))!;
    const member = { memberId, generationId, groupInstanceId: null };
    expect(await commitIn(7, 1)).toBe(ErrorCode.NONE);
    expect(await commitIn(7, 2, member)).toBe(ErrorCode.NONE);
    expect(await commitIn(7, 3, { ...member, generationId: generationId - 1 })).toBe(
      ErrorCode.ILLEGAL_GENERATION,
    );
    expect(await commitIn(7, 4, { ...member, memberId: "stranger" })).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
    await end(7, true);
    expect(committed()).toBe(2);
  });

  it("are the same after a restart, at whatever point", async () => {
    const steps = fc.array(
      fc.record({
        producerId: fc.nat({ max: 2 }),
        does: fc.constantFrom("plain", "pending", "commit", "abort", "restart"),
      }),
      { maxLength: 30 },
    );
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        log = new MemoryOffsetsLog();
        await restart();
        // The offset that counts is the last in the log of those that count at all.
        const entries: { offset: number; producerId: number | null }[] = [];
        for (const [offset, { producerId, does }] of all.entries()) {
          if (does === "restart") await restart();
          else if (does === "plain") {
            await commit(offset);
            entries.push({ offset, producerId: null });
          } else if (does === "pending") {
            await commitIn(producerId, offset);
            entries.push({ offset, producerId });
          } else {
            await end(producerId, does === "commit");
            for (const [i, entry] of [...entries.entries()].reverse()) {
              if (entry.producerId !== producerId) continue;
              if (does === "commit") entry.producerId = null;
              else entries.splice(i, 1);
            }
          }
          expect(committed()).toBe(entries.findLast((entry) => entry.producerId === null)?.offset);
          expect(groups.isUnstable("g", PARTITION)).toBe(entries.some((entry) => entry.producerId !== null));
        }
      }),
      { numRuns: 100 },
    );
  });
});
