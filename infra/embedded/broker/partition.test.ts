import { cpSync, mkdirSync, readdirSync, rmdirSync, truncateSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openLog, temporaryDir } from "../log/testing.ts";
import { encodeBatch, parseBatchHeader } from "../wire/record-batch.ts";
import { Partition } from "./partition.ts";
import { decodeSnapshot, encodeSnapshot } from "./producer-snapshot.ts";

const DAY_MS = 86_400_000;

function open(dir: string): Partition {
  const log = openLog(dir, { segmentBytes: 600 });
  return new Partition({ topic: "t", index: 0, dir, log, producerExpirationMs: DAY_MS, now: () => 0 });
}

/** One of four producers writes `count` records, in a transaction or not, or ends the one that it is in; or records go. */
interface Step {
  readonly producerId: number;
  readonly what: "plain" | "transactional" | "commit" | "abort" | "delete";
  readonly count: number;
}

const steps = fc.array(
  fc.record<Step>({
    producerId: fc.nat({ max: 3 }),
    what: fc.constantFrom("plain", "transactional", "transactional", "commit", "abort", "delete"),
    count: fc.integer({ min: 1, max: 3 }),
  }),
  { maxLength: 40 },
);

class Producers {
  private readonly sequences = new Map<number, number>();

  async run(partition: Partition, step: Step): Promise<void> {
    const { producerId, what, count } = step;
    if (what === "delete") {
      const { startOffset, endOffset } = partition.log;
      return partition.deleteRecordsBefore(Math.min(startOffset + count, endOffset));
    }
    const ends = what === "commit" || what === "abort";
    const isOpen = partition.producers.hasOpenTransaction(producerId);
    if (ends && !isOpen) return;
    const key = ends ? Buffer.from([0, 0, 0, what === "commit" ? 1 : 0]) : null;
    const record = { timestamp: 0, key, value: Buffer.from("v"), headers: [] };
    const baseSequence = ends ? -1 : (this.sequences.get(producerId) ?? 0);
    const batch = encodeBatch({
      baseOffset: 0,
      records: Array.from({ length: ends ? 1 : count }, () => record),
      producerId,
      producerEpoch: 0,
      baseSequence,
      transactional: isOpen || what !== "plain",
      control: ends,
    });
    if (!ends) this.sequences.set(producerId, baseSequence + count);
    const appended = partition.log.append(batch);
    if (!ends) partition.producers.begin(parseBatchHeader(batch), appended);
    await appended;
  }
}

const stateOf = ({ producers, log }: Partition) => producers.toSnapshot(log.endOffset, log.startOffset, 0);

describe("what a partition knows of its producers", () => {
  it("is the same after a clean stop and after kill -9, whatever was written and wherever segments began", async () => {
    await fc.assert(
      fc.asyncProperty(steps, steps, async (before, after) => {
        const dir = temporaryDir();
        const producers = new Producers();
        const first = open(dir);
        for (const step of before) await producers.run(first, step);
        const afterFirst = stateOf(first);
        await first.close();
        const second = open(dir);
        expect(stateOf(second)).toEqual(afterFirst);
        expect(second.lastStableOffset).toBe(first.lastStableOffset);
        for (const step of after) await producers.run(second, step);
        const killed = temporaryDir();
        cpSync(dir, killed, { recursive: true });
        const third = open(killed);
        expect(stateOf(third)).toEqual(stateOf(second));
        await Promise.all([second.close(), third.close()]);
      }),
      { numRuns: 30 },
    );
  });

  it("is read from the log again when snapshots are torn, foreign, from the future or gone", async () => {
    const dir = temporaryDir();
    const producers = new Producers();
    const first = open(dir);
    for (let i = 0; i < 30; i++) {
      await producers.run(first, { producerId: i % 3, what: "transactional", count: 2 });
      if (i % 4 === 3) await producers.run(first, { producerId: i % 3, what: "abort", count: 1 });
    }
    const expected = stateOf(first);
    await first.close();
    const snapshots = readdirSync(dir).filter((name) => name.endsWith(".snapshot"));
    expect(snapshots).toHaveLength(2);
    truncateSync(`${dir}/${snapshots[1]}`, 40);
    writeFileSync(`${dir}/${snapshots[0]}`, "not ours");
    writeFileSync(`${dir}/${"9".repeat(20)}.snapshot`, encodeSnapshot({ ...expected, producers: [] }));
    const second = open(dir);
    expect(stateOf(second)).toEqual(expected);
    await second.close();
  });

  it("keeps a stable offset no lower than the first that can be read", async () => {
    const partition = open(temporaryDir());
    const producers = new Producers();
    await producers.run(partition, { producerId: 1, what: "transactional", count: 2 });
    await producers.run(partition, { producerId: 2, what: "plain", count: 2 });
    expect(partition.lastStableOffset).toBe(0);
    partition.log.deleteRecordsBefore(3);
    expect(partition.lastStableOffset).toBe(3);
    await partition.close();
  });
});

describe("a producer snapshot", () => {
  it("is refused when any of its bytes is another", async () => {
    const partition = open(temporaryDir());
    await new Producers().run(partition, { producerId: 1, what: "transactional", count: 2 });
    const file = encodeSnapshot(stateOf(partition));
    expect(decodeSnapshot(file)).toEqual(stateOf(partition));
    for (let at = 0; at < file.length; at++) {
      const flipped = Buffer.from(file);
      flipped[at] = flipped[at]! ^ 0x10;
      expect(decodeSnapshot(flipped)).toBeNull();
      expect(decodeSnapshot(file.subarray(0, at))).toBeNull();
    }
    await partition.close();
  });

  it("is not missed when it cannot be written", async () => {
    const dir = temporaryDir();
    const partition = open(dir);
    await new Producers().run(partition, { producerId: 1, what: "plain", count: 2 });
    const expected = stateOf(partition);
    // A folder in the way of the temporary file.
    const name = `${String(2).padStart(20, "0")}.snapshot.tmp`;
    mkdirSync(`${dir}/${name}`);
    await partition.close();
    rmdirSync(`${dir}/${name}`);
    const again = open(dir);
    expect(stateOf(again)).toEqual(expected);
    await again.close();
  });
});
