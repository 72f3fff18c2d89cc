import { describe, expect, it } from "vitest";
import { z } from "zod";
import { type Batch, type BatchCtx, type BatchOut, defineConsumer } from "./define.ts";
import { invoke, type LoadedFunction } from "./invoke.ts";
import { createShadow } from "./shadow.ts";
import { batchOf, load, numbers, rec } from "./testing.ts";

let calls = 0;
const consumer = (handler: (batch: Batch, ctx: BatchCtx) => unknown): LoadedFunction =>
  load(
    defineConsumer({
      description: "",
      topic: numbers,
      group: "g",
      emits: [numbers],
      config: z.object({}),
      handler(batch, ctx) {
        calls += 1;
        return handler(batch, ctx) as BatchOut<never>;
      },
    }),
  );

function start(every = 1) {
  const jobs: (() => void)[] = [];
  const impure: string[] = [];
  const shadow = createShadow({
    every,
    defer: (job) => jobs.push(job),
    onImpure: (name, reason) => impure.push(`${name}: ${reason}`),
  });
  const offer = (fn: LoadedFunction) => {
    const input = batchOf([rec(0, { id: "k", n: 1 })], { state: { k: { list: [1] } } });
    const invocation = invoke(fn, { id: "i", trigger: "test", input, now: 0 });
    shadow.offer(fn, invocation);
    return invocation;
  };
  const run = (): string[] => {
    for (const job of jobs.splice(0)) job();
    return impure.splice(0);
  };
  return { offer, run, jobs };
}

const emitting = (n: number) => ({
  emit: [{ topic: "numbers", key: "k", value: { id: "k", n }, cause: "0" }],
});

describe("the shadow", () => {
  it("looks at the first of so many, later, and not at those in between", () => {
    const { offer, run, jobs } = start(3);
    const fn = consumer(() => ({}));
    calls = 0;
    for (let i = 0; i < 7; i++) offer(fn);
    expect([calls, jobs.length]).toEqual([7, 3]);
    run();
    expect(calls).toBe(10);
  });

  it("finds nothing wrong with a pure function, whatever of chance, log and metrics it uses", () => {
    const { offer, run } = start();
    const fn = consumer((batch, ctx) => {
      const { random, uuid } = ctx.at(batch.records[0]!);
      ctx.log.info("m", { callback: () => 1, cycle: batch });
      ctx.metric("n", 1);
      return {
        ...emitting(random()),
        state: [{ key: "k", value: { id: uuid(), now: ctx.now, left: undefined } }],
      };
    });
    offer(fn);
    expect(run()).toEqual([]);
  });

  it.each<[string, (batch: Batch) => unknown, RegExp]>([
    ["asks the clock", () => emitting(Date.now()), /^f: ImpureError: Date\.now\(\)/],
    [
      "changes its state",
      (batch) => {
        (batch.state.k as { list: number[] }).list.push(2);
        return {};
      },
      /^f: TypeError: /,
    ],
    ["remembers", () => emitting(calls), /^f: the same input gave another output$/],
  ])("finds a function that %s, and does not change what it gave", (_, handler, reason) => {
    const { offer, run } = start();
    const invocation = offer(consumer(handler));
    const before = structuredClone(invocation.outcome);
    expect(run()).toEqual([expect.stringMatching(reason)]);
    expect(invocation.outcome).toEqual(before);
  });

  it("leaves alone what has failed anyway", () => {
    const { offer, jobs } = start();
    offer(
      consumer(() => {
        throw new Error("no");
      }),
    );
    expect(jobs).toEqual([]);
  });
});
