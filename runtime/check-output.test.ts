import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { checkOutput, InvalidOutputError } from "./check-output.ts";
import { defineConsumer, defineProducer, defineTopic, type FunctionDefinition } from "./define.ts";
import { batchOf, numbers, rec, tickOf } from "./testing.ts";

const anything = defineTopic({
  name: "anything",
  description: "",
  partitions: 1,
  key: null,
  schema: z.unknown(),
});
const emits = [numbers, anything];
const consumer = defineConsumer({
  description: "",
  topic: numbers,
  group: "g",
  emits,
  config: z.object({}),
  handler: () => ({}),
});
const producer = defineProducer({ description: "", emits, config: z.object({}), handler: () => ({}) });
const silent = defineProducer({ description: "", emits: [], config: z.object({}), handler: () => ({}) });

const batch = batchOf([
  rec(3, {}, { key: "a" }),
  rec(4, {}, { key: "__proto__" }),
  rec(9, {}, { key: null }),
]);
const check = (output: unknown, definition: FunctionDefinition = consumer) =>
  checkOutput(definition, definition.kind === "consumer" ? batch : tickOf(), output);

const one = { topic: "numbers", key: "k", value: { id: "k", n: 1 }, cause: "3" };
const { cause: _, ...ticked } = one;

describe("checkOutput", () => {
  it("hands on a valid output as it is", () => {
    const output = {
      emit: [
        one,
        { ...one, key: null, headers: { a: "b" }, cause: "9" },
        { topic: "anything", key: null, value: null, cause: "4" },
      ],
      state: [
        { key: "a", value: { sum: 1 } },
        { key: "__proto__", value: null },
      ],
      failures: [{ offset: "9", reason: "no" }],
    };
    expect(check(output)).toBe(output);
    expect(check({})).toEqual({});
    const tick = { emit: [ticked], state: { any: [1, "x", null] } };
    expect(check(tick, producer)).toBe(tick);
    expect(check({ state: undefined }, producer)).toEqual({ state: undefined });
  });

  it.each<[unknown, string]>([
    [undefined, "expected an object, got undefined"],
    [null, "expected an object, got null"],
    [[], "expected an object, got Array"],
    [new Map(), "expected an object, got Map"],
    [Promise.resolve({}), "a handler is synchronous: expected an object, got Promise"],
    [{ emits: [] }, 'expected only emit, state, failures, got "emits"'],
    [{ emit: one }, "emit: expected a list, got Object"],
    [{ emit: null }, "emit: expected a list, got null"],
    [{ emit: [one, 5] }, "emit[1]: expected an object, got number"],
    [
      { emit: [{ ...one, topic: "nubmers" }] },
      'emit[0].topic: expected "numbers" or "anything", got "nubmers"',
    ],
    [
      { emit: [{ ...one, topic: undefined }] },
      'emit[0].topic: expected "numbers" or "anything", got undefined',
    ],
    [{ emit: [{ ...one, topic: 1n }] }, 'emit[0].topic: expected "numbers" or "anything", got bigint'],
    [{ emit: [{ ...one, key: 5 }] }, "emit[0].key: expected a string or null, got number"],
    [{ emit: [{ ...one, key: undefined }] }, "emit[0].key: expected a string or null, got undefined"],
    [{ emit: [{ ...one, headers: [] }] }, "emit[0].headers: expected an object, got Array"],
    [{ emit: [{ ...one, headers: { a: 1 } }] }, "emit[0].headers.a: expected a string, got number"],
    [
      { emit: [{ ...one, header: {} }] },
      'emit[0]: expected only topic, key, value, headers, cause, got "header"',
    ],
    [
      { emit: [{ ...one, topic: "anything", value: undefined }] },
      "emit[0].value: expected data or null, got undefined",
    ],
    [
      { emit: [{ ...one, value: { id: "k", n: Number.NaN } }] },
      "emit[0].value.n: expected a finite number, got NaN",
    ],
    [
      { emit: [one, { ...one, value: { ...one.value, at: new Date(0) } }] },
      "emit[1].value.at: expected plain data, got Date",
    ],
    [{ emit: [{ ...ticked }] }, "emit[0].cause: expected an offset of the batch, got undefined"],
    [{ emit: [{ ...one, cause: "5" }] }, 'emit[0].cause: expected an offset of the batch, got "5"'],
    [{ emit: [{ ...one, cause: 3 }] }, "emit[0].cause: expected an offset of the batch, got 3"],
    [{ state: { key: "a" } }, "state: expected a list, got Object"],
    [{ state: ["a"] }, "state[0]: expected { key, value }, got string"],
    [
      { state: [{ key: "b", value: 1 }] },
      `state[0].key: expected a state key of the batch's records, got "b"`,
    ],
    [{ state: [{ value: 1 }] }, "state[0].key: expected a state key of the batch's records, got undefined"],
    [{ state: [{ key: "a" }] }, "state[0].value: expected data or null, got undefined"],
    [{ state: [{ key: "a", value: [new Set()] }] }, "state[0].value[0]: expected plain data, got Set"],
    [{ failures: {} }, "failures: expected a list, got Object"],
    [{ failures: [{ offset: "3" }] }, 'failures[0]: expected { offset, reason }, got {"offset":"3"}'],
    [
      { failures: [{ offset: "5", reason: "no" }] },
      'failures[0].offset: expected an offset of the batch, got "5"',
    ],
  ])("refuses %o and says why", (output, message) => {
    expect(() => check(output)).toThrow(new InvalidOutputError(message));
  });

  it("holds an emit to its topic's schema", () => {
    expect(() => check({ emit: [{ ...one, value: { id: "k", n: "1" } }] })).toThrow(
      /^emit\[0\] to numbers: n: .*expected number, received string/,
    );
  });

  it.each<[FunctionDefinition, unknown, string]>([
    [producer, { emit: [one] }, 'emit[0]: expected only topic, key, value, headers, got "cause"'],
    [producer, { failures: [] }, 'expected only emit, state, got "failures"'],
    [producer, { state: { big: 1n } }, "state.big: expected plain data, got bigint"],
    [silent, { emit: [ticked] }, 'emit[0].topic: expected no emits, got "numbers"'],
  ])("holds a producer to a tick's output", (definition, output, message) => {
    expect(() => check(output, definition)).toThrow(new InvalidOutputError(message));
  });

  it("asks for state keys with the record alone", () => {
    const keys = (...args: unknown[]): string[] => (args.length === 1 ? ["a"] : ["too many arguments"]);
    expect(check({ state: [{ key: "a", value: 1 }] }, { ...consumer, stateKeys: keys })).toBeDefined();
  });

  it("takes any JSON value where the schema does", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const output = { emit: [{ topic: "anything", key: null, value }], state: value };
        expect(check(output, producer)).toBe(output);
      }),
    );
  });
});
