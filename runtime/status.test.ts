import { describe, expect, it } from "vitest";
import { z } from "zod";
import { defineProducer } from "./define.ts";
import type { Invocation, Outcome } from "./invoke.ts";
import { countInvocation, createStatus, setState, sumMetrics } from "./status.ts";
import { load } from "./testing.ts";

const fn = load(defineProducer({ description: "", emits: [], config: z.object({}), handler: () => ({}) }));
const invocation = (outcome: Outcome, durationMs = 1): Invocation => ({ outcome, durationMs }) as Invocation;

describe("countInvocation", () => {
  it("counts runs by outcome and keeps the last error", () => {
    const status = createStatus(fn);
    countInvocation(status, invocation({ kind: "error", error: { name: "TypeError", message: "no" } }), 5);
    expect(status).toMatchObject({ lastError: "TypeError: no", lastInvocationAt: 5 });
    countInvocation(status, invocation({ kind: "invalid", message: "bad", records: [] }), 6);
    countInvocation(status, invocation({ kind: "ok", output: {} }), 7);
    expect(status).toMatchObject({
      invocations: { ok: 1, error: 1, invalid: 1 },
      lastError: "bad",
      lastInvocationAt: 7,
    });
  });

  it("follows durations slowly", () => {
    const status = createStatus(fn);
    const ok: Outcome = { kind: "ok", output: {} };
    countInvocation(status, invocation(ok, 10), 0);
    expect(status.meanDurationMs).toBe(10);
    countInvocation(status, invocation(ok, 20), 0);
    expect(status.meanDurationMs).toBeCloseTo(11);
  });
});

describe("sumMetrics", () => {
  it("sums by name and labels", () => {
    const status = createStatus(fn);
    sumMetrics(status, [
      { name: "a", value: 1 },
      { name: "a", value: 2 },
      { name: "a", value: 5, labels: { x: '"', y: "2" } },
      { name: "__proto__", value: 3 },
    ]);
    expect([...status.metrics].map(([series, { value }]) => [series, value])).toEqual([
      ["a", 3],
      ['a{x="\\"",y="2"}', 5],
      ["__proto__", 3],
    ]);
  });

  it("does not fill the memory for labels without bound, and goes on with those it has", () => {
    const status = createStatus(fn);
    for (let i = 0; i < 5_000; i++) sumMetrics(status, [{ name: "a", value: 1, labels: { id: String(i) } }]);
    sumMetrics(status, [{ name: "a", value: 1, labels: { id: "0" } }]);
    expect(status.metrics.size).toBe(1_000);
    expect(status.metrics.get('a{id="0"}')?.value).toBe(2);
    expect(status.metricsDropped).toBe(4_000);
  });
});

describe("setState", () => {
  it("forgets the reason of the state before", () => {
    const status = createStatus(fn);
    setState(status, "failing", "why");
    setState(status, "running");
    expect([status.state, status.reason]).toEqual(["running", null]);
  });
});
