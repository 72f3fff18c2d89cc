import {
  copyFileSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { describe, expect, it } from "vitest";
import { patchBaseOffset } from "../wire/record-batch.ts";
import type { LogConfig } from "./log-config.ts";
import type { RecoveryCut } from "./recovery.ts";
import { batchOf, crashableFs, openLog, temporaryDir } from "./testing.ts";

const FIRST = "00000000000000000000.log";

/** A folder as kill -9 leaves it, after appending one batch for each value size. */
async function crashedLog(valueBytes: readonly number[], config: Partial<LogConfig> = {}): Promise<string> {
  const dir = temporaryDir();
  const fs = crashableFs();
  const log = openLog(dir, config, { fs });
  for (const bytes of valueBytes) await log.append(batchOf([1, 2], bytes));
  fs.crash();
  return dir;
}

async function recover(dir: string, config: Partial<LogConfig> = {}) {
  const cuts: RecoveryCut[] = [];
  const log = openLog(dir, config, { onRecovery: (cut) => cuts.push(cut) });
  const { endOffset, sizeBytes } = log;
  await log.append(batchOf([9]));
  for (let offset = 0; offset < log.endOffset; offset++) expect(log.read(offset, 1, true)).toHaveLength(1);
  await log.close();
  return { cuts, endOffset, sizeBytes };
}

function flipByte(file: string, at: number): void {
  const bytes = readFileSync(file);
  bytes[at]! ^= 0xff;
  writeFileSync(file, bytes);
}

describe("recovery after a crash", () => {
  it("keeps every batch, and cuts nothing, when none is torn", async () => {
    const dir = await crashedLog([10, 5000, 20]);
    expect(await recover(dir)).toMatchObject({ cuts: [], endOffset: 6 });
  });

  it("cuts the last batch wherever it was torn, keeps all before it, and tells what it cut", async () => {
    const dir = await crashedLog([10, 300, 50]);
    const whole = readFileSync(`${dir}/${FIRST}`);
    const last = batchOf([1, 2], 50).length;
    const good = whole.length - last;
    for (let kept = 1; kept < last; kept++) {
      const copy = temporaryDir();
      writeFileSync(`${copy}/${FIRST}`, whole.subarray(0, good + kept));
      const { cuts, endOffset, sizeBytes } = await recover(copy);
      expect({ endOffset, sizeBytes }).toEqual({ endOffset: 4, sizeBytes: good });
      expect(cuts).toEqual([
        { file: `${copy}/${FIRST}`, position: good, bytes: kept, reason: expect.any(String) },
      ]);
    }
  });

  it("cuts zeros that a file system may leave behind the last write", async () => {
    const dir = await crashedLog([10, 10]);
    const size = statSync(`${dir}/${FIRST}`).size;
    truncateSync(`${dir}/${FIRST}`, size + 10_000);
    expect(await recover(dir)).toMatchObject({
      endOffset: 4,
      sizeBytes: size,
      cuts: [{ position: size, bytes: 10_000 }],
    });
  });

  it("refuses any flipped byte that has good batches behind it, and names file and offset", async () => {
    const dir = await crashedLog([10, 10, 10]);
    const size = batchOf([1, 2]).length;
    const LEADER_EPOCH = [12, 13, 14, 15]; // not covered by the CRC, and of no consequence here
    for (let at = size; at < 2 * size; at++) {
      if (LEADER_EPOCH.includes(at - size)) continue;
      flipByte(`${dir}/${FIRST}`, at);
      expect(() => openLog(dir)).toThrow(
        `Expected a whole batch for offset 2 at byte ${size} of ${dir}/${FIRST}`,
      );
      flipByte(`${dir}/${FIRST}`, at);
    }
    expect(await recover(dir)).toMatchObject({ cuts: [], endOffset: 6 });
  });

  it("refuses a torn segment that others follow", async () => {
    const dir = await crashedLog([100, 100, 100], { segmentBytes: 300 });
    for (const index of readdirSync(dir).filter((name) => name.endsWith(".index"))) rmSync(`${dir}/${index}`);
    truncateSync(`${dir}/${FIRST}`, 100);
    expect(() => openLog(dir)).toThrow(`at byte 0 of ${dir}/${FIRST}`);
  });

  it("refuses a log with a segment missing", async () => {
    const dir = await crashedLog([100, 100, 100], { segmentBytes: 300 });
    rmSync(`${dir}/00000000000000000002.log`);
    expect(() => openLog(dir)).toThrow("to begin at offset 2, got 4");
  });

  it("cuts a torn segment that only an empty one follows", async () => {
    const dir = await crashedLog([100, 100]);
    writeFileSync(`${dir}/00000000000000000004.log`, "");
    truncateSync(`${dir}/${FIRST}`, statSync(`${dir}/${FIRST}`).size - 1);
    expect(await recover(dir)).toMatchObject({ endOffset: 2, cuts: [{ file: `${dir}/${FIRST}` }] });
    expect(readdirSync(dir)).not.toContain("00000000000000000004.log");
  });

  it("reads batches larger than the scan's buffer", async () => {
    const dir = await crashedLog([100, 5_000_000, 100]);
    expect(await recover(dir)).toMatchObject({ cuts: [], endOffset: 6 });
  });
});

describe("index files", () => {
  /** A closed log of several segments, and all that can be read of it. */
  async function closedLog() {
    const dir = temporaryDir();
    const config = { segmentBytes: 30_000 };
    const log = openLog(dir, config);
    for (let i = 0; i < 60; i++) await log.append(batchOf([1000 + i, 1001 + i], 700));
    await log.close();
    const read = async () => {
      const opened = openLog(dir, config, { tailBytes: 0 });
      const reads = Array.from({ length: 120 }, (_, offset) =>
        opened.read(offset, 5000, true)[0]!.toString("hex"),
      );
      const times = await Promise.all(
        Array.from({ length: 65 }, (_, i) => opened.offsetForTimestamp(998 + i)),
      );
      await opened.close();
      return { reads, times };
    };
    return { dir, read, indexes: readdirSync(dir).filter((name) => name.endsWith(".index")) };
  }

  it.each<[string, (index: string, other: string) => void]>([
    ["missing", (index) => rmSync(index)],
    ["empty", (index) => writeFileSync(index, "")],
    ["cut short", (index) => truncateSync(index, 60)],
    ["damaged", (index) => flipByte(index, 70)],
    ["another segment's", (index, other) => copyFileSync(other, index)],
    ["another program's", (index) => writeFileSync(index, Buffer.alloc(8000, 1))],
  ])("are rebuilt with the same reads when they are %s", async (_, spoil) => {
    const { dir, read, indexes } = await closedLog();
    const before = await read();
    expect(indexes.length).toBeGreaterThan(2);
    const written = indexes.map((index) => readFileSync(`${dir}/${index}`, "hex"));
    for (const [i, index] of indexes.entries())
      spoil(`${dir}/${index}`, `${dir}/${indexes[(i + 1) % indexes.length]}`);
    expect(await read()).toEqual(before);
    expect(indexes.map((index) => readFileSync(`${dir}/${index}`, "hex"))).toEqual(written);
  });

  it("spare a cleanly closed log the scan", async () => {
    const dir = temporaryDir();
    const log = openLog(dir);
    await log.append(batchOf([1]));
    await log.append(batchOf([2]));
    await log.close();
    flipByte(`${dir}/${FIRST}`, 30); // a scan would find it
    const reopened = openLog(dir);
    expect(reopened.endOffset).toBe(2);
    expect(() => reopened.read(0, 1000, true)).toThrow(
      `at byte 0 of ${dir}/${FIRST}, got a batch with a wrong CRC`,
    );
    await reopened.close();
  });

  it("vouch for no more than was synced: what was appended later is scanned", async () => {
    const dir = temporaryDir();
    const log = openLog(dir);
    await log.append(batchOf([1]));
    await log.close();
    const fs = crashableFs();
    const second = openLog(dir, {}, { fs });
    await second.append(batchOf([2]));
    await second.append(batchOf([3]));
    fs.crash();
    const size = batchOf([1]).length;
    truncateSync(`${dir}/${FIRST}`, 3 * size - 5);
    expect(await recover(dir)).toMatchObject({
      endOffset: 2,
      cuts: [{ position: 2 * size, bytes: size - 5 }],
    });
  });

  it("tell when a file has lost bytes that were synced", async () => {
    const dir = temporaryDir();
    const log = openLog(dir);
    await log.append(batchOf([1]));
    await log.append(batchOf([2]));
    await log.close();
    const size = batchOf([1]).length;
    truncateSync(`${dir}/${FIRST}`, size);
    expect(await recover(dir)).toMatchObject({ endOffset: 1, cuts: [{ position: size, bytes: size }] });
  });

  it("of segments that are gone are removed, and so is what a crash left of a file being replaced", async () => {
    const dir = await crashedLog([10]);
    writeFileSync(`${dir}/00000000000000000099.index`, "x");
    writeFileSync(`${dir}/log-start-offset.tmp`, "x");
    await recover(dir);
    expect(readdirSync(dir).sort()).toEqual(["00000000000000000000.index", FIRST]);
  });
});

describe("offsets in stored batches", () => {
  it("must follow each other, except where compaction may leave gaps", async () => {
    const dir = temporaryDir();
    const [a, b] = [batchOf([1]), batchOf([2])];
    patchBaseOffset(b, 5);
    writeFileSync(`${dir}/${FIRST}`, Buffer.concat([a, b]));
    const cuts: RecoveryCut[] = [];
    const gapped = openLog(dir, { cleanup: "compact" }, { onRecovery: (cut) => cuts.push(cut) });
    expect(gapped.endOffset).toBe(6);
    expect(gapped.read(3, 1000, true)[0]!.equals(b)).toBe(true);
    await gapped.close();
    rmSync(`${dir}/00000000000000000000.index`);
    const dense = openLog(dir, {}, { onRecovery: (cut) => cuts.push(cut) });
    expect(dense.endOffset).toBe(1);
    expect(cuts).toMatchObject([{ position: a.length, reason: "offsets 5 up to 6" }]);
    await dense.close();
  });
});
