import { afterEach, describe, expect, it, vi } from "vitest";
import { decodeBatch, encodeBatch, parseBatchHeader } from "../wire/record-batch.ts";
import type { FlushMode } from "./log-config.ts";
import { type LogFs, nodeFs } from "./log-fs.ts";
import { LossyDisk } from "./lossy-disk.ts";
import type { PartitionLog } from "./partition-log.ts";
import { batchOf, openLog, systemError, temporaryDir } from "./testing.ts";

afterEach(() => void vi.useRealTimers());

/** The same numbers for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const keyed = (key: string, value: string): Buffer =>
  encodeBatch({
    baseOffset: 0,
    records: [{ timestamp: 1, key: Buffer.from(key), value: Buffer.from(value), headers: [] }],
  });

/** Offset → value of everything readable. */
function contentOf(log: PartitionLog): Map<number, string> {
  const found = new Map<number, string>();
  for (let offset = log.startOffset; offset < log.endOffset; ) {
    const before = offset;
    for (const slice of log.read(offset, 1, true)) {
      const { records } = decodeBatch(slice.subarray(0, parseBatchHeader(slice).sizeBytes));
      for (const record of records) found.set(record.offset, String(record.value));
      offset = records.at(-1)!.offset + 1;
    }
    if (offset === before) break;
  }
  return found;
}

const POLICY = {
  minCleanableDirtyRatio: 0,
  deleteRetentionMs: 1_000,
  minCompactionLagMs: 0,
  maxCompactionLagMs: Number.POSITIVE_INFINITY,
};
const DECIDED = { lastStableOffset: Number.POSITIVE_INFINITY, isAborted: () => false };

/** Lives of a log on one disk, each ended by a power failure. Returns how many acknowledged records are gone in the end. */
async function lostIn(
  flush: FlushMode,
  powerFailures: number,
  compacted: boolean,
  seed: number,
): Promise<number> {
  const random = randomFrom(seed);
  const disk = new LossyDisk();
  const acknowledged = new Map<number, { key: string; value: string }>();
  let lost = 0;
  for (let failure = 0; failure < powerFailures; failure++) {
    const log = openLog(
      "/p",
      { segmentBytes: 400, flush, cleanup: compacted ? "compact" : "delete" },
      { fs: disk.boot() },
    );
    const content = contentOf(log);
    const newest = new Map([...acknowledged].map(([offset, { key }]) => [key, offset]));
    for (const [offset, { key, value }] of acknowledged) {
      const isThere = content.get(offset) === value;
      // A later record of that key may have been written without having been acknowledged.
      const superseded =
        compacted && (newest.get(key) !== offset || [...content.keys()].some((other) => other > offset));
      if (!isThere && !superseded) lost++;
    }
    if (log.endOffset <= Math.max(-1, ...acknowledged.keys())) lost++;
    const pending: Promise<unknown>[] = [];
    const appends = 1 + Math.floor(random() * 12);
    for (let i = 0; i < appends; i++) {
      const key = `k${Math.floor(random() * 5)}`;
      const value = `${failure}.${i}`;
      const appended = log.append(keyed(key, value)).then(({ baseOffset }) => {
        acknowledged.set(baseOffset, { key, value });
      });
      pending.push(appended.catch(() => {}));
      if (random() < 0.4) await Promise.all(pending);
    }
    if (compacted && random() < 0.5) pending.push(log.compact(POLICY, DECIDED).catch(() => {}));
    // The failure comes anywhere in what is still going on.
    for (let turns = Math.floor(random() * 6); turns > 0; turns--) await new Promise(setImmediate);
    disk.losePower(random);
    await Promise.all(pending);
  }
  return lost;
}

describe("what an acknowledged record survives", () => {
  it("flush=always: 1,000 power failures that drop what was not synced and tear the last write", async () => {
    for (let seed = 0; seed < 50; seed++) expect(await lostIn("always", 20, false, seed)).toBe(0);
  }, 60_000);

  it("flush=always, compacted meanwhile: 200 of them", async () => {
    for (let seed = 0; seed < 10; seed++) expect(await lostIn("always", 20, true, seed)).toBe(0);
  }, 60_000);

  it("flush=os: not a power failure", async () => {
    expect(await lostIn("os", 20, false, 1)).toBeGreaterThan(0);
  });
});

describe("flush=always", () => {
  /** Syncs end when the test says so. */
  function heldFs(): LogFs & { syncs: { end(): void; fail(): void }[] } {
    const syncs: { end(): void; fail(): void }[] = [];
    const fdatasync = () =>
      new Promise<void>((resolve, reject) => {
        syncs.push({ end: resolve, fail: () => reject(systemError("EIO")) });
      });
    return { ...nodeFs, fsync: async () => {}, fsyncSync() {}, fdatasync, syncs };
  }

  it("neither acknowledges nor shows a record before it is synced; what comes meanwhile shares the next sync", async () => {
    const fs = heldFs();
    const log = openLog(temporaryDir(), { flush: "always" }, { fs });
    const acknowledged: number[] = [];
    const append = () => log.append(batchOf([1])).then(({ baseOffset }) => acknowledged.push(baseOffset));
    const first = append();
    await vi.waitFor(() => expect(fs.syncs).toHaveLength(1));
    const others = [append(), append(), append()];
    await new Promise(setImmediate);
    expect([log.endOffset, acknowledged, fs.syncs.length]).toEqual([0, [], 1]);
    fs.syncs[0]!.end();
    await first;
    expect([log.endOffset, acknowledged]).toEqual([1, [0]]);
    await vi.waitFor(() => expect(fs.syncs).toHaveLength(2));
    fs.syncs[1]!.end();
    await Promise.all(others);
    expect([log.endOffset, acknowledged, fs.syncs.length]).toEqual([4, [0, 1, 2, 3], 2]);
    await log.close();
  });

  it("takes nothing more after a failed sync, not even one that would succeed", async () => {
    const fs = heldFs();
    const log = openLog(temporaryDir(), { flush: "always" }, { fs });
    const refused = expect(log.append(batchOf([1]))).rejects.toThrow("Cannot sync");
    await vi.waitFor(() => expect(fs.syncs).toHaveLength(1));
    fs.syncs[0]!.fail();
    await refused;
    await expect(log.append(batchOf([1]))).rejects.toThrow("restart the broker");
    expect(log.endOffset).toBe(0);
    await log.close();
  });

  it("acknowledges at a close what waits, once it is synced", async () => {
    const log = openLog(temporaryDir(), { flush: "always" });
    const appends = [log.append(batchOf([1])), log.append(batchOf([2]))];
    const closing = log.close();
    expect(await Promise.all(appends)).toMatchObject([{ baseOffset: 0 }, { baseOffset: 1 }]);
    await closing;
  });
});

describe("flush=interval", () => {
  it("syncs once for all that was written in the interval, and not when nothing was", async () => {
    let syncs = 0;
    const fs: LogFs = {
      ...nodeFs,
      fsync: async () => {},
      fsyncSync() {},
      fdatasync: async () => void syncs++,
    };
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const log = openLog(temporaryDir(), { flush: { everyMs: 50 } }, { fs });
    await log.append(batchOf([1]));
    await log.append(batchOf([2]));
    expect(syncs).toBe(0);
    vi.advanceTimersByTime(50);
    expect(syncs).toBe(1);
    vi.advanceTimersByTime(500);
    expect(syncs).toBe(1);
    await log.append(batchOf([3]));
    vi.advanceTimersByTime(50);
    expect(syncs).toBe(2);
    await log.close();
  });
});
