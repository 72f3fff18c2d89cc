import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Rec } from "./define.ts";
import { eventTimeMs, isOver, tumblingWindow } from "./windows.ts";

const record = (timestamp: number, streamTimeMs: number): Rec => ({
  offset: "0",
  timestamp,
  streamTimeMs,
  key: null,
  headers: {},
  value: null,
});

describe("event time", () => {
  it("is the record's timestamp, also for one that comes late", () => {
    expect(eventTimeMs(record(1_000, 5_000))).toBe(1_000);
  });

  it("does not follow a clock that runs ahead of stream time", () => {
    expect(eventTimeMs(record(9_999_999, 5_000))).toBe(5_000);
  });
});

describe("tumbling windows", () => {
  it("hold every time in exactly one window, which its neighbours touch", () => {
    const law = fc.property(
      fc.integer({ min: -1e13, max: 1e13 }),
      fc.integer({ min: 1, max: 1e8 }),
      (time, size) => {
        const { startMs, endMs } = tumblingWindow(time, size);
        expect(startMs <= time && time < endMs).toBe(true);
        expect(endMs - startMs).toBe(size);
        expect(tumblingWindow(endMs, size).startMs).toBe(endMs);
        expect(tumblingWindow(startMs - 1, size).endMs).toBe(startMs);
      },
    );
    fc.assert(law);
  });

  it("are over when stream time has reached their end and the grace is used up", () => {
    const window = tumblingWindow(30_000, 60_000);
    expect(isOver(window, 59_999, 0)).toBe(false);
    expect(isOver(window, 60_000, 0)).toBe(true);
    expect(isOver(window, 60_000, 10_000)).toBe(false);
    expect(isOver(window, 70_000, 10_000)).toBe(true);
  });
});
