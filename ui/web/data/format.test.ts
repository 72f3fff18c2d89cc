import { describe, expect, it } from "vitest";
import {
  formatAgo,
  formatBytes,
  formatDuration,
  formatRate,
  formatRetention,
  formatShort,
  formatTime,
  plural,
} from "./format.ts";

describe("formatting", () => {
  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1.0 kB"],
    [2_160_000_000, "2.2 GB"],
  ])("writes %d bytes as %s", (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  it.each([
    [0, "0 ms"],
    [0.25, "250 µs"],
    [12.345, "12.3 ms"],
    [3400, "3.4 s"],
    [90_000, "1.5 min"],
    [604_800_000, "7 d"],
  ])("writes %d ms as %s", (ms, text) => expect(formatDuration(ms)).toBe(text));

  it.each([
    [0, "0"],
    [0.034, "0.03"],
    [4.23, "4.2"],
    [5120.4, "5,120"],
  ])("writes a rate of %d as %s", (rate, text) => expect(formatRate(rate)).toBe(text));

  it("shortens large numbers only", () => {
    expect(formatShort(9999)).toBe("9,999");
    expect(formatShort(1_234_567)).toBe("1.23M");
  });

  it("says how long ago something was", () => {
    expect([0, 12_400, 200_000].map((ms) => formatAgo(1_000_000 - ms, 1_000_000))).toEqual([
      "now",
      "12 s ago",
      "3 min ago",
    ]);
  });

  it("leaves the day out of today's times", () => {
    const at = new Date(2026, 10, 22, 18, 34, 5, 7);
    expect(formatTime(at.toISOString(), new Date(2026, 10, 22, 23))).toBe("18:34:05.007");
    expect(formatTime(at.toISOString(), new Date(2026, 10, 23))).toBe("2026-11-22 18:34:05.007");
    expect(formatTime(null, at)).toBe("–");
  });

  it("says that a retention of -1 is unlimited, and one of a thing is no plural", () => {
    expect(formatRetention(-1)).toBe("unlimited");
    expect([plural(1, "record"), plural(2000, "record")]).toEqual(["1 record", "2,000 records"]);
  });
});
