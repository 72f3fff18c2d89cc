import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Direction, Span } from "./browse-plan.ts";
import type { Fetch, PieceSize } from "./browse-read.ts";
import { createScan, type Found, type ScanOptions } from "./browse-scan.ts";
import type { RawKafkaRecord } from "./codec.ts";

/** A partition in memory: offsets may have gaps, times may go back. */
type Log = RawKafkaRecord[];

const aRecord = (offset: bigint, timestamp: number, size = 1): RawKafkaRecord => ({
  offset: String(offset),
  timestamp: String(timestamp),
  key: null,
  value: Buffer.alloc(size, "x"),
});

/** Gives records from `offset` on until there are enough bytes, at least one; and at times nothing, as a broker may. */
function fetchFrom(logs: readonly Log[], isEmptyAt: (offset: bigint) => boolean = () => false): Fetch {
  return async (partition, offset, maxBytes) => {
    if (isEmptyAt(offset)) return { records: [], nextOffset: offset + 1n };
    const records: RawKafkaRecord[] = [];
    let bytes = 0;
    for (const record of logs[partition]!) {
      if (BigInt(record.offset) < offset) continue;
      if (records.length > 0 && bytes + record.value!.length > maxBytes) break;
      bytes += record.value!.length;
      records.push(record);
    }
    const last = records[records.length - 1];
    return { records, nextOffset: last ? BigInt(last.offset) + 1n : offset + 1n };
  };
}

const endOf = (log: Log): bigint => (log.length > 0 ? BigInt(log[log.length - 1]!.offset) + 1n : 0n);
const wholeSpans = (logs: readonly Log[]): Span[] =>
  logs.map((log, partition) => ({ partition, start: 0n, end: endOf(log) }));

const scanOf = (given: Partial<ScanOptions> & Pick<ScanOptions, "spans" | "fetch" | "direction">) =>
  createScan({
    filter: { matches: () => true },
    size: { records: 3, bytes: 200 },
    breathe: () => null,
    ...given,
  });

async function take(scan: ReturnType<typeof createScan>, limit: number): Promise<Found[]> {
  const all: Found[] = [];
  while (all.length < limit) {
    const found = await scan.next();
    if (found === "done") break;
    if (found) all.push(found);
  }
  return all;
}

const idOf = ({ partition, raw }: Found): string => `${partition}/${raw.offset}`;

const sizes: fc.Arbitrary<PieceSize> = fc.record({
  records: fc.integer({ min: 1, max: 8 }),
  bytes: fc.integer({ min: 1, max: 600 }),
});

const aLog: fc.Arbitrary<Log> = fc
  .array(
    fc.tuple(
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: -2, max: 5 }),
      fc.integer({ min: 0, max: 90 }),
    ),
    {
      maxLength: 25,
    },
  )
  .map((steps) => {
    let offset = -1n;
    let time = 100;
    return steps.map(([gap, later, size]) => {
      offset += BigInt(gap);
      time += later;
      return aRecord(offset, time, size);
    });
  });

describe("a scan", () => {
  it("merges partitions by time", async () => {
    const logs = [
      [aRecord(0n, 10), aRecord(1n, 30), aRecord(2n, 50)],
      [aRecord(0n, 20), aRecord(1n, 40)],
    ];
    const ids = async (direction: Direction) =>
      (await take(scanOf({ spans: wholeSpans(logs), fetch: fetchFrom(logs), direction }), 9)).map(idOf);
    expect(await ids("forward")).toEqual(["0/0", "1/0", "0/1", "1/1", "0/2"]);
    expect(await ids("backward")).toEqual(["0/2", "1/1", "0/1", "1/0", "0/0"]);
  });

  it("is in the order of time wherever each partition is", async () => {
    const ordered = aLog.map((log) => log.map((record, i) => aRecord(BigInt(record.offset), 10 * i, 9)));
    await fc.assert(
      fc.asyncProperty(
        fc.array(ordered, { maxLength: 3 }),
        sizes,
        fc.boolean(),
        async (logs, size, forward) => {
          const direction = forward ? "forward" : "backward";
          const found = await take(
            scanOf({ spans: wholeSpans(logs), fetch: fetchFrom(logs), direction, size }),
            999,
          );
          const times = found.map(({ raw }) => Number(raw.timestamp));
          const sorted = [...times].sort((a, b) => (forward ? a - b : b - a));
          expect(times).toEqual(sorted);
        },
      ),
    );
  });

  it("gives every record once over pages of any size, while records come in and pages have filters", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          logs: fc.array(aLog, { minLength: 1, maxLength: 4 }),
          added: fc.array(fc.nat(3), { maxLength: 10 }),
          limits: fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 5 }),
          size: sizes,
          forward: fc.boolean(),
          odd: fc.boolean(),
          empty: fc.boolean(),
        }),
        async ({ logs, added, limits, size, forward, odd, empty }) => {
          const matches = (_partition: number, { offset }: RawKafkaRecord) =>
            !odd || BigInt(offset) % 2n === 1n;
          const direction = forward ? "forward" : "backward";
          const before = logs.flatMap((log, partition) => log.map((raw) => ({ partition, raw })));
          const isEmptyAt = (offset: bigint) =>
            empty && !logs.some((log) => log.some((record) => BigInt(record.offset) === offset));
          const seen: Found[] = [];
          let spans = wholeSpans(logs);
          for (let page = 0; ; page++) {
            const fetch = fetchFrom(logs, isEmptyAt);
            const scan = scanOf({ spans, fetch, direction, size, filter: { matches } });
            const records = await take(scan, limits[page % limits.length]!);
            seen.push(...records);
            if (!scan.hasMore()) break;
            expect(records.length).toBeGreaterThan(0);
            // Somebody writes, and the next page goes on at the positions of the last.
            const to = added[page];
            const log = to === undefined ? undefined : logs[to];
            log?.push(aRecord(endOf(log), 1_000));
            const positions = scan.positions();
            spans = spans.map((span) => {
              const at = positions.get(span.partition)!;
              return forward
                ? { ...span, start: at, end: endOf(logs[span.partition]!) }
                : { ...span, end: at };
            });
          }
          const now = logs.flatMap((log, partition) => log.map((raw) => ({ partition, raw })));
          const expected = (forward ? now : before).filter(({ partition, raw }) => matches(partition, raw));
          const ids = seen.map(idOf);
          expect(new Set(ids).size).toBe(ids.length);
          expect([...ids].sort()).toEqual(
            expect.arrayContaining(before.filter(({ partition, raw }) => matches(partition, raw)).map(idOf)),
          );
          expect(expected.map(idOf)).toEqual(expect.arrayContaining(ids));
        },
      ),
    );
  });

  it("passes over every offset of its spans exactly once, gaps included", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(aLog, { maxLength: 4 }), sizes, fc.boolean(), async (logs, size, forward) => {
        const direction = forward ? "forward" : "backward";
        const spans = wholeSpans(logs);
        const scan = scanOf({
          spans,
          fetch: fetchFrom(logs),
          direction,
          size,
          filter: { matches: () => false },
        });
        expect(await take(scan, 1)).toEqual([]);
        expect(scan.scanned()).toBe(spans.reduce((sum, { end }) => sum + Number(end), 0));
        expect(scan.hasMore()).toBe(false);
      }),
    );
  });

  it.each([
    [100, 1],
    [500, 3],
    [1_000, 7],
  ])(
    "keeps at most eight fetches of %i bytes when it goes backward: %i records of 1,000",
    async (bytes, most) => {
      const log = Array.from({ length: 100 }, (_, i) => aRecord(BigInt(i), i, 1_000));
      const size = { records: 100, bytes };
      const scan = scanOf({ spans: wholeSpans([log]), fetch: fetchFrom([log]), direction: "backward", size });
      const pieces: number[] = [];
      for (let before = 0; (await scan.next()) !== "done"; before = scan.scanned()) {
        if (scan.scanned() > before) pieces.push(scan.scanned() - before);
      }
      expect(Math.max(...pieces)).toBe(most);
      expect(pieces.reduce((a, b) => a + b)).toBe(100);
    },
  );

  it("lets others have their turn between records", async () => {
    const log = Array.from({ length: 100 }, (_, i) => aRecord(BigInt(i), i, 1));
    let breaths = 0;
    const breathe = async () => {
      breaths += 1;
    };
    const size = { records: 100, bytes: 100_000 };
    await take(
      scanOf({ spans: wholeSpans([log]), fetch: fetchFrom([log]), direction: "forward", breathe, size }),
      999,
    );
    expect(breaths).toBeGreaterThanOrEqual(100 / 16);
  });

  it("rejects when reading fails", async () => {
    const fetch: Fetch = async () => Promise.reject(new Error("gone"));
    const scan = scanOf({ spans: [{ partition: 0, start: 0n, end: 5n }], fetch, direction: "forward" });
    await expect(scan.next()).rejects.toThrow("gone");
  });
});
