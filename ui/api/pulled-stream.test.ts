import { afterEach, describe, expect, it, vi } from "vitest";
import { pulledStream } from "./pulled-stream.ts";

afterEach(() => vi.useRealTimers());

async function* count(made: string[]): AsyncGenerator<string> {
  for (let i = 0; i < 5; i++) {
    made.push(String(i));
    yield String(i);
  }
}

describe("a body made as it is taken", () => {
  it("makes no more than one text ahead of the client", async () => {
    const made: string[] = [];
    const reader = pulledStream(count(made), { gone: new AbortController() }).getReader();
    await reader.read();
    await new Promise((resolve) => setImmediate(resolve));
    expect(made).toEqual(["0", "1"]);
    let rest = 0;
    while (!(await reader.read()).done) rest += 1;
    expect(rest).toBe(4);
  });

  it("gives up a client that takes nothing any more", async () => {
    vi.useFakeTimers();
    const gone = new AbortController();
    const reader = pulledStream(count([]), { gone, stalledMs: 1_000 }).getReader();
    await vi.advanceTimersByTimeAsync(999);
    expect(gone.signal.aborted).toBe(false);
    await reader.read();
    await vi.advanceTimersByTimeAsync(999);
    expect(gone.signal.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(gone.signal.aborted).toBe(true);
    await expect(reader.read()).rejects.toThrow("took nothing for 1000 ms");
  });

  it("does not give up one that waits for a text", async () => {
    vi.useFakeTimers();
    const gone = new AbortController();
    const slow = (async function* () {
      await new Promise((resolve) => setTimeout(resolve, 5_000));
      yield "late";
    })();
    const reading = pulledStream(slow, { gone, stalledMs: 1_000 }).getReader().read();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(new TextDecoder().decode((await reading).value)).toBe("late");
    expect(gone.signal.aborted).toBe(false);
  });
});
