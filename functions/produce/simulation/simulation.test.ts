import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createChance } from "../../../runtime/random.ts";
import { between, hex8, pick, waitFor, weighted } from "./draw.ts";
import { due, type Episodes, firstEpisodes, MAX_PER_TICK, passEpisodes, timesIn } from "./pace.ts";

const seeds = fc.uuid().map((seed) => createChance(seed));

describe("draws", () => {
  it("stay within their bounds", () => {
    const law = fc.property(
      seeds,
      fc.integer({ min: -50, max: 50 }),
      fc.nat({ max: 50 }),
      (chance, min, span) => {
        const n = between(chance, min, min + span);
        expect(Number.isInteger(n) && n >= min && n <= min + span).toBe(true);
        expect([1, 2, 3]).toContain(pick(chance, [1, 2, 3]));
        expect(hex8(chance)).toMatch(/^[0-9a-f]{8}$/);
        expect(waitFor(chance, 10)).toBeGreaterThanOrEqual(0);
      },
    );
    fc.assert(law);
  });

  it("follow their weights, and never take what weighs nothing", () => {
    const chance = createChance("weights");
    const drawn = Array.from({ length: 10_000 }, () =>
      weighted(chance, [
        ["a", 3],
        ["never", 0],
        ["b", 1],
      ] as const),
    );
    expect(drawn.filter((one) => one === "a").length / drawn.length).toBeCloseTo(0.75, 1);
    expect(drawn).not.toContain("never");
  });

  it("say so where there is nothing to draw from", () => {
    const chance = createChance("x");
    expect(() => pick(chance, [])).toThrow("Expected at least one item to pick from, got none");
    expect(() => weighted(chance, [["a", 0]])).toThrow(
      "Expected a table with a positive weight, got a sum of 0",
    );
  });

  it("wait for as long as their mean on average", () => {
    const chance = createChance("waits");
    const waits = Array.from({ length: 20_000 }, () => waitFor(chance, 100));
    expect(waits.reduce((a, b) => a + b) / waits.length / 100).toBeCloseTo(1, 1);
  });
});

describe("pace", () => {
  it("owes what a rate makes of the time, however the time is cut into ticks", () => {
    const ticks = fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1, maxLength: 50 });
    const law = fc.property(ticks, fc.double({ min: 0, max: 50, noNaN: true }), (elapsed, rate) => {
      let [emitted, owed] = [0, 0];
      for (const elapsedMs of elapsed) {
        const step = due(owed, rate, elapsedMs);
        emitted += step.count;
        owed = step.owed;
      }
      const total = (rate * elapsed.reduce((a, b) => a + b)) / 1_000;
      expect(Math.abs(emitted + owed - total)).toBeLessThan(1e-6 * Math.max(1, total));
      expect(owed).toBeLessThan(1);
    });
    fc.assert(law);
  });

  it("makes up a long outage in steps, and loses nothing of it", () => {
    const first = due(0, 10_000, 5_000);
    expect(first).toEqual({ count: MAX_PER_TICK, owed: 30_000 });
    expect(due(first.owed, 10_000, 1_000)).toEqual({ count: MAX_PER_TICK, owed: 20_000 });
  });

  it("spreads times over a tick's time, in order", () => {
    const law = fc.property(
      seeds,
      fc.nat({ max: 100 }),
      fc.integer({ min: 1, max: 10_000 }),
      (chance, count, elapsed) => {
        const times = [...timesIn(count, 50_000, elapsed, chance)];
        expect(times).toHaveLength(count);
        expect(times).toEqual(times.toSorted((a, b) => a - b));
        for (const time of times) expect(time >= 50_000 - elapsed && time <= 50_000).toBe(true);
      },
    );
    fc.assert(law);
  });
});

describe("episodes", () => {
  const chance = createChance("episodes");
  const begin = () => ({ what: "fire", durationMs: 2_500 });

  it("begin when their time has come, last as long as they should, and end", () => {
    let episodes: Episodes<string> = { nextInMs: 1_500, current: null };
    const seen = Array.from({ length: 6 }, () => {
      const step = passEpisodes(episodes, 1_000, 1e9, chance, begin);
      episodes = step.episodes;
      return step.active && [step.active.forMs, step.active.ends];
    });
    expect(seen).toEqual([null, [1_000, false], [1_000, false], [500, true], null, null]);
    expect(episodes.nextInMs).toBeGreaterThan(0);
  });

  it("begin within 12 s the first time", () => {
    const law = fc.property(seeds, (one) => {
      expect(firstEpisodes(one).nextInMs).toBeLessThan(12_000);
    });
    fc.assert(law);
  });

  it("do not begin where there are to be none", () => {
    const step = passEpisodes({ nextInMs: 0, current: null }, 1_000, 0, chance, begin);
    expect(step.active).toBeNull();
  });
});
