import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createWriteTimes } from "./write-times.ts";

const KEEP_MS = 60_000;

function observed(...looks: readonly (readonly [takenAt: number, end: bigint])[]) {
  const times = createWriteTimes(KEEP_MS);
  for (const [takenAt, end] of looks) times.observe({ takenAt, ends: new Map([["t", new Map([[0, end]])]]) });
  return (offset: bigint) => times.at("t", 0, offset);
}

describe("when a record was written", () => {
  it("is interpolated between two looks", () => {
    const at = observed([1_000, 100n], [3_000, 300n]);
    expect([at(100n), at(200n), at(250n)]).toEqual([1_000, 2_000, 2_500]);
  });

  it("is after the time that the partition stood still", () => {
    const at = observed([1_000, 10n], [3_000, 10n], [5_000, 10n], [7_000, 12n]);
    expect([at(10n), at(11n)]).toEqual([5_000, 6_000]);
  });

  it("is not known of records older than the first look", () => {
    expect(observed([1_000, 100n], [3_000, 300n])(99n)).toBeNull();
    expect(observed()(0n)).toBeNull();
  });

  it("of a record that no look has seen is the last look", () => {
    expect(observed([1_000, 100n])(100n)).toBe(1_000);
  });

  it("is forgotten after a while", () => {
    const at = observed([0, 0n], [1_000, 10n], [62_000, 20n], [63_000, 30n]);
    expect([at(5n), at(25n)]).toEqual([null, 62_500]);
  });

  it("starts over when the topic was made anew", () => {
    const at = observed([1_000, 100n], [3_000, 5n], [5_000, 7n]);
    expect([at(50n), at(6n), at(4n)]).toEqual([5_000, 4_000, null]);
  });

  it("never goes back as offsets go on, and lies between the looks around it", () => {
    const look = fc.record({ ms: fc.integer({ min: 1, max: 5_000 }), more: fc.integer({ min: 0, max: 30 }) });
    fc.assert(
      fc.property(fc.array(look, { minLength: 1, maxLength: 10 }), (looks) => {
        let [now, end] = [0, 0n];
        const all = looks.map(({ ms, more }) => {
          now += ms;
          end += BigInt(more);
          return [now, end] as const;
        });
        const at = observed(...all);
        let previous = 0;
        for (let offset = all[0]![1]; offset < end; offset++) {
          const written = at(offset)!;
          expect(written).toBeGreaterThanOrEqual(previous);
          const [seenAt] = all.find(([, seen]) => seen > offset)!;
          expect(written).toBeLessThanOrEqual(seenAt);
          previous = written;
        }
      }),
    );
  });
});
