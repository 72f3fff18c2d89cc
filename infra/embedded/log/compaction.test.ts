import { readdirSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compressRecords, decompressBatch } from "../wire/compression.ts";
import {
  BATCH_HEADER_BYTES,
  decodeBatch,
  encodeBatch,
  parseBatchHeader,
  withRecords,
} from "../wire/record-batch.ts";
import type { Decided } from "./compaction.ts";
import type { CompactionPolicy } from "./compaction-plan.ts";
import { type LogFs, nodeFs } from "./log-fs.ts";
import type { PartitionLog } from "./partition-log.ts";
import { openLog, temporaryDir } from "./testing.ts";

const ALWAYS: CompactionPolicy = {
  minCleanableDirtyRatio: 0,
  deleteRetentionMs: 1000,
  minCompactionLagMs: 0,
  maxCompactionLagMs: Number.POSITIVE_INFINITY,
};
const ALL: Decided = { lastStableOffset: Number.POSITIVE_INFINITY, isAborted: () => false };

type Pair = readonly [key: string, value: string | null];

function batch(pairs: readonly Pair[], producer: object = {}): Buffer {
  const records = pairs.map(([key, value], i) => ({
    timestamp: 100 + i,
    key: Buffer.from(key),
    value: value === null ? null : Buffer.from(value),
    headers: [{ key: "h", value: null }],
  }));
  return encodeBatch({ baseOffset: 0, records, ...producer });
}

/** A commit (1) or abort (0) marker. */
function marker(type: number, producerId: number): Buffer {
  const records = [{ timestamp: 1, key: Buffer.from([0, 0, 0, type]), value: Buffer.alloc(6), headers: [] }];
  return encodeBatch({
    baseOffset: 0,
    records,
    producerId,
    producerEpoch: 0,
    transactional: true,
    control: true,
  });
}

/** Everything readable, batch by batch. */
async function contentOf(log: PartitionLog) {
  const batches = [];
  for (let offset = log.startOffset; offset < log.endOffset; ) {
    const before = offset;
    for (const slice of log.read(offset, 10_000, true)) {
      for (let at = 0; at < slice.length; ) {
        const header = parseBatchHeader(slice, at);
        const bytes = slice.subarray(at, at + header.sizeBytes);
        batches.push({ header, bytes, records: decodeBatch(await decompressBatch(bytes)).records });
        at += header.sizeBytes;
        offset = header.baseOffset + header.lastOffsetDelta + 1;
      }
    }
    if (offset === before) break;
  }
  return batches;
}

const recordsIn = async (log: PartitionLog) =>
  (await contentOf(log)).flatMap(({ records }) =>
    records.map(({ offset, key, value }) => `${offset} ${key}=${value}`),
  );

/** A log of two batches a segment, the last one still being written. */
async function logOf(batches: readonly Buffer[], dir = temporaryDir(), now = () => 0, fs = nodeFs) {
  const log = openLog(dir, { cleanup: "compact", segmentBytes: 2 * batches[0]!.length }, { now, fs });
  for (const each of batches) await log.append(each);
  return log;
}

describe("compaction", () => {
  it("keeps the last record of each key at its offset, and leaves the newest segment alone", async () => {
    const dir = temporaryDir();
    const pairs: Pair[] = [
      ["a", "1"],
      ["b", "1"],
      ["a", "2"],
      ["c", "1"],
      ["a", "3"],
      ["a", "4"],
    ];
    const log = await logOf(
      pairs.map((pair) => batch([pair])),
      dir,
    );
    expect(await log.compact(ALWAYS, ALL)).toMatchObject({ recordsWithoutKey: 0 });
    const kept = ["1 b=1", "2 a=2", "3 c=1", "4 a=3", "5 a=4"];
    expect(await recordsIn(log)).toEqual(kept);
    expect([log.startOffset, log.endOffset]).toEqual([0, 6]);
    expect(readdirSync(dir).filter((name) => name.includes("swap"))).toEqual([]);
    await log.close();
    const reopened = openLog(dir, { cleanup: "delete" });
    expect(await recordsIn(reopened)).toEqual(kept);
    expect((await reopened.append(batch([["z", "1"]]))).baseOffset).toBe(6);
    await reopened.close();
  });

  it.each([0, 1, 2, 3, 4])(
    "takes records out of a batch of codec %i: timestamps, headers and codec stay",
    async (codec) => {
      const plain = batch([
        ["a", "1"],
        ["b", "1"],
        ["c", "1"],
      ]);
      const compressed = withRecords(
        plain,
        codec,
        await compressRecords(codec, plain.subarray(BATCH_HEADER_BYTES)),
      );
      const log = await logOf([
        compressed,
        batch([
          ["c", "2"],
          ["a", "2"],
        ]),
        batch([["x", "1"]]),
        batch([["x", "2"]]),
      ]);
      await log.compact(ALWAYS, ALL);
      const [first] = await contentOf(log);
      expect(first!.header).toMatchObject({
        baseOffset: 0,
        lastOffsetDelta: 1,
        recordCount: 1,
        codec,
        maxTimestamp: 101,
      });
      expect(first!.records).toEqual([
        {
          offset: 1,
          timestamp: 101,
          key: Buffer.from("b"),
          value: Buffer.from("1"),
          headers: [{ key: "h", value: null }],
        },
      ]);
      await log.close();
    },
  );

  it("keeps tombstones for delete.retention.ms after it met them, then drops them; values before them at once", async () => {
    let now = 0;
    const one = (key: string, value: string | null) => batch([[key, value]]);
    const log = await logOf(
      [one("a", "1"), one("a", null), one("b", "1"), one("c", "1"), one("d", "1")],
      undefined,
      () => now,
    );
    await log.compact(ALWAYS, ALL);
    expect(await recordsIn(log)).toEqual(["1 a=null", "2 b=1", "3 c=1", "4 d=1"]);
    const [tombstone] = await contentOf(log);
    expect(tombstone!.header.attributes & 0x40).toBe(0x40);
    expect(tombstone!.records[0]!.timestamp).toBe(100);
    now = 1000;
    await log.append(one("e", "1"));
    await log.append(one("e", "2"));
    await log.compact(ALWAYS, ALL);
    expect((await recordsIn(log))[0]).toBe("1 a=null");
    now = 1001;
    for (const value of ["3", "4"]) await log.append(one("e", value));
    await log.compact(ALWAYS, ALL);
    expect((await recordsIn(log))[0]).toBe("2 b=1");
    await log.close();
  });

  it("starts and ends at the same offsets when all of a segment is dropped, also after a restart", async () => {
    const dir = temporaryDir();
    const log = openLog(dir, { cleanup: "compact", segmentBytes: 1 });
    const aborted = { producerId: 2, producerEpoch: 0, baseSequence: 0, transactional: true };
    await log.append(batch([["a", "1"]], aborted));
    await log.append(batch([["b", "1"]]));
    await log.compact(ALWAYS, { lastStableOffset: 2, isAborted: () => true });
    expect([log.startOffset, log.endOffset, await recordsIn(log)]).toEqual([0, 2, ["1 b=1"]]);
    await log.close();
    const reopened = openLog(dir, { cleanup: "compact" });
    expect([reopened.startOffset, reopened.endOffset, await recordsIn(reopened)]).toEqual([0, 2, ["1 b=1"]]);
    await reopened.close();
  });

  it("drops aborted records, keeps what is undecided, and a marker as long as its records", async () => {
    const producer = (producerId: number) => ({
      producerId,
      producerEpoch: 0,
      baseSequence: 0,
      transactional: true,
    });
    const log = openLog(temporaryDir(), { cleanup: "compact", segmentBytes: 1 });
    await log.append(batch([["a", "committed"]], producer(1)));
    await log.append(batch([["a", "aborted"]], producer(2)));
    await log.append(marker(1, 1));
    await log.append(marker(0, 2));
    await log.append(batch([["a", "open"]], producer(3)));
    await log.append(batch([["b", "1"]]));
    const decided: Decided = { lastStableOffset: 4, isAborted: (id, offset) => id === 2 && offset < 3 };
    await log.compact(ALWAYS, decided);
    const kinds = (await contentOf(log)).map(({ header, records }) =>
      header.control ? `${header.baseOffset} marker` : `${header.baseOffset} ${records[0]!.value}`,
    );
    expect(kinds).toEqual(["0 committed", "2 marker", "3 marker", "4 open", "5 1"]);
    await log.close();
  });

  it("waits for min.cleanable.dirty.ratio and min.compaction.lag.ms, but not beyond max.compaction.lag.ms", async () => {
    let now = 1_000;
    const log = await logOf(
      "abcdef".split("").map((key) => batch([[key, "1"]])),
      undefined,
      () => now,
    );
    const policy = { ...ALWAYS, minCompactionLagMs: 901 };
    expect(await log.compact(policy, ALL)).toBeNull();
    now = 1_001;
    expect(await log.compact(policy, ALL)).not.toBeNull();
    for (const key of "gh") await log.append(batch([[key, "1"]]));
    const half = { ...ALWAYS, minCleanableDirtyRatio: 0.5 };
    expect(await log.compact(half, ALL)).toBeNull();
    expect(await log.compact({ ...half, maxCompactionLagMs: 900 }, ALL)).not.toBeNull();
    await log.close();
  });

  it("joins small neighbours to one segment", async () => {
    const dir = temporaryDir();
    const log = await logOf(
      Array.from({ length: 21 }, (_, i) => batch([[`k${i % 2}`, `${i % 10}`]])),
      dir,
    );
    for (let i = 0; i < 3; i++) {
      await log.append(batch([["k0", "9"]]));
      await log.append(batch([["k1", "9"]]));
      await log.compact(ALWAYS, ALL);
    }
    expect(readdirSync(dir).filter((name) => name.endsWith(".log")).length).toBeLessThanOrEqual(4);
    expect(await recordsIn(log)).toEqual(["24 k1=9", "25 k0=9", "26 k1=9"]);
    await log.close();
  });

  it("is read whole through any gaps: every key's last value, in order, no empty batch (property)", async () => {
    const pair = fc.tuple(fc.constantFrom("a", "b", "c", "d"), fc.option(fc.constantFrom("1", "2", "3")));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.array(pair, { minLength: 1, maxLength: 4 }), fc.boolean()), { maxLength: 25 }),
        async (steps) => {
          const log = openLog(temporaryDir(), { cleanup: "compact", segmentBytes: 220 });
          const last = new Map<string, string>();
          let offset = 0;
          for (const [pairs, compactNow] of steps) {
            await log.append(batch(pairs));
            for (const [key, value] of pairs) last.set(key, `${offset++} ${key}=${value}`);
            if (compactNow) await log.compact(ALWAYS, ALL);
          }
          const batches = await contentOf(log);
          expect(batches.every(({ header }) => header.recordCount > 0)).toBe(true);
          const seen = await recordsIn(log);
          const offsets = seen.map((line) => Number.parseInt(line, 10));
          expect(offsets).toEqual([...offsets].sort((x, y) => x - y));
          expect(seen).toEqual(expect.arrayContaining([...last.values()]));
          await log.close();
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe("a crash while compacting", () => {
  it("loses nothing and compacts again, at whatever step it comes", async () => {
    const crash = new Error("killed");
    const pairs: Pair[] = [
      ["a", "1"],
      ["b", "1"],
      ["a", "2"],
      ["c", "1"],
      ["a", null],
      ["b", "2"],
      ["d", "1"],
    ];
    let finished = false;
    let steps = 0;
    for (; !finished; steps++) {
      const dir = temporaryDir();
      const log = await logOf(
        pairs.map((pair) => batch([pair])),
        dir,
      );
      await log.close();
      let left = steps;
      const step = <T>(call: () => T): T => {
        if (left-- <= 0) throw crash;
        return call();
      };
      const dying: LogFs = {
        ...nodeFs,
        writevSync: (fd, buffers, position) => step(() => nodeFs.writevSync(fd, buffers, position)),
        writeFileSync: (path, content) => step(() => nodeFs.writeFileSync(path, content)),
        renameSync: (from, to) => step(() => nodeFs.renameSync(from, to)),
        unlinkSync: (path) => step(() => nodeFs.unlinkSync(path)),
        fsync: async () => step(() => {}),
        fdatasync: async () => step(() => {}),
      };
      const victim = openLog(dir, { cleanup: "compact", segmentBytes: 300 }, { fs: dying });
      finished = await victim.compact(ALWAYS, ALL).then(
        () => left > 0,
        () => false,
      );
      const after = openLog(dir, { cleanup: "compact", segmentBytes: 300 });
      expect([after.startOffset, after.endOffset]).toEqual([0, 7]);
      await after.append(batch([["e", "1"]]));
      await after.append(batch([["e", "2"]]));
      await after.compact(ALWAYS, ALL);
      const seen = await recordsIn(after);
      expect(seen).toEqual(expect.arrayContaining(["3 c=1", "4 a=null", "5 b=2", "6 d=1", "8 e=2"]));
      expect(seen).not.toContain("0 a=1");
      await after.close();
    }
    expect(steps).toBeGreaterThan(8);
  });
});
