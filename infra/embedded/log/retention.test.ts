import { readdirSync, utimesSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countExpired } from "./retention.ts";
import { batchOf, openLog, temporaryDir } from "./testing.ts";

const SIZE = batchOf([1]).length;
/** One batch a segment. */
const ONE_EACH = { segmentBytes: SIZE };

describe("retention by time", () => {
  it("deletes whole segments whose newest record is too old, and moves the start offset", async () => {
    const dir = temporaryDir();
    let now = 1000;
    const log = openLog(dir, { segmentBytes: 2 * SIZE, retentionMs: 500 }, { now: () => now });
    for (const timestamp of [100, 900, 1000, 1100, 1200]) await log.append(batchOf([timestamp]));
    expect(log.enforceRetention()).toBe(0);
    now = 1401; // 900 is 501 ms old; the second segment's newest is 301
    expect(log.enforceRetention()).toBe(2 * SIZE);
    expect([log.startOffset, log.endOffset, log.sizeBytes]).toEqual([2, 5, 3 * SIZE]);
    expect(() => log.read(1, 100, true)).toThrow("Expected offset 2–5, got 1");
    await log.close();
    const reopened = openLog(dir);
    expect(reopened.startOffset).toBe(2);
    await reopened.close();
  });

  it("rolls the newest segment when even that is too old; offsets go on where they were, also after a restart", async () => {
    const dir = temporaryDir();
    const log = openLog(dir, { retentionMs: 500 }, { now: () => 10_000 });
    await log.append(batchOf([1, 2, 3]));
    expect(log.enforceRetention()).toBeGreaterThan(0);
    expect([log.startOffset, log.endOffset, log.sizeBytes]).toEqual([3, 3, 0]);
    expect(log.enforceRetention()).toBe(0);
    await log.close();
    const reopened = openLog(dir);
    expect(await reopened.append(batchOf([9]))).toMatchObject({ baseOffset: 3 });
    await reopened.close();
  });

  it("judges records without timestamp by the time of the file", async () => {
    const dir = temporaryDir();
    const log = openLog(dir, { retentionMs: 500 }, { now: () => 2_000_000 });
    await log.append(batchOf([-1]));
    utimesSync(`${dir}/00000000000000000000.log`, 1999.9, 1999.9);
    expect(log.enforceRetention()).toBe(0);
    utimesSync(`${dir}/00000000000000000000.log`, 1000, 1000);
    expect(log.enforceRetention()).toBe(SIZE);
    await log.close();
  });

  it("deletes nothing when the clock went back, nor from a log that is compacted or kept", async () => {
    for (const [cleanup, now] of [
      ["delete", -1_000_000],
      ["compact", 1_000_000],
      ["none", 1_000_000],
    ] as const) {
      const log = openLog(
        temporaryDir(),
        { ...ONE_EACH, retentionMs: 1, retentionBytes: 0, cleanup },
        { now: () => now },
      );
      if (cleanup === "delete")
        log.setConfig({
          ...ONE_EACH,
          segmentMs: 1e9,
          retentionMs: 1,
          retentionBytes: -1,
          cleanup,
          flush: "os",
        });
      for (let i = 0; i < 3; i++) await log.append(batchOf([i]));
      expect(log.enforceRetention()).toBe(0);
      await log.close();
    }
  });
});

describe("retention by size", () => {
  it("deletes the oldest segments as long as the rest still holds that many bytes", async () => {
    const log = openLog(temporaryDir(), { ...ONE_EACH, retentionBytes: 3 * SIZE - 1 });
    for (let i = 0; i < 6; i++) await log.append(batchOf([i]));
    expect(log.enforceRetention()).toBe(3 * SIZE);
    expect([log.startOffset, log.sizeBytes]).toEqual([3, 3 * SIZE]);
    await log.close();
  });

  it("follows a changed setting", async () => {
    const log = openLog(temporaryDir(), ONE_EACH);
    for (let i = 0; i < 6; i++) await log.append(batchOf([i]));
    expect(log.enforceRetention()).toBe(0);
    log.setConfig({
      ...ONE_EACH,
      segmentMs: 1e9,
      retentionMs: -1,
      retentionBytes: SIZE,
      cleanup: "delete",
      flush: "os",
    });
    expect(log.enforceRetention()).toBe(5 * SIZE);
    await log.close();
  });

  it("never leaves less than asked for, and never keeps a segment that could go", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 100 })), fc.nat(1000), (sizes, retentionBytes) => {
        const segments = sizes.map((logBytes) => ({ logBytes, newestMs: () => 0 }));
        const count = countExpired(segments, { retentionMs: -1, retentionBytes }, 0);
        const sum = (from: number) => sizes.slice(from).reduce((a, b) => a + b, 0);
        expect(count === 0 || sum(count) >= retentionBytes).toBe(true);
        expect(count === sizes.length || sum(count + 1) < retentionBytes).toBe(true);
      }),
    );
  });
});

describe("deleteRecordsBefore", () => {
  it("makes an offset within a segment the first that can be read, for good", async () => {
    const dir = temporaryDir();
    const log = openLog(dir, { segmentBytes: 2 * SIZE });
    for (let i = 0; i < 6; i++) await log.append(batchOf([i]));
    log.deleteRecordsBefore(3);
    expect([log.startOffset, log.sizeBytes]).toEqual([3, 4 * SIZE]);
    log.deleteRecordsBefore(1);
    expect(log.startOffset).toBe(3);
    expect(await log.offsetForTimestamp(0)).toMatchObject({ offset: 3 });
    await log.close();
    const reopened = openLog(dir);
    expect([reopened.startOffset, reopened.endOffset]).toEqual([3, 6]);
    await reopened.close();
  });

  it("can empty the log", async () => {
    const dir = temporaryDir();
    const log = openLog(dir);
    await log.append(batchOf([1, 2]));
    log.deleteRecordsBefore(2);
    expect([log.startOffset, log.endOffset, log.sizeBytes]).toEqual([2, 2, 0]);
    log.deleteRecordsBefore(2);
    expect(readdirSync(dir).filter((name) => name.endsWith(".log"))).toEqual(["00000000000000000002.log"]);
    expect(await log.append(batchOf([3]))).toMatchObject({ baseOffset: 2 });
    await log.close();
  });

  it("refuses an offset beyond the end", async () => {
    const log = openLog(temporaryDir());
    await log.append(batchOf([1, 2]));
    expect(() => log.deleteRecordsBefore(3)).toThrow("Expected offset 0–2, got 3");
    await log.close();
  });
});
