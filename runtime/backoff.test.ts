import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { backoffMs, wait } from "./backoff.ts";

const options = { firstMs: 100, mostMs: 5_000 };

describe("backoffMs", () => {
  it("doubles from the first wait to the longest, less up to half of it by chance", () => {
    const longest = [1, 2, 3, 4, 5, 6, 7, 8].map((failures) => backoffMs(options, failures, 1));
    expect(longest).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
    expect(backoffMs(options, 3, 0)).toBe(200);
  });

  it("stays within its bounds however long an outage lasts", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e9 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (failures, chance) => {
          const ms = backoffMs(options, failures, chance);
          expect(ms).toBeGreaterThanOrEqual(50);
          expect(ms).toBeLessThanOrEqual(5_000);
        },
      ),
    );
  });
});

describe("wait", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("resolves after its time and leaves nothing behind", async () => {
    const controller = new AbortController();
    const remove = vi.spyOn(controller.signal, "removeEventListener");
    const over = wait(1_000, controller.signal);
    expect(vi.getTimerCount()).toBe(1);
    await vi.advanceTimersByTimeAsync(1_000);
    await over;
    expect(remove).toHaveBeenCalledOnce();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("resolves at once when the signal aborts, or has aborted", async () => {
    const controller = new AbortController();
    const over = wait(60_000, controller.signal);
    controller.abort();
    await over;
    await wait(60_000, controller.signal);
    expect(vi.getTimerCount()).toBe(0);
  });
});
