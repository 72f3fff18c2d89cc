import { afterEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { defineConsumer, eachRecord, emit } from "./define.ts";
import { createJournal } from "./journal.ts";
import { createKafkaTrigger } from "./kafka-trigger.ts";
import type { OutRecord } from "./lane.ts";
import { jsonOnly } from "./serde.ts";
import { createStatus } from "./status.ts";
import { createTestLog, load, numbers, rawRecord, settleAll } from "./testing.ts";
import { createTestMember } from "./testing-member.ts";

/** Emits how many records of the key there were so far. */
const counting = load(
  defineConsumer({
    description: "",
    topic: numbers,
    group: "g",
    emits: [numbers],
    config: z.object({}),
    commitEveryMs: 1_000,
    handler: eachRecord<
      { id: string },
      ReturnType<typeof emit<"numbers", typeof numbers.schema>>,
      unknown,
      number
    >(({ value }, state) => {
      const n = (state ?? 0) + 1;
      return { emit: [emit(numbers, { id: value.id, n })], state: n };
    }),
  }),
);

function start({ refused = new Set<string>(), ends = new Map<number, bigint>() } = {}) {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
  const member = createTestMember("numbers");
  const status = createStatus(counting);
  const { log, lines } = createTestLog();
  const sent: number[] = [];
  const trigger = createKafkaTrigger({
    fn: counting,
    status,
    kafka: member.factory,
    outputs: {
      async send(records: readonly OutRecord[]) {
        for (const { value } of records) {
          const { id, n } = JSON.parse(String(value)) as { id: string; n: number };
          if (refused.has(id)) throw new Error("no space");
          sent.push(n);
        }
      },
      async stop() {},
    },
    journal: createJournal(),
    shadow: { offer() {} },
    serdeOf: jsonOnly,
    guard: false,
    log,
    tracing: null,
    slowBatchMs: 60_000,
    now: () => 1_000_000,
    newId: () => "id",
    startOffset: () => 0n,
    endOffset: (_, partition) => ends.get(partition) ?? null,
  });
  trigger.start();
  const pass = async (ms: number): Promise<void> => {
    await vi.advanceTimersByTimeAsync(ms);
    await settleAll();
  };
  const deliver = (partition: number, from: number, count: number, id = "k"): Promise<void> =>
    member.deliver(
      partition,
      Array.from({ length: count }, (_, i) => rawRecord(from + i, { id, n: 0 })),
    );
  return { member, status, lines, sent, trigger, pass, deliver, refused, ends };
}

afterEach(() => void vi.useRealTimers());

describe("a consumer of which one partition cannot go on", () => {
  it("is failing however well the others do, and until that one goes on", async () => {
    const { member, status, deliver, pass, refused } = start({ refused: new Set(["bad"]) });
    await member.join([0, 1]);
    await deliver(0, 0, 1, "bad");
    expect(status).toMatchObject({
      state: "failing",
      reason: "cannot finish a batch of numbers/0: no space",
    });
    await deliver(1, 0, 1);
    expect([status.state, status.recordsIn]).toEqual(["failing", 1]);
    await member.join([0, 1]);
    expect(status.state).toBe("failing");
    refused.clear();
    await pass(5_000);
    expect([status.state, status.reason]).toEqual(["running", null]);
  });

  it("is well again when that one is another member's, and does not try it any more", async () => {
    const { member, status, deliver, pass } = start({ refused: new Set(["bad"]) });
    await member.join([0, 1]);
    await deliver(0, 0, 1, "bad");
    await member.join([1]);
    const tries = status.retries.batch;
    await pass(20_000);
    expect([status.state, status.retries.batch]).toEqual(["running", tries]);
  });

  it("lags by all that is there from what was committed on, when it is stuck from its start", async () => {
    const { member, trigger, deliver, ends } = start({ refused: new Set(["bad"]) });
    member.committed.set(0, 4n);
    ends.set(0, 10n).set(1, 3n);
    await member.join([0, 1]);
    await deliver(0, 4, 2, "bad");
    expect(trigger.partitions()).toMatchObject([
      { partition: 0, position: 4n, end: 10n },
      { partition: 1, position: 0n, end: 3n },
    ]);
    expect(trigger.lag()).toBe(9);
  });

  it("has no known lag while the ends are not known", async () => {
    const { member, trigger } = start();
    await member.join([0]);
    expect(trigger.lag()).toBeNull();
  });
});

describe("a partition that was lost and is regained", () => {
  it("begins anew where another member has come to, and commits nothing below it", async () => {
    const { member, lines, sent, deliver, pass } = start();
    await member.join([0]);
    await deliver(0, 0, 2);
    expect(sent).toEqual([1, 2]);
    member.committed.set(0, 7n); // the other member's, before this one has committed
    await member.join([0]);
    await pass(2_000);
    expect(member.commits).toEqual([]);
    await deliver(0, 7, 1);
    await pass(2_000);
    expect([sent, member.commits]).toEqual([[1, 2, 1], ["0:8"]]);
    expect(lines.filter(({ level }) => level === 40)).toMatchObject([
      { partition: 0, offset: "7", msg: "another member went on meanwhile: its state starts over" },
    ]);
  });

  it("keeps its state where nobody else has worked on it, and does nothing twice", async () => {
    const { member, sent, deliver, pass } = start();
    await member.join([0]);
    await deliver(0, 0, 2);
    await member.join([0]);
    await deliver(0, 0, 3);
    await pass(2_000);
    expect([sent, member.commits]).toEqual([[1, 2, 3], ["0:3"]]);
  });
});

describe("commits that fail", () => {
  it("are told once when there are several in a row, and once when they work again", async () => {
    const { member, lines, deliver, pass } = start();
    await member.join([0]);
    await deliver(0, 0, 2);
    member.commitTrouble = new Error("not authorized");
    await pass(20_000);
    member.commitTrouble = null;
    await pass(2_000);
    const told = lines.filter(({ level, msg }) => level >= 30 && msg.includes("commit"));
    expect(told).toMatchObject([
      { level: 40, function: "f", group: "g", tries: 5, msg: "cannot commit: not authorized" },
      { level: 30, function: "f", msg: "commits again" },
    ]);
    expect(member.commits).toEqual(["0:2"]);
  });
});
