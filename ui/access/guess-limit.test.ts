import { describe, expect, it } from "vitest";
import { GuessLimit } from "./guess-limit.ts";

function limitAt(start = 0) {
  const clock = { now: start };
  const limit = new GuessLimit(() => clock.now);
  const miss = (address: string, times: number) => {
    for (let n = 0; n < times; n++) limit.miss(address);
  };
  return { clock, limit, miss };
}

describe("an address that is wrong about the token", () => {
  it("may be so ten times, and then waits for the minute's end", () => {
    const { clock, limit, miss } = limitAt();
    miss("10.0.0.1", 9);
    expect(limit.waitMs("10.0.0.1")).toBe(0);
    clock.now = 20_000;
    miss("10.0.0.1", 1);
    expect(limit.waitMs("10.0.0.1")).toBe(40_000);
    clock.now = 60_000;
    expect(limit.waitMs("10.0.0.1")).toBe(0);
    miss("10.0.0.1", 1);
    expect(limit.waitMs("10.0.0.1")).toBe(0);
  });

  it("keeps no other from trying", () => {
    const { limit, miss } = limitAt();
    miss("10.0.0.1", 10);
    expect(limit.waitMs("10.0.0.2")).toBe(0);
  });

  it("gains nothing by another address of its own IPv6 network", () => {
    const { limit, miss } = limitAt();
    miss("2001:db8::1", 5);
    miss("2001:db8:0:0:ffff::2", 5);
    expect(limit.waitMs("2001:db8::3")).toBeGreaterThan(0);
    expect(limit.waitMs("2001:db8:0:1::1")).toBe(0);
  });

  it("is forgotten when a thousand others came after it, so that memory is bounded", () => {
    const { limit, miss } = limitAt();
    miss("10.0.0.1", 10);
    for (let n = 0; n < 999; n++) miss(`10.1.${n >> 8}.${n & 255}`, 1);
    expect(limit.waitMs("10.0.0.1")).toBeGreaterThan(0);
    miss("10.2.0.1", 1);
    expect(limit.waitMs("10.0.0.1")).toBe(0);
  });
});
