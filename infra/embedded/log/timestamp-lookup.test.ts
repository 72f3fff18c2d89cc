import { gzipSync } from "node:zlib";
import { compress as zstdCompress } from "@mongodb-js/zstd";
import fc from "fast-check";
import { compressFrameSync } from "lz4-napi";
import { describe, expect, it } from "vitest";
import { withRecords } from "../wire/record-batch.ts";
import { batchOf, openLog, temporaryDir } from "./testing.ts";

describe("offsetForTimestamp", () => {
  it("is the first record of that timestamp or later, as going through all records finds it", async () => {
    const batches = fc.array(fc.array(fc.nat(50), { minLength: 1, maxLength: 4 }), {
      minLength: 1,
      maxLength: 30,
    });
    await fc.assert(
      fc.asyncProperty(batches, fc.nat(3000), fc.nat(10), async (given, bytes, deleted) => {
        const log = openLog(temporaryDir(), { segmentBytes: 20_000 });
        for (const timestamps of given) await log.append(batchOf(timestamps, bytes));
        const all = given.flat().map((timestamp, offset) => ({ timestamp, offset }));
        const start = Math.min(deleted, all.length);
        log.deleteRecordsBefore(start);
        for (let timestamp = -1; timestamp <= 51; timestamp++) {
          const expected =
            all.find((record) => record.offset >= start && record.timestamp >= timestamp) ?? null;
          const found = await log.offsetForTimestamp(timestamp);
          expect(found && { offset: found.offset, timestamp: found.timestamp }).toEqual(expected);
        }
        await log.close();
      }),
      { numRuns: 20 },
    );
  });

  it.each<[string, number, (data: Buffer) => Buffer | Promise<Buffer>]>([
    ["gzip", 1, gzipSync],
    ["lz4", 3, (data) => compressFrameSync(data)],
    ["zstd", 4, (data) => zstdCompress(data)],
  ])("looks inside batches compressed by %s", async (_, codec, compress) => {
    const plain = batchOf([10, 20, 30, 40]);
    const log = openLog(temporaryDir());
    await log.append(withRecords(plain, codec, await compress(plain.subarray(61))));
    expect(await log.offsetForTimestamp(25)).toMatchObject({ offset: 2, timestamp: 30 });
    expect(await log.latestTimestamp()).toMatchObject({ offset: 3, timestamp: 40 });
    expect(await log.offsetForTimestamp(41)).toBeNull();
    await log.close();
  });

  it("is the beginning of a batch that cannot be decompressed, so that a consumer misses nothing", async () => {
    const log = openLog(temporaryDir());
    await log.append(batchOf([1]));
    await log.append(withRecords(batchOf([10, 20]), 1, Buffer.from("no gzip")));
    expect(await log.offsetForTimestamp(15)).toEqual({ offset: 1, timestamp: 20 });
    await log.close();
  });

  it("goes on to later batches when one claims a timestamp that none of its records has", async () => {
    const liar = batchOf([10]);
    liar.writeUInt32BE(1000, 39); // the low half of maxTimestamp
    const log = openLog(temporaryDir());
    await log.append(withRecords(liar, 0, liar.subarray(61)));
    await log.append(batchOf([500]));
    expect(await log.offsetForTimestamp(100)).toMatchObject({ offset: 1, timestamp: 500 });
    await log.close();
  });

  it("takes the log append time where there is one", async () => {
    const log = openLog(temporaryDir());
    await log.append(batchOf([1, 2]), { logAppendTime: 500 });
    expect(await log.offsetForTimestamp(3)).toMatchObject({ offset: 0, timestamp: 500 });
    await log.close();
  });

  it("ends without an answer when the log is deleted meanwhile", async () => {
    const log = openLog(`${temporaryDir()}/topic-0`);
    for (let i = 0; i < 10; i++) {
      const liar = batchOf([1]);
      liar.writeUInt32BE(1000, 39);
      await log.append(withRecords(liar, 0, liar.subarray(61)));
    }
    const lookup = log.offsetForTimestamp(100);
    await log.delete();
    expect(await lookup).toBeNull();
  });
});

describe("latestTimestamp", () => {
  it("is the first record with the largest timestamp, and none in an empty log", async () => {
    const log = openLog(temporaryDir());
    expect(await log.latestTimestamp()).toBeNull();
    for (const timestamps of [[5, 9], [7], [9, 3]]) await log.append(batchOf(timestamps));
    expect(await log.latestTimestamp()).toMatchObject({ offset: 1, timestamp: 9 });
    await log.close();
  });
});
