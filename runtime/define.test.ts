import { describe, expect, expectTypeOf, it } from "vitest";
import { z } from "zod";
import {
  type Batch,
  type BatchCtx,
  defineConsumer,
  defineProducer,
  defineTopic,
  type Emit,
  eachRecord,
  emit,
  type Rec,
  type Tick,
} from "./define.ts";

const orders = defineTopic({
  name: "orders",
  description: "",
  partitions: 2,
  key: "id",
  schema: z.looseObject({ id: z.string(), amount: z.number() }),
});

const totals = defineTopic({
  name: "totals",
  description: "",
  partitions: 1,
  key: null,
  schema: z.looseObject({ total: z.number() }),
});

const config = z.object({ factor: z.number().default(2) });

type Order = { id: string; amount: number };

const rec = (offset: number, key: string | null, amount: number): Rec<Order> => ({
  offset: String(offset),
  timestamp: offset,
  streamTimeMs: offset,
  key,
  headers: {},
  value: { id: key ?? "", amount },
});

const batchOf = <S>(
  records: readonly Rec<Order>[],
  state: Record<string, S | null> = {},
): Batch<Order, S> => ({
  kind: "batch",
  topic: "orders",
  partition: 0,
  records,
  state,
});

/** A ctx whose chance is the record's offset, and which keeps what is logged and counted. */
function fakeCtx(keys: (record: Rec) => readonly string[] = ({ key }) => (key === null ? [] : [key])) {
  const told: string[] = [];
  const say = (message: string) => void told.push(message);
  const log = { debug: say, info: say, warn: say, error: say };
  const ctx: BatchCtx<{ factor: number }> = {
    now: 0,
    config: { factor: 2 },
    log,
    metric: (name, value) => void told.push(`${name}=${value}`),
    at: (record) => ({
      random: () => Number(record.offset),
      uuid: () => `id-${record.offset}`,
      keys: keys(record),
      log,
    }),
  };
  return { ctx, told };
}

describe("defineTopic", () => {
  it("fills in how a topic is kept, and lets a topic say otherwise", () => {
    expect(orders).toMatchObject({
      compression: "gzip",
      acks: "all",
      retentionMs: 86_400_000,
      segmentMs: 3_600_000,
    });
    expect(defineTopic({ ...orders, retentionMs: 5 }).retentionMs).toBe(5);
  });
});

describe("emit", () => {
  it("names the topic and takes the key from the field that the topic declares", () => {
    expect(emit(orders, { id: "a", amount: 1 })).toEqual({
      topic: "orders",
      key: "a",
      value: { id: "a", amount: 1 },
    });
  });

  it("gives no key where the topic has none, and carries headers", () => {
    expect(emit(totals, { total: 1 }, { source: "test" })).toEqual({
      topic: "totals",
      key: null,
      value: { total: 1 },
      headers: { source: "test" },
    });
  });
});

describe("eachRecord", () => {
  const summing = eachRecord((record: Rec<Order>, state: { sum: number } | null, ctx) => {
    const sum = (state?.sum ?? 0) + record.value.amount;
    if (record.value.amount < 0)
      return { failure: `expected an amount of 0 or more, got ${record.value.amount}` };
    if (record.value.amount === 0) return {};
    if (sum > 100) return { state: null };
    return { emit: [emit(totals, { total: sum, by: ctx.uuid() })], state: { sum } };
  });

  it("threads a key's state from record to record and starts from the batch's", () => {
    const { ctx } = fakeCtx();
    const records = [rec(1, "a", 1), rec(2, "b", 10), rec(3, "a", 2)];
    const out = summing(batchOf(records, { a: { sum: 5 }, b: null }), ctx);
    expect(out.emit?.map((one) => one.value.total)).toEqual([6, 10, 8]);
    expect(out.state).toEqual([
      { key: "a", value: { sum: 8 } },
      { key: "b", value: { sum: 10 } },
    ]);
  });

  it("names the record that caused an output and gives each record its own chance", () => {
    const { ctx } = fakeCtx();
    const out = summing(batchOf([rec(7, "a", 1), rec(9, "a", 1)]), ctx);
    expect(out.emit?.map(({ cause, value }) => [cause, value.by])).toEqual([
      ["7", "id-7"],
      ["9", "id-9"],
    ]);
  });

  it("forgets a key by null, and starts it anew within the same batch", () => {
    const { ctx } = fakeCtx();
    const out = summing(batchOf([rec(1, "a", 101), rec(2, "a", 3)], { a: { sum: 1 } }), ctx);
    expect(out.emit?.map((one) => one.value.total)).toEqual([3]);
    expect(summing(batchOf([rec(1, "a", 101)], { a: { sum: 1 } }), ctx).state).toEqual([
      { key: "a", value: null },
    ]);
  });

  it("leaves state alone where none is returned, and gives an empty output for nothing to do", () => {
    const { ctx } = fakeCtx();
    expect(summing(batchOf([rec(1, "a", 0)], { a: { sum: 4 } }), ctx)).toEqual({});
  });

  it("names the records that cannot be handled and goes on with the others", () => {
    const { ctx } = fakeCtx();
    const out = summing(batchOf([rec(1, "a", -1), rec(2, "a", 2)]), ctx);
    expect(out.failures).toEqual([{ offset: "1", reason: "expected an amount of 0 or more, got -1" }]);
    expect(out.state).toEqual([{ key: "a", value: { sum: 2 } }]);
  });

  it("keeps the state of a key called __proto__ like any other", () => {
    const { ctx } = fakeCtx();
    const state = Object.fromEntries([["__proto__", { sum: 40 }]]);
    const out = summing(batchOf([rec(1, "__proto__", 2)], state), ctx);
    expect(out.state).toEqual([{ key: "__proto__", value: { sum: 42 } }]);
  });

  it("passes logs and metrics on", () => {
    const { ctx, told } = fakeCtx();
    const telling = eachRecord((record: Rec<Order>, _state: null, c) => {
      c.log.info("seen");
      c.metric("amount", record.value.amount);
      return {};
    });
    telling(batchOf([rec(1, "a", 3)]), ctx);
    expect(told).toEqual(["seen", "amount=3"]);
  });

  it("refuses state for a record without a state key, and a record with several", () => {
    expect(() => summing(batchOf([rec(1, null, 1)]), fakeCtx().ctx)).toThrow(/without a state key/);
    const several = fakeCtx(() => ["a", "b"]).ctx;
    expect(() => summing(batchOf([rec(1, "a", 1)]), several)).toThrow(
      /at most one state key a record, got a, b/,
    );
  });
});

// What the compiler says at the author's line. `npx tsc` fails where one of the expected errors is missing.
describe("types", () => {
  const common = { description: "", group: "g", config };

  it("infer a consumer's value, config and state from what it declares", () => {
    defineConsumer({
      ...common,
      topic: orders,
      emits: [totals],
      handler: eachRecord((record, state: { sum: number } | null, ctx) => {
        expectTypeOf(record.value.amount).toEqualTypeOf<number>();
        expectTypeOf(ctx.config.factor).toEqualTypeOf<number>();
        expectTypeOf(state).toEqualTypeOf<{ sum: number } | null>();
        return { emit: [emit(totals, { total: record.value.amount * ctx.config.factor })] };
      }),
    });
    expectTypeOf(emit(totals, { total: 1 })).toExtend<Emit<"totals">>();
  });

  it("refuse a value that does not fit its topic", () => {
    // @ts-expect-error: amount is a number
    emit(orders, { id: "a", amount: "1" });
    // @ts-expect-error: amount is missing
    emit(orders, { id: "a" });
  });

  it("refuse a field that the input does not have as this type", () => {
    defineConsumer({
      ...common,
      topic: orders,
      emits: [totals],
      // @ts-expect-error: id is a string, and total a number
      handler: eachRecord((record) => ({ emit: [emit(totals, { total: record.value.id })] })),
    });
  });

  it("refuse an emit to a topic that the function does not declare", () => {
    defineConsumer({
      ...common,
      topic: orders,
      emits: [totals],
      // @ts-expect-error: emits names totals only
      handler: eachRecord((record) => ({ emit: [emit(orders, record.value)] })),
    });
    defineProducer({
      description: "",
      emits: [totals],
      config,
      // @ts-expect-error: emits names totals only
      handler: () => ({ emit: [emit(orders, { id: "a", amount: 1 })] }),
    });
  });

  it("refuse state of another type than the handler takes", () => {
    defineProducer({
      description: "",
      emits: [totals],
      config,
      // @ts-expect-error: count is a number
      handler: (_tick: Tick<{ count: number }>) => ({ state: { count: "1" } }),
    });
  });

  it("refuse settings that the config does not have", () => {
    defineProducer({
      description: "",
      emits: [totals],
      config,
      // @ts-expect-error: there is no setting called rate
      handler: (_tick, ctx) => ({ emit: [emit(totals, { total: ctx.config.rate })] }),
    });
  });

  it("refuse a key that is no field of the value", () => {
    const named = { name: "t", description: "", partitions: 1, schema: z.object({ name: z.string() }) };
    // @ts-expect-error: there is no field called nam
    defineTopic({ ...named, key: "nam" });
  });

  it("have no clock in a record's ctx, which would depend on where a batch was cut", () => {
    // @ts-expect-error: use record.streamTimeMs
    eachRecord((_record, _state, ctx) => ({ state: ctx.now }));
  });
});
