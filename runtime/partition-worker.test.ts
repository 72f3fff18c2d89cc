import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RawKafkaRecord } from "./codec.ts";
import { createPartitionWorker, type PartitionWorkerOptions, queuedBytesOf } from "./partition-worker.ts";
import { rawRecord, settleAll } from "./testing.ts";

const from = (first: number, count: number): RawKafkaRecord[] =>
  Array.from({ length: count }, (_, i) => rawRecord(first + i, null));

const SIZE = queuedBytesOf(rawRecord(0, null));

/** A worker whose slices end when the test says so. */
function start(more: Partial<PartitionWorkerOptions> = {}) {
  const slices: { offsets: number[]; end(): void; fail(error: Error): void }[] = [];
  const flow: string[] = [];
  const worker = createPartitionWorker({
    maxBatchRecords: 3,
    highWatermarkBytes: 6 * SIZE,
    lowWatermarkBytes: 3 * SIZE,
    process: (records) =>
      new Promise((resolve, reject) => {
        slices.push({ offsets: records.map((r) => Number(r.offset)), end: resolve, fail: reject });
      }),
    pause: () => flow.push("pause"),
    resume: () => flow.push("resume"),
    ...more,
  });
  const end = async (i: number): Promise<void> => {
    slices[i]!.end();
    await settleAll();
  };
  return { worker, slices, flow, end };
}

describe("a partition worker", () => {
  it("works off slices one at a time and in order", async () => {
    const { worker, slices, end } = start();
    worker.enqueue(from(0, 5), 5n);
    worker.enqueue(from(5, 2), 7n);
    await settleAll();
    expect(slices.map((s) => s.offsets)).toEqual([[0, 1, 2]]);
    await end(0);
    expect(slices.map((s) => s.offsets)).toEqual([
      [0, 1, 2],
      [3, 4],
    ]);
    await end(1);
    await end(2);
    expect(slices.map((s) => s.offsets)).toEqual([
      [0, 1, 2],
      [3, 4],
      [5, 6],
    ]);
    expect(worker.queuedRecords).toBe(0);
  });

  it("moves its position past what is done only, and past gaps at the end of it", async () => {
    const { worker, end } = start();
    worker.enqueue([...from(0, 3), ...from(10, 1)], 20n);
    await settleAll();
    expect(worker.position).toBeNull();
    await end(0);
    expect(worker.position).toBe(3n);
    await end(1);
    expect(worker.position).toBe(20n);
  });

  it("moves past a fetch that held no records, once what came before is done", async () => {
    const { worker, end } = start();
    worker.enqueue(from(0, 1), 1n);
    worker.enqueue([], 5n);
    await settleAll();
    expect(worker.position).toBeNull();
    await end(0);
    expect(worker.position).toBe(5n);
  });

  it("asks once for a pause above the high watermark, and to go on at the low one", async () => {
    const { worker, flow, end } = start();
    worker.enqueue(from(0, 6), 6n);
    expect(flow).toEqual([]);
    worker.enqueue(from(6, 1), 7n);
    worker.enqueue(from(7, 1), 8n);
    expect(flow).toEqual(["pause"]);
    await settleAll();
    await end(0);
    expect([worker.queuedRecords, flow]).toEqual([5, ["pause"]]);
    await end(1);
    expect([worker.queuedRecords, flow]).toEqual([2, ["pause", "resume"]]);
  });

  it("forgets what is queued at a reset, finishes what is at hand, and counts that as done", async () => {
    const { worker, slices, flow, end } = start();
    worker.enqueue(from(0, 8), 8n);
    await settleAll();
    worker.reset();
    expect([worker.queuedRecords, flow]).toEqual([0, ["pause", "resume"]]);
    worker.enqueue(from(3, 2), 5n); // fetched again from the committed offset
    await settleAll();
    expect(slices).toHaveLength(1);
    await end(0);
    expect([worker.position, worker.queuedRecords]).toEqual([3n, 2]);
    expect(slices[1]!.offsets).toEqual([3, 4]);
    await end(1);
    expect([worker.position, worker.queuedRecords, slices.length]).toEqual([5n, 0, 2]);
  });

  it("never moves its position back when records are delivered again", async () => {
    const { worker, end } = start();
    worker.enqueue(from(0, 3), 3n);
    await settleAll();
    await end(0);
    worker.reset();
    worker.enqueue(from(0, 1), 1n);
    await settleAll();
    await end(1);
    expect(worker.position).toBe(3n);
  });

  it("drops the rest when a slice was told to give up, without moving on", async () => {
    const { worker, slices } = start();
    worker.enqueue(from(0, 3), 3n);
    worker.enqueue(from(3, 3), 6n);
    await settleAll();
    slices[0]!.fail(new Error("aborted"));
    await settleAll();
    expect([worker.position, worker.queuedRecords, slices.length]).toEqual([null, 0, 1]);
  });

  it("drains: resolves when what is at hand is over, and nothing queued is begun", async () => {
    const { worker, slices, end } = start();
    worker.enqueue(from(0, 6), 6n);
    await settleAll();
    let drained = false;
    const draining = worker.drain().then(() => {
      drained = true;
    });
    await settleAll();
    expect(drained).toBe(false);
    await end(0);
    await draining;
    expect([worker.position, slices.length]).toEqual([3n, 1]);
    await worker.drain(); // with nothing at hand it is over at once
  });

  it("handles every record once and in order, whatever is fetched when", async () => {
    const steps = fc.array(
      fc.oneof(fc.record({ fetch: fc.nat(8), gap: fc.nat(3) }), fc.constant("end" as const)),
      { maxLength: 40 },
    );
    await fc.assert(
      fc.asyncProperty(steps, async (plan) => {
        const { worker, slices, flow, end } = start();
        let offset = 0;
        let ended = 0;
        const expected: number[] = [];
        const endNext = async (): Promise<void> => {
          if (slices[ended]) await end(ended++);
          const done = slices.slice(0, ended).flatMap((s) => s.offsets);
          const open = expected[done.length];
          // Nothing that is not done lies below the position.
          if (worker.position !== null && open !== undefined)
            expect(worker.position).toBeLessThanOrEqual(BigInt(open));
        };
        for (const step of plan) {
          if (step === "end") await endNext();
          else {
            const records = from(offset, step.fetch);
            expected.push(...records.map((r) => Number(r.offset)));
            offset += step.fetch + step.gap;
            worker.enqueue(records, BigInt(offset));
            await settleAll();
          }
          expect(slices.length - ended).toBeLessThanOrEqual(1);
        }
        while (ended < slices.length) await endNext();
        await settleAll();
        expect(slices.flatMap((s) => s.offsets)).toEqual(expected);
        expect([worker.queuedRecords, worker.position]).toEqual([
          0,
          plan.some((s) => s !== "end") ? BigInt(offset) : null,
        ]);
        expect(flow.length % 2).toBe(0);
        for (const { offsets } of slices) expect(offsets.length).toBeLessThanOrEqual(3);
      }),
      { numRuns: 40 },
    );
  });
});
