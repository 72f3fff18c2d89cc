import { describe, expect, it } from "vitest";
import type { InvocationEvent } from "../../data/types.ts";
import {
  type Batch,
  byRecord,
  type Invocation,
  mergeSummaries,
  type Outcome,
  summaryOf,
} from "./invocation.ts";

const record = (offset: string) => ({ offset, timestamp: 1, key: null, headers: {}, value: {} });
const input: Batch = {
  kind: "batch",
  topic: "t",
  partition: 2,
  records: [record("7"), record("8"), record("9")],
  state: {},
};
const ok: Outcome = {
  kind: "ok",
  output: {
    emit: [
      { topic: "out", key: null, value: 1, cause: "9" },
      { topic: "out", key: null, value: 2, cause: "7" },
      { topic: "out", key: null, value: 3, cause: "9" },
    ],
    failures: [{ offset: "8", reason: "no" }],
  },
};
const invocation = (part: Partial<Invocation>): Invocation => ({
  id: "i",
  function: "f",
  codeHash: "h",
  trigger: "kafka",
  attempt: 1,
  input,
  now: 0,
  seed: "s",
  config: {},
  outcome: ok,
  logs: [],
  metrics: [],
  durationMs: 1.5,
  ...part,
});
const at = (id: string, second: number): InvocationEvent => summaryOf(invocation({ id, now: second * 1000 }));

describe("an invocation in short", () => {
  it("says of a batch where its records stand and what it emitted", () => {
    expect(summaryOf(invocation({}))).toEqual({
      id: "i",
      function: "f",
      at: "1970-01-01T00:00:00.000Z",
      trigger: "kafka",
      outcome: "ok",
      error: null,
      records: 3,
      first_offset: "7",
      last_offset: "9",
      partition: 2,
      emits: 3,
      duration_ms: 1.5,
    });
  });

  it("says why it failed", () => {
    const failed: Outcome = { kind: "error", error: { name: "TypeError", message: "x is undefined" } };
    expect(summaryOf(invocation({ outcome: failed }))).toMatchObject({
      outcome: "error",
      error: "TypeError: x is undefined",
      emits: 0,
    });
  });
});

describe("the list of invocations", () => {
  it("stands newest first and holds each once, whether it was fetched or came live", () => {
    const live = mergeSummaries([], [at("c", 3)], 10);
    const merged = mergeSummaries(live, [at("a", 1), at("b", 2), at("c", 3)], 10);
    expect(merged.map(({ id }) => id)).toEqual(["c", "b", "a"]);
    expect(mergeSummaries(merged, [at("d", 3)], 10).map(({ id }) => id)).toEqual(["d", "c", "b", "a"]);
  });

  it("forgets the oldest beyond its bound", () => {
    expect(mergeSummaries([at("a", 1)], [at("b", 2), at("c", 3)], 2).map(({ id }) => id)).toEqual(["c", "b"]);
  });

  it("is the same list where nothing new came", () => {
    const known = [at("a", 1)];
    expect(mergeSummaries(known, [at("a", 1)], 2)).toBe(known);
  });
});

describe("what each record of a batch led to", () => {
  it("is its emits in order, or why it failed", () => {
    const told = byRecord(input, ok).map(({ record, emits, failure }) => [
      record.offset,
      emits.map(({ value }) => value),
      failure,
    ]);
    expect(told).toEqual([
      ["7", [2], null],
      ["8", [], "no"],
      ["9", [1, 3], null],
    ]);
  });

  it("is what was wrong with it where the input was refused", () => {
    const invalid: Outcome = {
      kind: "invalid",
      message: "1 of 3 records",
      records: [{ offset: "9", reason: "amount: expected number" }],
    };
    expect(byRecord(input, invalid).map(({ failure }) => failure)).toEqual([
      null,
      null,
      "amount: expected number",
    ]);
  });
});
