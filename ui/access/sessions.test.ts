import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { SESSION_MS, Sessions } from "./sessions.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("a session", () => {
  it("is there from its opening to its end, and no other is", () => {
    const sessions = new Sessions();
    const id = sessions.open();
    const other = sessions.open();
    expect(id).toMatch(/^[\w-]{43}$/);
    expect([sessions.has(id), sessions.has(`${id}x`), sessions.has("")]).toEqual([true, false, false]);
    sessions.end(id);
    expect([sessions.has(id), sessions.has(other)]).toEqual([false, true]);
  });

  it("ends by itself after twelve hours, with what goes on under it", () => {
    const sessions = new Sessions();
    const id = sessions.open();
    const ended: string[] = [];
    sessions.onEnd(id, () => ended.push("stream"));
    sessions.onEnd(id, () => ended.push("left before"))();
    vi.advanceTimersByTime(SESSION_MS - 1);
    expect([sessions.has(id), ended]).toEqual([true, []]);
    vi.advanceTimersByTime(1);
    expect([sessions.has(id), ended]).toEqual([false, ["stream"]]);
  });

  it("ends for another when there are a thousand, the oldest first", () => {
    const sessions = new Sessions();
    const ids = Array.from({ length: 1_001 }, () => sessions.open());
    expect(ids.map((id) => sessions.has(id)).indexOf(true)).toBe(1);
  });
});
