import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  type Batch,
  type BatchOut,
  defineConsumer,
  defineTopic,
  eachRecord,
  emit,
  type Rec,
} from "./define.ts";
import { invoke, type LoadedFunction } from "./invoke.ts";
import { settle } from "./settle.ts";

const numbers = defineTopic({
  name: "numbers",
  description: "",
  partitions: 1,
  key: "id",
  schema: z.looseObject({ id: z.string(), n: z.number() }),
});

let calls = 0;
const summing = defineConsumer({
  description: "",
  topic: numbers,
  group: "g",
  emits: [numbers],
  config: z.object({}),
  handler: eachRecord((record, state: { sum: number } | null) => {
    calls += 1;
    const { n, id } = record.value;
    if (n === 13) throw new TypeError("thirteen");
    if (n === 7) return { failure: "seven" };
    const sum = (state?.sum ?? 0) + n;
    return { emit: [emit(numbers, { id, n: sum })], state: { sum } };
  }),
});

const load = (definition: LoadedFunction["definition"]): LoadedFunction => ({
  name: "f",
  codeHash: "",
  definition,
  config: {},
});

const toBatch = (values: readonly unknown[]): Batch => ({
  kind: "batch",
  topic: "numbers",
  partition: 0,
  state: {},
  records: values.map(
    (value, i): Rec => ({
      offset: String(i * 3),
      timestamp: i,
      streamTimeMs: i,
      key: "k",
      headers: {},
      value,
    }),
  ),
});

const run = (values: readonly unknown[], definition: LoadedFunction["definition"] = summing) =>
  settle(toBatch(values), (input, attempt) =>
    invoke(load(definition), { id: "i", trigger: "test", input, now: 0, attempt }),
  );

const value = (n: number) => ({ id: "k", n });

describe("settle", () => {
  it("runs a good batch once", () => {
    const settled = run([1, 2, 3].map(value));
    expect(settled).toMatchObject({ attempts: 1, aside: [], unstable: false });
    expect(settled.output.state).toEqual([{ key: "k", value: { sum: 6 } }]);
  });

  it("sets aside records that throw, fail or are invalid, and handles all others as if those had never come", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof({ weight: 3, arbitrary: fc.constantFrom(1, 2, 3) }, fc.constantFrom(13, 7, 99)), {
          maxLength: 60,
        }),
        (ns) => {
          const settled = run(ns.map((n) => (n === 99 ? { id: "k", n: "NaN" } : value(n))));
          const bad = ns.flatMap((n, i) => (n > 3 ? [[String(i * 3), n] as const] : []));
          expect(settled.aside.map((a) => a.record.offset)).toEqual(bad.map(([offset]) => offset));
          expect(settled.aside.map((a) => a.kind)).toEqual(
            bad.map(([, n]) => (n === 13 ? "threw" : n === 7 ? "failed" : "invalid")),
          );
          let sum = 0;
          const emits = ns.flatMap((n, i) => {
            if (n > 3) return [];
            sum += n;
            return [{ topic: "numbers", key: "k", value: { id: "k", n: sum }, cause: String(i * 3) }];
          });
          expect(settled.output.emit ?? []).toEqual(emits);
        },
      ),
    );
  });

  it("names the error of the record itself", () => {
    const { aside } = run([value(1), value(13), { id: "k" }]);
    expect(aside[0]!.error).toMatchObject({ name: "TypeError", message: "thirteen" });
    expect(aside[1]!.error.message).toMatch(/^n: .*expected number/);
  });

  it("finds one bad record in 1,000 in a few runs, and 1,000 bad ones in a few runs each", () => {
    const one = run(Array.from({ length: 1000 }, (_, i) => value(i === 777 ? 13 : 1)));
    expect(one.aside).toHaveLength(1);
    expect(one.attempts).toBeLessThan(30);
    calls = 0;
    const all = run(Array.from({ length: 1000 }, () => value(13)));
    expect(all.aside).toHaveLength(1000);
    expect(calls).toBeLessThan(5000);
  });

  it("ends with an empty output when no record is left", () => {
    expect(run([value(13)])).toMatchObject({ output: {}, invocation: null });
  });

  it("takes the second run and says so when the same input throws only once", () => {
    let first = true;
    const flaky = defineConsumer({
      description: "",
      topic: numbers,
      group: "g",
      emits: [],
      config: z.object({}),
      handler: (): BatchOut<never> => {
        if (first) {
          first = false;
          throw new Error("once");
        }
        return {};
      },
    });
    expect(run([value(1)], flaky)).toMatchObject({ unstable: true, aside: [], attempts: 2 });
  });

  it("sets aside every record of a batch on which a raw handler always throws", () => {
    const hopeless = defineConsumer({
      description: "",
      topic: numbers,
      group: "g",
      emits: [],
      config: z.object({}),
      handler: (): BatchOut<never> => {
        throw new Error("always");
      },
    });
    expect(run([1, 2, 3].map(value), hopeless).aside).toHaveLength(3);
  });
});
