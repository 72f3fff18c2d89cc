import { once } from "node:events";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { type BatchOut, defineConsumer, defineProducer, eachRecord, emit, type TickOut } from "./define.ts";
import { type InvokeRequest, invoke, seedOf } from "./invoke.ts";
import { batchOf, load, numbers, rec, settleAll, tickOf } from "./testing.ts";

const options = { description: "", topic: numbers, group: "g", emits: [numbers], config: z.looseObject({}) };
const consumer = (handler: (...args: never[]) => unknown) =>
  load(defineConsumer({ ...options, handler: handler as () => BatchOut<never> }), "f", { limit: 5 });
const producer = (handler: (...args: never[]) => unknown) =>
  load(
    defineProducer({
      description: "",
      emits: [numbers],
      config: z.looseObject({}),
      handler: handler as () => TickOut<never>,
    }),
    "p",
  );

const request = (input: unknown, more: Partial<InvokeRequest> = {}): InvokeRequest => ({
  id: "id",
  trigger: "test",
  input,
  now: 7_000,
  ...more,
});

const good = { id: "k", n: 1 };
const batch = batchOf([rec(3, good), rec(4, good)], { partition: 2 });
const summing = consumer(
  eachRecord((record: { value: { id: string; n: number } }, state: { sum: number } | null, ctx) => {
    const sum = (state?.sum ?? 0) + record.value.n;
    ctx.log.info("summed", { sum });
    ctx.metric("records", 1, { id: record.value.id });
    return { emit: [emit(numbers, { id: ctx.uuid(), n: sum + ctx.random() })], state: { sum } };
  }) as never,
);

describe("invoke", () => {
  it("records all about the call", () => {
    const result = invoke(summing, request(batch, { attempt: 3 }));
    expect(result).toMatchObject({
      id: "id",
      function: "f",
      codeHash: "hash",
      trigger: "test",
      attempt: 3,
      input: batch,
      now: 7_000,
      seed: "f/numbers/2",
      config: { limit: 5 },
      outcome: { kind: "ok", output: { state: [{ key: "k", value: { sum: 2 } }] } },
      logs: [
        { level: "info", message: "summed", fields: { sum: 1 } },
        { level: "info", message: "summed", fields: { sum: 2 } },
      ],
      metrics: [
        { name: "records", value: 1, labels: { id: "k" } },
        { name: "records", value: 1, labels: { id: "k" } },
      ],
    });
    expect(result.durationMs).toBeGreaterThanOrEqual(0);
  });

  it("gives the same again for what it has recorded, by way of JSON and under the guards", () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { maxLength: 20 }), fc.string(), (ns, seed) => {
        const input = batchOf(ns.map((n, i) => rec(i, { id: "k", n })));
        const first = invoke(summing, request(input, { seed }));
        const again = invoke(summing, { ...JSON.parse(JSON.stringify(first)), guard: true });
        const { durationMs: _, ...recorded } = first;
        expect(again).toMatchObject(JSON.parse(JSON.stringify(recorded)));
      }),
    );
  });

  it("gives a record the same chance however its batch is cut", () => {
    const whole = invoke(summing, request(batch)).outcome as { output: BatchOut };
    const second = invoke(
      summing,
      request({ ...batch, records: [batch.records[1]], state: { k: { sum: 1 } } }),
    );
    expect((second.outcome as { output: BatchOut }).output.emit).toEqual([whole.output.emit![1]]);
  });

  it("lets the request's seed and config go before the function's own", () => {
    const seen = producer((_: unknown, ctx: { config: unknown; random(): number; now: number }) => ({
      state: [ctx.config, ctx.random(), ctx.now],
    }));
    const state = (more: Partial<InvokeRequest>) => {
      const result = invoke(seen, request(tickOf(), more));
      return [result.seed, result.config, (result.outcome as { output: TickOut }).output.state];
    };
    const [seed, config, first] = state({});
    expect([seed, config, first]).toEqual(["p/i/0", {}, [{}, expect.any(Number), 7_000]]);
    expect(state({ seed: "p/i/0" })[2]).toEqual(first);
    expect(state({ seed: "other", config: { a: 1 } })).toEqual([
      "other",
      { a: 1 },
      [{ a: 1 }, expect.any(Number), 7_000],
    ]);
    expect(state({ seed: "other" })[2]).not.toEqual(first);
  });

  it("names the bad records of an invalid input and does not call the handler", () => {
    const never = consumer(() => expect.unreachable());
    const { outcome } = invoke(never, request(batchOf([rec(0, good), rec(1, { id: "k" })])));
    expect(outcome).toMatchObject({
      kind: "invalid",
      message: expect.stringMatching("1 of 2"),
      records: [{ offset: "1" }],
    });
    expect(invoke(never, request(null)).outcome).toMatchObject({ kind: "invalid", records: [] });
  });

  it("does not put up with an output that is none", () => {
    const { outcome } = invoke(
      consumer(() => ({ emit: [{ topic: "other" }] })),
      request(batch),
    );
    expect(outcome).toMatchObject({
      kind: "error",
      error: { name: "InvalidOutputError", message: expect.stringMatching(/^emit\[0\]/) },
    });
  });

  class OddError extends Error {
    override name = 5 as never;
  }
  it.each<[unknown, { name: string; message: string }]>([
    [new TypeError("no"), { name: "TypeError", message: "no" }],
    ["text", { name: "ThrownValue", message: "a handler should throw an Error, got 'text'" }],
    [undefined, { name: "ThrownValue", message: "a handler should throw an Error, got undefined" }],
    [Symbol("s"), { name: "ThrownValue", message: "a handler should throw an Error, got Symbol(s)" }],
    [
      Object.create(null),
      { name: "ThrownValue", message: "a handler should throw an Error, got [Object: null prototype] {}" },
    ],
    [new OddError("odd"), { name: "5", message: "odd" }],
  ])("records that a handler threw %o", (thrown, error) => {
    const throwing = consumer(() => {
      throw thrown;
    });
    expect(invoke(throwing, request(batch)).outcome).toMatchObject({ kind: "error", error });
  });

  it("records a handler that never comes back from itself", () => {
    const endless = consumer(function again(): unknown {
      return again();
    });
    expect(invoke(endless, request(batch)).outcome).toMatchObject({
      kind: "error",
      error: { name: "RangeError" },
    });
  });

  it("records state keys that throw as the function's error", () => {
    const broken = load({
      ...(summing.definition as object),
      stateKeys: () => {
        throw new Error("keys");
      },
    } as never);
    expect(invoke(broken, request(batch)).outcome).toMatchObject({
      kind: "error",
      error: { message: "keys" },
    });
  });

  it("refuses an async handler, and what it rejects with does not end the process", async () => {
    const unhandled = once(process, "unhandledRejection").then(() => "unhandled");
    const { outcome } = invoke(
      consumer(async () => {
        throw new Error("late");
      }),
      request(batch),
    );
    expect(outcome).toMatchObject({
      kind: "error",
      error: { message: expect.stringMatching("a handler is synchronous") },
    });
    expect(await Promise.race([unhandled, settleAll().then(() => "handled")])).toBe("handled");
  });

  it("freezes input, state and config under the guards, and only there", () => {
    const change: ((
      input: { records: { value: { n: number } }[]; state: { k: { sum: number } } },
      ctx: { config: { limit: number } },
    ) => void)[] = [
      (input) => {
        input.records[0]!.value.n = 9;
      },
      (input) => {
        input.records.pop();
      },
      (input) => {
        input.state.k.sum = 9;
      },
      (_, ctx) => {
        ctx.config.limit = 9;
      },
    ];
    for (const one of change) {
      const input = () => structuredClone({ ...batch, state: { k: { sum: 1 } } });
      const run = (guard: boolean) =>
        invoke(
          consumer((i: never, ctx: never) => {
            one(i, ctx);
            return {};
          }),
          request(input(), { guard, config: { limit: 5 } }),
        ).outcome;
      expect(run(true)).toMatchObject({ kind: "error", error: { name: "TypeError" } });
      expect(run(false)).toMatchObject({ kind: "ok" });
    }
  });

  it("names what an impure handler reached for", () => {
    const { outcome } = invoke(
      consumer(() => ({ state: [Date.now()] })),
      request(batch, { guard: true }),
    );
    expect(outcome).toMatchObject({
      kind: "error",
      error: { name: "ImpureError", message: expect.stringMatching(/^Date\.now\(\)/) },
    });
  });
});

describe("seedOf", () => {
  it("names a tick's instance and a batch's partition", () => {
    expect(seedOf("f", tickOf({ instanceId: "x", seq: 4 }))).toBe("f/x/4");
    expect(seedOf("f", batch)).toBe("f/numbers/2");
  });
});
