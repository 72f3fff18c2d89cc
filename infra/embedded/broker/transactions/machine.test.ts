import { describe, expect, it } from "vitest";
import { ErrorCode } from "../errors.ts";
import { checkWrite, nextDeadline } from "./machine.ts";
import { limits, TransactionUnderTest } from "./testing.ts";
import { type ProducerIdentity, recoveredTransaction } from "./transaction.ts";

const TIMEOUT_MS = 60_000;

function init(t: TransactionUnderTest, expected: ProducerIdentity | null = null, newProducerId = 7) {
  const reply = t.ask({ type: "init", timeoutMs: TIMEOUT_MS, expected, newProducerId });
  t.finishAll();
  return reply()!;
}
function add(t: TransactionUnderTest, producer: ProducerIdentity, ...partitions: string[]) {
  const reply = t.ask({ type: "add", ...identity(producer), partitions });
  t.finishAll();
  return reply()!.errorCode;
}
const end = (t: TransactionUnderTest, producer: ProducerIdentity, committed: boolean) =>
  t.ask({ type: "end", ...identity(producer), committed });
const identity = ({ producerId, producerEpoch }: ProducerIdentity) => ({ producerId, producerEpoch });

/** A producer with an open transaction on two partitions. */
function ongoing() {
  const t = new TransactionUnderTest();
  const producer = init(t);
  add(t, producer, "a-0", "b-1");
  return { t, producer };
}

describe("a transactional id", () => {
  it("gets a producer id once, and a newer epoch for each producer that begins with it", () => {
    const t = new TransactionUnderTest();
    expect(init(t)).toEqual({ errorCode: 0, producerId: 7, producerEpoch: 0 });
    expect(init(t, null, 8)).toEqual({ errorCode: 0, producerId: 7, producerEpoch: 1 });
  });

  it("gets another producer id when the epochs are used up", () => {
    const t = new TransactionUnderTest();
    init(t);
    t.state = recoveredTransaction({ ...t.stored!, producerEpoch: 32_765 }, t.now);
    expect(init(t)).toEqual({ errorCode: 0, producerId: 7, producerEpoch: 32_766 });
    expect(init(t, null, 8)).toEqual({ errorCode: 0, producerId: 8, producerEpoch: 0 });
  });

  it("has an epoch left to abort the transaction of the last one with", () => {
    const t = new TransactionUnderTest();
    init(t);
    t.state = recoveredTransaction({ ...t.stored!, producerEpoch: 32_765 }, t.now);
    add(t, init(t), "a-0");
    expect(init(t, null, 8)).toEqual({ errorCode: 0, producerId: 8, producerEpoch: 0 });
  });

  it("lets a producer that has begun go on with a newer epoch, also when the answer was lost", () => {
    const t = new TransactionUnderTest();
    const first = init(t);
    const second = init(t, identity(first));
    expect(second).toMatchObject({ errorCode: 0, producerEpoch: 1 });
    expect(init(t, identity(first))).toEqual(second);
  });

  it("refuses a producer that wants to go on when another has begun since", () => {
    const t = new TransactionUnderTest();
    const first = init(t);
    init(t);
    expect(init(t, identity(first)).errorCode).toBe(ErrorCode.PRODUCER_FENCED);
    expect(init(t, { producerId: 99, producerEpoch: 1 }).errorCode).toBe(ErrorCode.PRODUCER_FENCED);
  });

  it("is forgotten when it is not used for long", () => {
    const t = new TransactionUnderTest();
    init(t);
    t.wait(limits.expirationMs - 1);
    expect(t.work).toBeNull();
    t.wait(1);
    expect(t.work).toEqual({ type: "store", transaction: null });
    t.finishAll();
    expect(t.state).toMatchObject({ stored: null, work: null });
    expect(nextDeadline(t.state, limits)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("a transaction", () => {
  it.each([
    [true, "PrepareCommit", "CompleteCommit"],
    [false, "PrepareAbort", "CompleteAbort"],
  ])(
    "that is ended (commit: %s) is decided in the log before any partition knows, and answered when all do",
    (committed, decided, completed) => {
      const { t, producer } = ongoing();
      const reply = end(t, producer, committed);
      expect(t.work).toMatchObject({ type: "store", transaction: { status: decided } });
      t.finish();
      expect(t.work).toMatchObject({ type: "mark", transaction: { partitions: new Set(["a-0", "b-1"]) } });
      t.finish();
      expect(t.work).toMatchObject({
        type: "store",
        transaction: { status: completed, partitions: new Set() },
      });
      expect(reply()).toBeUndefined();
      t.finish();
      expect(reply()?.errorCode).toBe(ErrorCode.NONE);
    },
  );

  it("takes records from its producer, for its partitions, until its end is asked for", () => {
    const { t, producer } = ongoing();
    expect(checkWrite(t.state, producer, "a-0")).toBe(ErrorCode.NONE);
    expect(checkWrite(t.state, producer, "a-1")).toBe(ErrorCode.INVALID_TXN_STATE);
    expect(checkWrite(t.state, { ...producer, producerId: 99 }, "a-0")).toBe(
      ErrorCode.INVALID_PRODUCER_ID_MAPPING,
    );
    expect(checkWrite(t.state, { ...producer, producerEpoch: -1 }, "a-0")).toBe(ErrorCode.PRODUCER_FENCED);
    end(t, producer, true);
    for (; t.work; t.finish()) expect(checkWrite(t.state, producer, "a-0")).toBe(ErrorCode.INVALID_TXN_STATE);
    expect(checkWrite(t.state, producer, "a-0")).toBe(ErrorCode.INVALID_TXN_STATE);
  });

  it("takes no records for a partition whose adding is not in the log", () => {
    const t = new TransactionUnderTest();
    const producer = init(t);
    const reply = t.ask({ type: "add", ...identity(producer), partitions: ["a-0"] });
    expect(checkWrite(t.state, producer, "a-0")).toBe(ErrorCode.INVALID_TXN_STATE);
    t.finish(false);
    expect(reply()?.errorCode).toBe(ErrorCode.COORDINATOR_NOT_AVAILABLE);
    expect(checkWrite(t.state, producer, "a-0")).toBe(ErrorCode.INVALID_TXN_STATE);
  });

  it("is not written to the log again for a partition that it has", () => {
    const { t, producer } = ongoing();
    const reply = t.ask({ type: "add", ...identity(producer), partitions: ["b-1"] });
    expect([t.work, reply()?.errorCode]).toEqual([null, ErrorCode.NONE]);
  });

  it("confirms its outcome, refuses the other, and refuses both before it has begun", () => {
    const t = new TransactionUnderTest();
    const producer = init(t);
    expect(end(t, producer, true)()?.errorCode).toBe(ErrorCode.INVALID_TXN_STATE);
    expect(end(t, producer, false)()?.errorCode).toBe(ErrorCode.INVALID_TXN_STATE);
    add(t, producer, "a-0");
    end(t, producer, true);
    t.finishAll();
    expect(end(t, producer, true)()?.errorCode).toBe(ErrorCode.NONE);
    expect(end(t, producer, false)()?.errorCode).toBe(ErrorCode.INVALID_TXN_STATE);
  });

  it("is aborted when a producer begins anew, under an epoch that nobody was given", () => {
    const { t, producer } = ongoing();
    const reply = t.ask({ type: "init", timeoutMs: TIMEOUT_MS, expected: null, newProducerId: 8 });
    expect(t.work).toMatchObject({ transaction: { status: "PrepareAbort", producerEpoch: 1 } });
    t.finishAll();
    expect(reply()).toEqual({ errorCode: 0, producerId: 7, producerEpoch: 2 });
    expect(end(t, producer, true)()?.errorCode).toBe(ErrorCode.PRODUCER_FENCED);
  });

  it("of its own can be left behind by a producer that goes on with a newer epoch", () => {
    const { t, producer } = ongoing();
    expect(init(t, identity(producer))).toMatchObject({ errorCode: 0, producerEpoch: 2 });
  });

  it("of another is not aborted by a producer that was fenced", () => {
    const { t, producer } = ongoing();
    const heir = init(t);
    add(t, heir, "a-0");
    expect(init(t, identity(producer)).errorCode).toBe(ErrorCode.PRODUCER_FENCED);
    expect(t.stored?.status).toBe("Ongoing");
  });

  it("is aborted when it is open for too long, and its producer is fenced", () => {
    const { t, producer } = ongoing();
    t.wait(TIMEOUT_MS - 1);
    expect(t.work).toBeNull();
    t.wait(1);
    t.finishAll();
    expect(t.stored).toMatchObject({ status: "CompleteAbort", producerEpoch: 1 });
    expect(end(t, producer, true)()?.errorCode).toBe(ErrorCode.PRODUCER_FENCED);
    expect(init(t)).toMatchObject({ errorCode: 0, producerEpoch: 2 });
  });

  it("has the time it asked for from its first partition on, whatever is added later", () => {
    const { t, producer } = ongoing();
    t.wait(TIMEOUT_MS - 1);
    add(t, producer, "c-0");
    t.wait(1);
    expect(t.work).toMatchObject({ transaction: { status: "PrepareAbort" } });
  });

  it("lets requests wait while it is being ended, and answers them in order", () => {
    const { t, producer } = ongoing();
    const ended = end(t, producer, true);
    const next = t.ask({ type: "add", ...identity(producer), partitions: ["c-0"] });
    const aborted = end(t, producer, false);
    expect([ended(), next(), aborted()]).toEqual([undefined, undefined, undefined]);
    t.finishAll();
    expect([ended(), next(), aborted()].map((reply) => reply?.errorCode)).toEqual([0, 0, 0]);
    expect(t.stored?.status).toBe("CompleteAbort");
  });

  it("whose end is not in the log goes on: the producer is told to try again", () => {
    const { t, producer } = ongoing();
    const reply = end(t, producer, true);
    t.finish(false);
    expect(reply()?.errorCode).toBe(ErrorCode.COORDINATOR_NOT_AVAILABLE);
    expect(checkWrite(t.state, producer, "a-0")).toBe(ErrorCode.NONE);
    const again = end(t, producer, true);
    t.finishAll();
    expect(again()?.errorCode).toBe(ErrorCode.NONE);
  });

  it.each([1, 2])(
    "that is decided is brought to its end however often the disk refuses (step %i)",
    (refused) => {
      const { t, producer } = ongoing();
      const reply = end(t, producer, true);
      const waiting = t.ask({ type: "add", ...identity(producer), partitions: ["c-0"] });
      for (let done = 0; done < refused; done++) t.finish();
      for (let attempt = 0; attempt < 3; attempt++) {
        t.finish(false);
        expect(t.work).toBeNull();
        const late = end(t, producer, true);
        const codes = [reply, waiting, late].map((each) => each()?.errorCode);
        expect(codes).toEqual(Array(3).fill(ErrorCode.CONCURRENT_TRANSACTIONS));
        t.wait(1_000);
      }
      t.finishAll();
      expect(t.stored?.status).toBe("CompleteCommit");
      expect(end(t, producer, true)()?.errorCode).toBe(ErrorCode.NONE);
    },
  );

  it.each([
    ["PrepareCommit", "CompleteCommit"],
    ["PrepareAbort", "CompleteAbort"],
  ] as const)("found as %s after a restart becomes %s", (status, completed) => {
    const { t } = ongoing();
    t.state = recoveredTransaction({ ...t.stored!, status }, t.now);
    t.wait(0);
    expect(t.work).toMatchObject({ type: "mark", transaction: { status } });
    t.finishAll();
    expect(t.stored?.status).toBe(completed);
  });

  it("found open after a restart goes on, and is aborted in its time", () => {
    const { t, producer } = ongoing();
    t.state = recoveredTransaction(t.stored!, t.now);
    expect(checkWrite(t.state, producer, "a-0")).toBe(ErrorCode.NONE);
    t.wait(TIMEOUT_MS);
    t.finishAll();
    expect(t.stored?.status).toBe("CompleteAbort");
  });
});
