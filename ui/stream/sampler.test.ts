import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Sampler } from "./sampler.ts";

function sampler(capacity: number) {
  const lost: string[] = [];
  return { lost, sampler: new Sampler<string>(capacity, (_key, item) => lost.push(item)) };
}

describe("sampling", () => {
  it("gives everything in order as long as there is room", () => {
    const { sampler: s, lost } = sampler(10);
    for (const item of ["a1", "b1", "a2", "a3"]) s.offer(item[0]!, item);
    expect(s.take(3)).toEqual(["a1", "b1", "a2"]);
    expect(s.take(3)).toEqual(["a3"]);
    expect(s.take(3)).toEqual([]);
    expect(lost).toEqual([]);
  });

  it("loses the oldest of the longest queue: a flood does not hide what is rare", () => {
    const { sampler: s, lost } = sampler(4);
    s.offer("rare", "r1");
    for (let n = 1; n <= 1_000; n++) s.offer("flood", `f${n}`);
    expect(s.size).toBe(4);
    expect(lost).toHaveLength(997);
    expect(s.take(2)).toEqual(["r1", "f998"]);
  });

  it("takes in turns: each key has its share of what is let through", () => {
    const { sampler: s } = sampler(100);
    for (let n = 1; n <= 50; n++) s.offer("flood", `f${n}`);
    for (let n = 1; n <= 3; n++) s.offer("rare", `r${n}`);
    expect(s.take(4)).toEqual(["f1", "f2", "r1", "r2"]);
    expect(s.take(4)).toEqual(["f3", "f4", "f5", "r3"]);
  });

  it("takes or loses every item once, each key's in order, and never holds more than it may", () => {
    const offer = fc.record({ key: fc.constantFrom("a", "b", "c"), take: fc.nat({ max: 3 }) });
    fc.assert(
      fc.property(
        fc.array(offer, { maxLength: 200 }),
        fc.integer({ min: 1, max: 10 }),
        (offers, capacity) => {
          const seen: string[] = [];
          const s = new Sampler<string>(capacity, (_key, item) => seen.push(item));
          const offered = offers.map(({ key, take }, i) => {
            s.offer(key, `${key}${i}`);
            expect(s.size).toBeLessThanOrEqual(capacity);
            seen.push(...s.take(take));
            return `${key}${i}`;
          });
          seen.push(...s.take(Number.POSITIVE_INFINITY));
          expect([...seen].sort()).toEqual([...offered].sort());
          for (const key of ["a", "b", "c"]) {
            const own = (items: string[]) => items.filter((item) => item.startsWith(key));
            expect(own(seen)).toEqual(own(offered));
          }
        },
      ),
    );
  });
});
