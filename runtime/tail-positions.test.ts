import { describe, expect, it } from "vitest";
import type { ClusterPicture } from "./observer.ts";
import { createTailPositions } from "./tail-positions.ts";

/** A picture of one-partition topics by their first and last offsets. */
const picture = (topics: Record<string, readonly [start: number, end: number]>): ClusterPicture => {
  const all = Object.entries(topics);
  const partition = { partition: 0, leader: 1, replicas: [1], isr: [1] };
  const offsets = (i: 0 | 1) => new Map(all.map(([name, range]) => [name, new Map([[0, BigInt(range[i])]])]));
  return {
    brokers: [],
    topics: new Map(all.map(([name]) => [name, [partition]])),
    starts: offsets(0),
    ends: offsets(1),
    takenAt: 0,
  };
};

const positions = () => createTailPositions(10n, 50n);

describe("where the tail reads", () => {
  it("begins a few records before the end, which are no news", () => {
    const tail = positions();
    tail.place(picture({ a: [0, 100], b: [95, 100] }));
    expect([tail.next("a", 0), tail.next("b", 0)]).toEqual([90n, 95n]);
    expect([tail.isNews("a", 0, 99n), tail.isNews("a", 0, 100n)]).toEqual([false, true]);
    expect(tail.news().get("a")!.get(0)).toBe(100n);
  });

  it("takes all of a topic that appears later for news", () => {
    const tail = positions();
    tail.place(picture({}));
    tail.place(picture({ a: [0, 3] }));
    expect([tail.next("a", 0), tail.isNews("a", 0, 0n)]).toEqual([0n, true]);
    expect(tail.news().get("a")!.get(0)).toBe(0n);
  });

  it("goes on where it has read up to", () => {
    const tail = positions();
    tail.place(picture({ a: [0, 100] }));
    expect(tail.advance("a", 0, 105n)).toBe(0);
    tail.place(picture({ a: [0, 110] }));
    expect([tail.next("a", 0), tail.news().get("a")!.get(0)]).toEqual([105n, 105n]);
  });

  it("far behind goes on near the end and counts the news that it left out", () => {
    const tail = positions();
    tail.place(picture({ a: [0, 100] }));
    tail.place(picture({ a: [0, 1_000] }));
    expect(tail.next("a", 0)).toBe(990n);
    expect(tail.advance("a", 0, 991n)).toBe(890);
    expect(tail.advance("a", 0, 992n)).toBe(0);
  });

  it("overtaken by retention goes on as well", () => {
    const tail = positions();
    tail.place(picture({ a: [0, 100] }));
    tail.advance("a", 0, 100n);
    tail.place(picture({ a: [120, 121] }));
    expect(tail.next("a", 0)).toBe(120n);
    expect(tail.advance("a", 0, 121n)).toBe(20);
  });

  it("starts over with a topic that was made anew, which is news", () => {
    const tail = positions();
    tail.place(picture({ a: [0, 100] }));
    tail.forget("a");
    expect(tail.next("a", 0)).toBeNull();
    expect(tail.advance("a", 0, 100n)).toBe(0); // of a read that was under way
    tail.place(picture({ a: [0, 2] }));
    expect([tail.next("a", 0), tail.isNews("a", 0, 0n)]).toEqual([0n, true]);
  });
});
