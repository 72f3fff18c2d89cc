import { describe, expect, it } from "vitest";
import type { LagEvent } from "../../data/types.ts";
import { fromHistory, type LagPoint, withEvent, worstPartitions } from "./lag-series.ts";

const point = (at: number, ...lags: number[]): LagPoint => ({
  at,
  lag: lags.reduce((sum, lag) => sum + lag, 0),
  lagSeconds: null,
  partitions: new Map(lags.map((lag, i) => [`t/${i}`, lag])),
});

const event = (id: string, lag: number): LagEvent => ({
  groups: [
    {
      id,
      state: "Stable",
      members: 1,
      lag,
      lag_seconds: 2,
      partitions: [
        { topic: "t", partition: 0, lag, lag_seconds: 2, committed_offset: "1", end_offset: String(1 + lag) },
      ],
    },
  ],
});

describe("a group's lag over time", () => {
  it("begins with the history that the server kept", () => {
    const points = fromHistory({
      points: [
        {
          timestamp: "2026-01-01T00:00:00.000Z",
          lag: 3,
          lag_seconds: 1.5,
          partitions: [{ topic: "t", partition: 1, lag: 3 }],
        },
      ],
    });
    expect(points).toEqual([
      { at: Date.UTC(2026, 0, 1), lag: 3, lagSeconds: 1.5, partitions: new Map([["t/1", 3]]) },
    ]);
  });

  it("goes on with live events of its own group only", () => {
    const before = [point(1_000, 1)];
    expect(withEvent(before, "g", event("other", 9), 3_000)).toBe(before);
    expect(withEvent(before, "g", event("g", 9), 3_000).map(({ at, lag }) => [at, lag])).toEqual([
      [1_000, 1],
      [3_000, 9],
    ]);
  });

  it("keeps 15 minutes, and times that only rise", () => {
    const now = 16 * 60_000;
    const kept = withEvent([point(0, 1), point(now - 1, 2), point(now + 5, 3)], "g", event("g", 4), now);
    expect(kept.map(({ lag }) => lag)).toEqual([2, 4]);
  });

  it("picks the partitions that lagged most at their worst", () => {
    const points = [point(1, 0, 5, 1), point(2, 2, 0, 1)];
    expect(worstPartitions(points, 2)).toEqual(["t/1", "t/0"]);
    expect(worstPartitions([], 2)).toEqual([]);
  });
});
