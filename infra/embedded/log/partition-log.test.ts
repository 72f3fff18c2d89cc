import { readdirSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeBatch, parseBatchHeader } from "../wire/record-batch.ts";
import { type LogFs, nodeFs } from "./log-fs.ts";
import type { PartitionLog } from "./partition-log.ts";
import { batchOf, openLog, temporaryDir } from "./testing.ts";

/** The whole batches in slices, with their first and next offset. */
function batchesIn(slices: readonly Buffer[]): { first: number; next: number; bytes: Buffer }[] {
  return slices.flatMap((slice) => {
    const batches = [];
    for (let at = 0; at < slice.length; ) {
      const { sizeBytes, baseOffset, lastOffsetDelta } = parseBatchHeader(slice, at);
      const bytes = slice.subarray(at, at + sizeBytes);
      decodeBatch(bytes); // throws unless it is whole and its CRC right
      batches.push({ first: baseOffset, next: baseOffset + lastOffsetDelta + 1, bytes });
      at += sizeBytes;
    }
    return batches;
  });
}

/** Every batch of the log, fetched as a consumer does. */
function readAll(log: PartitionLog, maxBytes: number): ReturnType<typeof batchesIn> {
  const all = [];
  for (let offset = log.startOffset; offset < log.endOffset; ) {
    const batches = batchesIn(log.read(offset, maxBytes, true));
    all.push(...batches);
    offset = batches.at(-1)!.next;
  }
  return all;
}

const sizes = fc.array(fc.record({ records: fc.integer({ min: 1, max: 5 }), bytes: fc.nat(3000) }), {
  minLength: 1,
  maxLength: 40,
});

describe("PartitionLog", () => {
  it("knows how many bytes lie between two offsets without reading them", async () => {
    await fc.assert(
      fc.asyncProperty(
        sizes,
        fc.nat(),
        fc.nat(),
        fc.integer({ min: 1, max: 20_000 }),
        async (plan, a, b, enough) => {
          let readBytes = 0;
          const fs: LogFs = {
            ...nodeFs,
            readSync(fd, buffer, offset, length, position) {
              readBytes += length;
              return nodeFs.readSync(fd, buffer, offset, length, position);
            },
          };
          const log = openLog(temporaryDir(), { segmentBytes: 10_000 }, { fs });
          for (const { records, bytes } of plan) {
            await log.append(
              batchOf(
                Array.from({ length: records }, () => 0),
                bytes,
              ),
            );
          }
          const all = readAll(log, 100_000);
          const pick = (n: number) =>
            [...all.map(({ first }) => first), log.endOffset][n % (all.length + 1)]!;
          const [from, to] = [Math.min(pick(a), pick(b)), Math.max(pick(a), pick(b))];
          const between = all.filter(({ first }) => first >= from && first < to);
          const expected = between.reduce((sum, { bytes }) => sum + bytes.length, 0);
          readBytes = 0;
          expect(log.bytesBetween(from, to)).toBe(expected);
          expect(log.bytesBetween(from, to, enough) >= enough).toBe(expected >= enough);
          // Twice two lookups, each between two entries of the index.
          expect(readBytes).toBeLessThan(8 * 4_200);
          await log.close();
        },
      ),
      { numRuns: 50 },
    );
  });

  it("gives consecutive offsets to batches in the order of their appends", async () => {
    const log = openLog(temporaryDir());
    const appended = await Promise.all(
      [batchOf([1, 2, 3]), batchOf([4]), batchOf([5, 6])].map((b) => log.append(b)),
    );
    expect(appended.map(({ baseOffset }) => baseOffset)).toEqual([0, 3, 4]);
    expect(log.endOffset).toBe(6);
    await log.close();
  });

  it("returns from any offset the batch that holds it and those behind it, from memory, from disk and reopened", async () => {
    await fc.assert(
      fc.asyncProperty(sizes, fc.integer({ min: 1, max: 20_000 }), async (given, maxBytes) => {
        const dir = temporaryDir();
        const config = { segmentBytes: 20_000 };
        const log = openLog(dir, config, { tailBytes: 70_000 });
        await Promise.all(
          given.map(({ records, bytes }) => log.append(batchOf(Array(records).fill(1), bytes))),
        );
        const check = (opened: PartitionLog) => {
          const all = readAll(opened, maxBytes);
          expect(all).toHaveLength(given.length);
          for (let offset = 0; offset < opened.endOffset; offset++) {
            const [batch] = batchesIn(opened.read(offset, 1, true));
            expect(batch!.first <= offset && offset < batch!.next).toBe(true);
            const some = opened.read(offset, maxBytes, false);
            expect(some.reduce((sum, slice) => sum + slice.length, 0)).toBeLessThanOrEqual(maxBytes);
          }
          expect(opened.read(opened.endOffset, maxBytes, true)).toEqual([]);
          return all.map(({ bytes }) => bytes.toString("hex"));
        };
        const before = check(log);
        await log.close();
        const reopened = openLog(dir, config, { tailBytes: 0 });
        expect(reopened.endOffset).toBe(log.endOffset);
        expect(check(reopened)).toEqual(before);
        await reopened.close();
      }),
      { numRuns: 25 },
    );
  });

  it("writes many batches of one turn at once, and more than one write takes in the next turns", async () => {
    const log = openLog(temporaryDir(), { segmentBytes: 1_000_000 });
    let wakeUps = 0;
    log.onAppend(() => {
      wakeUps += 1;
    });
    const appended = await Promise.all(Array.from({ length: 1000 }, (_, i) => log.append(batchOf([i]))));
    expect(appended.map(({ baseOffset }) => baseOffset)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect(wakeUps).toBe(4); // 256 batches a write
    await log.close();
  });

  it("tells listeners when records are readable, until they end it", async () => {
    const log = openLog(temporaryDir());
    const seen: number[] = [];
    const end = log.onAppend(() => seen.push(log.read(0, 1000, true).length));
    await log.append(batchOf([1]));
    end();
    await log.append(batchOf([2]));
    expect(seen).toEqual([1]);
    await log.close();
  });

  it("does not change what was read when more is appended behind it", async () => {
    const log = openLog(temporaryDir());
    await log.append(batchOf([1], 10, "a"));
    const [slice] = log.read(0, 1000, true);
    const before = slice!.toString("hex");
    for (let i = 0; i < 100; i++) await log.append(batchOf([1], 5000, "b"));
    expect(slice!.toString("hex")).toBe(before);
    await log.close();
  });

  it("sets the log append time in the stored batch and tells it", async () => {
    const log = openLog(temporaryDir());
    expect(await log.append(batchOf([1, 2]), { logAppendTime: 777 })).toEqual({
      baseOffset: 0,
      logAppendTimeMs: 777,
    });
    expect(await log.append(batchOf([1, 2]))).toEqual({ baseOffset: 2, logAppendTimeMs: -1 });
    const [first] = batchesIn(log.read(0, 1, true));
    expect(decodeBatch(first!.bytes).records.map(({ timestamp }) => timestamp)).toEqual([777, 777]);
    await log.close();
  });

  it("refuses to read outside of what it holds, and says what that is", async () => {
    const log = openLog(temporaryDir());
    await log.append(batchOf([1, 2]));
    expect(() => log.read(3, 100, true)).toThrow("Expected offset 0–2, got 3");
    expect(() => log.read(-1, 100, true)).toThrow("Expected offset 0–2, got -1");
    await log.close();
    expect(() => log.read(0, 100, true)).toThrow("Expected an open log");
    await expect(log.append(batchOf([1]))).rejects.toThrow("Expected an open log");
  });

  it("keeps what was appended right before it is closed", async () => {
    const dir = temporaryDir();
    const log = openLog(dir);
    const appended = log.append(batchOf([1, 2, 3]));
    await log.close();
    expect(await appended).toMatchObject({ baseOffset: 0 });
    const reopened = openLog(dir);
    expect(reopened.endOffset).toBe(3);
    await reopened.close();
  });

  it("is gone with its folder when deleted; what waits is rejected", async () => {
    const dir = temporaryDir();
    const log = openLog(`${dir}/topic-0`);
    await log.append(batchOf([1]));
    const waiting = log.append(batchOf([2]));
    await Promise.all([log.delete(), expect(waiting).rejects.toThrow("Expected an open log")]);
    expect(readdirSync(dir)).toEqual([]);
  });
});

describe("segments", () => {
  it("roll before they would outgrow segmentBytes, and when the timestamps span more than segmentMs", async () => {
    const dir = temporaryDir();
    const size = batchOf([1], 100).length;
    const log = openLog(dir, { segmentBytes: 2 * size, segmentMs: 1000 });
    for (const timestamp of [1, 1, 1, 900, 900, 2000]) await log.append(batchOf([timestamp], 100));
    const logs = readdirSync(dir).filter((name) => name.endsWith(".log"));
    expect(logs.map((name) => Number(name.slice(0, 20)))).toEqual([0, 2, 4, 5]);
    expect(log.sizeBytes).toBe(6 * size);
    await log.close();
  });

  it("roll within the appends of one turn too", async () => {
    const dir = temporaryDir();
    const log = openLog(dir, { segmentBytes: 500 });
    await Promise.all(Array.from({ length: 20 }, () => log.append(batchOf([1, 1], 100))));
    expect(readdirSync(dir).filter((name) => name.endsWith(".log"))).toHaveLength(20);
    expect(readAll(log, 1_000_000)).toHaveLength(20);
    await log.close();
  });
});
