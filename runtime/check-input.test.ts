import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { checkInput, checkValue } from "./check-input.ts";
import { defineConsumer, defineProducer, type Rec } from "./define.ts";
import { batchOf, numbers, rec, tickOf } from "./testing.ts";

const consumer = defineConsumer({
  description: "",
  topic: numbers,
  group: "g",
  emits: [],
  config: z.object({}),
  handler: () => ({}),
});
const producer = defineProducer({ description: "", emits: [], config: z.object({}), handler: () => ({}) });

const check = (input: unknown, definition: typeof consumer | typeof producer = consumer) =>
  checkInput(definition, input);
const messageOf = (input: unknown, definition: typeof consumer | typeof producer = consumer): string => {
  const checked = check(input, definition);
  return checked.kind === "invalid" ? checked.message : "valid";
};
const good = { id: "k", n: 1 };

describe("checkInput of a producer", () => {
  it("takes a tick as it is", () => {
    const tick = tickOf({ state: { any: ["thing"] } });
    expect(check(tick, producer)).toEqual({ kind: "ok", input: tick });
  });

  it.each([
    [null, /^expected a tick: .*expected object, received null/],
    [{ ...tickOf(), seq: -1 }, /^expected a tick: seq: /],
    [{ ...tickOf(), seq: 1.5 }, /seq: .*expected int/],
    [{ ...tickOf(), elapsedMs: "1" }, /elapsedMs: .*expected number, received string/],
    [{ ...tickOf(), instanceId: "" }, /instanceId: /],
    [{ ...tickOf(), sequence: 1 }, /"sequence"/],
    [batchOf([]), /kind: .*"tick"/],
  ])("says what is wrong with %j", (tick, message) => {
    expect(messageOf(tick, producer)).toMatch(message);
  });
});

describe("checkInput of a consumer", () => {
  it("parses values by the topic's schema and adds null for state that is not there", () => {
    const records = [
      rec(3, { ...good, more: "passes" }),
      rec(7, good, { key: null }),
      rec(8, good, { key: "other" }),
    ];
    const checked = check(batchOf(records, { state: { k: { sum: 1 } } }));
    expect(checked).toEqual({
      kind: "ok",
      input: batchOf(records, { state: { k: { sum: 1 }, other: null } }),
    });
  });

  it("takes __proto__ for a state key like any other", () => {
    const batch = batchOf([rec(0, good, { key: "__proto__" })]);
    const checked = check(batch) as { input: { state: object } };
    expect(Object.entries(checked.input.state)).toEqual([["__proto__", null]]);
    const known = check({ ...batch, state: JSON.parse('{"__proto__":{"sum":5}}') }) as {
      input: { state: object };
    };
    expect(Object.entries(known.input.state)).toEqual([["__proto__", { sum: 5 }]]);
    expect({}).not.toHaveProperty("sum");
  });

  it("leaves prototypes alone when a value or a header is called __proto__", () => {
    const value = JSON.parse(
      '{"id":"k","n":1,"__proto__":{"admin":true},"deep":{"__proto__":{"admin":true}}}',
    );
    const headers = JSON.parse('{"__proto__":"x"}');
    const checked = check(batchOf([rec(0, value, { headers })])) as unknown as { input: { records: Rec[] } };
    const [record] = checked.input.records as Rec<Record<string, unknown>>[];
    expect(record!.value).not.toHaveProperty("admin");
    expect(Object.keys(record!.value.deep as object)).toEqual(["__proto__"]);
    expect(Object.keys(record!.headers)).toEqual(["__proto__"]);
  });

  it.each([
    [undefined, /^expected a batch: .*received undefined/],
    [tickOf(), /^expected a batch: kind: /],
    [batchOf([], { topic: "other" }), /^topic: expected "numbers", got "other"$/],
    [batchOf([], { partition: -1 }), /partition: /],
    [
      batchOf([rec(0, good, { offset: "1e3" })]),
      /records\.0\.offset: expected an offset as a decimal string/,
    ],
    [batchOf([rec(0, good, { offset: "-1" })]), /records\.0\.offset: /],
    [batchOf([rec(0, good, { timestamp: Number.NaN })]), /records\.0\.timestamp: .*number/],
    [
      batchOf([rec(0, good, { headers: { a: 1 } as never })]),
      /records\.0\.headers\.a: .*expected string, received number/,
    ],
    [batchOf([{ ...rec(0, good), ofset: "1" } as never]), /"ofset"/],
    [batchOf([], { state: [] as never }), /state: /],
    [batchOf([rec(5, good), rec(5, good)]), /^records: expected rising offsets, got 5 after 5$/],
    [batchOf([rec(5, good), rec(4, good)]), /^records: expected rising offsets, got 4 after 5$/],
  ])("says what is wrong with the batch as a whole: %j", (batch, message) => {
    expect(messageOf(batch)).toMatch(message);
    expect(check(batch)).toMatchObject({ records: [] });
  });

  it("orders offsets as numbers, up to the highest that Kafka has", () => {
    const offsets = ["9", "10", "9007199254740993", "9223372036854775807"];
    expect(messageOf(batchOf(offsets.map((offset) => rec(0, good, { offset }))))).toBe("valid");
  });

  it("names every bad record by its offset, with what was expected and what came", () => {
    const bad = [rec(1, { id: 5, n: 1 }), rec(2, good), rec(4, null)];
    expect(check(batchOf([rec(0, good), ...bad]))).toEqual({
      kind: "invalid",
      message: expect.stringMatching(/^2 of 4 records: offset 1: id: .*expected string, received number/),
      records: [
        { offset: "1", reason: expect.stringMatching(/^id: .*expected string, received number/) },
        { offset: "4", reason: expect.stringMatching(/expected object, received null/) },
      ],
    });
  });

  it("finds exactly the records that are bad", () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 30 }), (soundness) => {
        const checked = check(batchOf(soundness.map((sound, i) => rec(i, sound ? good : { id: "k" }))));
        const bad = soundness.flatMap((sound, i) => (sound ? [] : [String(i)]));
        expect(checked.kind).toBe(bad.length > 0 ? "invalid" : "ok");
        if (checked.kind === "invalid") expect(checked.records.map((one) => one.offset)).toEqual(bad);
      }),
    );
  });
});

describe("checkValue", () => {
  it("lists all that is wrong", () => {
    expect(checkValue(numbers, { n: "x" })).toEqual({ reason: expect.stringMatching(/^id: .*; n: /) });
  });
});
