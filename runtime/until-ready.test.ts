import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { defineProducer } from "./define.ts";
import { jsonSerde, type Serde } from "./serde.ts";
import { createStatus, setState } from "./status.ts";
import { createTestLog, load, numbers } from "./testing.ts";
import { untilReady } from "./until-ready.ts";

const fn = load(
  defineProducer({
    description: "",
    emits: [numbers],
    everyMs: 1_000,
    config: z.object({}),
    handler: () => ({}),
  }),
);

/** Fails with these, one after the other, and is ready then. */
const failing = (...reasons: string[]): Serde => ({
  ...jsonSerde,
  async ready() {
    const reason = reasons.shift();
    if (reason !== undefined) throw new Error(reason);
  },
});

describe("a function whose topics cannot be written yet", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const start = (serdes: readonly Serde[]) => {
    const status = createStatus(fn);
    setState(status, "starting");
    const { log, lines } = createTestLog();
    const stopping = new AbortController();
    return { status, lines, stopping, ready: untilReady(status, serdes, stopping.signal, log) };
  };

  it("may start at once where they can", async () => {
    const { ready, lines } = start([failing()]);
    expect(await ready).toBe(true);
    expect(lines).toEqual([]);
  });

  it("says why it waits, each reason once, and may start when they can", async () => {
    const { status, ready, lines } = start([failing(), failing("away", "away", "409: no default")]);
    await vi.advanceTimersByTimeAsync(0);
    expect([status.state, status.reason]).toEqual(["failing", "cannot write to its topics: away"]);
    await vi.runAllTimersAsync();
    expect(await ready).toBe(true);
    expect(lines.map(({ msg }) => msg)).toEqual([
      "cannot write to its topics: away; trying again",
      "cannot write to its topics: 409: no default; trying again",
    ]);
  });

  it("does not start any more once all is to stop, and does not wait", async () => {
    const { ready, stopping } = start([failing(...Array<string>(100).fill("away"))]);
    await vi.advanceTimersByTimeAsync(0);
    stopping.abort();
    expect(await ready).toBe(false);
    const late = start([failing()]);
    late.stopping.abort();
    expect(await late.ready).toBe(false);
  });
});
