import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createChance } from "./random.ts";

const draws = (seed: string, count: number): number[] => {
  const { random } = createChance(seed);
  return Array.from({ length: count }, random);
};

describe("createChance", () => {
  // Recorded invocations are replayed by later versions: a change here would make every capture differ.
  it.each([
    ["", 0.18176812476452175, 0.9710811859843366, "c59cd9be-01e2-4f99-b418-b329f926b85f"],
    [
      "analytics-consumer/user-events/0/42",
      0.9999147249820117,
      0.5477459834363004,
      "a71e2847-c93a-456d-8871-47ba5015338a",
    ],
    ["event-producer/3f2b/7", 0.5509291075295204, 0.8573090576798711, "eb76e976-aaa2-415f-8a12-44a81b77a2d9"],
    ["ключ/🎲", 0.2769301173437938, 0.21343032518983163, "9de3c400-b337-4762-a38d-7ab61e376662"],
  ])("draws from seed %j what it has always drawn", (seed, first, second, third) => {
    const { random, uuid } = createChance(seed);
    expect([random(), random(), uuid()]).toEqual([first, second, third]);
  });

  it("gives the same sequence for the same seed, and another for another", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        expect(draws(a, 5)).toEqual(draws(a, 5));
        if (a !== b) expect(draws(a, 5)).not.toEqual(draws(b, 5));
      }),
    );
  });

  it("stays in [0, 1)", () => {
    fc.assert(
      fc.property(fc.string(), (seed) => {
        for (const n of draws(seed, 20)) expect(n >= 0 && n < 1).toBe(true);
      }),
    );
  });

  it("spreads evenly within a sequence", () => {
    const buckets = new Array<number>(16).fill(0);
    for (const n of draws("even", 160_000)) buckets[Math.floor(n * 16)]! += 1;
    // 10,000 each; 5 standard deviations are 500. The seed is fixed, so this cannot fail by chance.
    for (const count of buckets) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });

  it("spreads evenly over the first draws of neighbouring seeds, as records of one partition have them", () => {
    const buckets = new Array<number>(16).fill(0);
    for (let offset = 0; offset < 160_000; offset++) {
      buckets[Math.floor(createChance(`f/t/0/${offset}`).random() * 16)]! += 1;
    }
    for (const count of buckets) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });

  it("makes version 4 UUIDs", () => {
    fc.assert(
      fc.property(fc.string(), (seed) => {
        expect(createChance(seed).uuid()).toMatch(
          /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
        );
      }),
    );
  });

  it("repeats no UUID, neither in a sequence nor over neighbouring seeds", () => {
    const { uuid } = createChance("one");
    const seen = new Set(Array.from({ length: 20_000 }, uuid));
    for (let offset = 0; offset < 20_000; offset++) seen.add(createChance(`f/t/0/${offset}`).uuid());
    expect(seen.size).toBe(40_000);
  });
});
