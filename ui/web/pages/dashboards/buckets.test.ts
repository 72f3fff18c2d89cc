import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { distinctIn, lastBuckets, sumIn, tally, timesOf } from "./buckets.ts";

const MINUTE = 60_000;
const NOW = Date.UTC(2026, 10, 22, 10, 7, 12);

describe("buckets of the last minutes", () => {
  it("start at round times, and the last is the one of now", () => {
    const times = timesOf(lastBuckets(NOW, 15)).map((at) => new Date(at).toISOString().slice(11, 19));
    expect(times).toHaveLength(30);
    expect([times[0], times[1], times.at(-1)]).toEqual(["09:52:30", "09:53:00", "10:07:00"]);
  });

  it("stay where they are while now moves within the last", () => {
    expect(lastBuckets(NOW + 10_000, 15)).toEqual(lastBuckets(NOW, 15));
  });

  it("count each record within them once, and none outside", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -20, max: 5 })), (minutes) => {
        const buckets = lastBuckets(NOW, 15);
        const records = minutes.map((minute) => ({ at: NOW + minute * MINUTE }));
        const inside = records.filter(
          ({ at }) => at >= buckets.from && at < buckets.from + 30 * buckets.width,
        );
        const sum = sumIn(records, buckets, () => 1).reduce((a, b) => a + b, 0);
        expect(sum).toBe(inside.length);
      }),
    );
  });

  it("sum amounts and count different names where they belong", () => {
    const buckets = { from: 0, width: 10, count: 2 };
    const records = [
      { at: 0, name: "a", amount: 1 },
      { at: 9, name: "a", amount: 2 },
      { at: 10, name: "b", amount: 4 },
      { at: 20, name: "c", amount: 8 },
    ];
    expect(sumIn(records, buckets, ({ amount }) => amount)).toEqual([3, 4]);
    expect(distinctIn(records, buckets, ({ name }) => name)).toEqual([1, 1]);
  });
});

describe("a tally", () => {
  it("has the most frequent name first, and equal ones by name", () => {
    expect(tally(["b", "a", "c", "c"], (name) => name)).toEqual([
      { name: "c", count: 2 },
      { name: "a", count: 1 },
      { name: "b", count: 1 },
    ]);
  });
});
