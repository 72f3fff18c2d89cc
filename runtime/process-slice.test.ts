import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RawKafkaRecord } from "./codec.ts";
import { AbortedError } from "./lane.ts";
import { RefusedError } from "./outputs.ts";
import { processSlice } from "./process-slice.ts";
import { MAX_FUTURE_SKEW_MS, type PartitionState } from "./state.ts";
import { rawRecord } from "./testing.ts";
import { NOW, start, value } from "./testing-slice.ts";

const snapshot = ({ lastOffset, streamTimeMs, entries }: PartitionState) => ({
  lastOffset,
  streamTimeMs,
  entries: new Map(entries),
});

describe("processSlice", () => {
  it("writes the outputs, then applies the state and says what is done", async () => {
    const { run, state, sent, done, invocations, settled } = start();
    await run([rawRecord(5, value(1)), rawRecord(6, value(2))]);
    expect(sent).toEqual([
      {
        topic: "sums",
        key: "k",
        value: Buffer.from('{"id":"k","sum":1,"streamTimeMs":1005}'),
        headers: { "ksp.cause": "numbers/2:5" },
        timestamp: 1_005,
      },
      {
        topic: "sums",
        key: "k",
        value: Buffer.from('{"id":"k","sum":3,"streamTimeMs":1006}'),
        headers: { "ksp.cause": "numbers/2:6" },
        timestamp: 1_006,
      },
    ]);
    expect(snapshot(state)).toEqual({
      lastOffset: 6n,
      streamTimeMs: 1_006,
      entries: new Map([["k", { sum: 3 }]]),
    });
    expect(done).toEqual([{ recordsIn: 2, recordsOut: 2, letters: [] }]);
    expect(invocations).toMatchObject([
      { id: "id 0", trigger: "kafka", attempt: 1, now: NOW, input: { partition: 2, state: { k: null } } },
    ]);
    expect(settled).toHaveLength(1);
  });

  it("hands on the state from slice to slice", async () => {
    const { run, outputs } = start();
    await run([rawRecord(0, value(1))]);
    await run([rawRecord(1, value(2))]);
    expect(outputs().map((o) => o.sum)).toEqual([1, 3]);
  });

  it("skips what was delivered again", async () => {
    const { run, outputs, done } = start();
    await run([rawRecord(0, value(1)), rawRecord(1, value(2))]);
    await run([rawRecord(0, value(1)), rawRecord(1, value(2))]);
    await run([rawRecord(1, value(2)), rawRecord(2, value(3))]);
    expect(outputs().map((o) => o.sum)).toEqual([1, 3, 6]);
    expect(done.map((d) => d.recordsIn)).toEqual([2, 1]);
  });

  it("leaves the state untouched and tells nobody when sending is given up", async () => {
    const { run, state, done, settled } = start(() => {
      throw new AbortedError();
    });
    const before = snapshot(state);
    await expect(run([rawRecord(0, value(1))])).rejects.toThrow(AbortedError);
    expect(snapshot(state)).toEqual(before);
    expect([done, settled]).toEqual([[], []]);
  });

  it("gives the same outputs when it is tried again after that", async () => {
    let down = true;
    const { run, outputs } = start(() => {
      if (down) throw new AbortedError();
    });
    const slice = [rawRecord(0, value(1)), rawRecord(1, value(13)), rawRecord(2, value(2))];
    await expect(run(slice)).rejects.toThrow(AbortedError);
    down = false;
    await run(slice);
    expect(outputs().map((o) => o.sum)).toEqual([1, 3]);
  });

  it.each<[string, RawKafkaRecord, Record<string, unknown>]>([
    [
      "is not JSON",
      rawRecord(5, Buffer.from("{")),
      { kind: "invalid", error: "InvalidRecord", reason: /^expected JSON, got "\{"/ },
    ],
    [
      "is not UTF-8",
      rawRecord(5, Buffer.from([0xff, 0xfe])),
      { kind: "invalid", error: "InvalidRecord", reason: /not UTF-8/ },
    ],
    [
      "does not fit the schema",
      rawRecord(5, value("x")),
      { kind: "invalid", error: "InvalidRecord", reason: /^n: .*expected number/ },
    ],
    ["is null", rawRecord(5, null), { kind: "invalid", error: "InvalidRecord", reason: /received null/ }],
    [
      "makes the handler throw",
      rawRecord(5, value(13)),
      { kind: "threw", error: "TypeError", reason: /^thirteen$/ },
    ],
    [
      "is named as a failure",
      rawRecord(5, value(7)),
      { kind: "failed", error: "Failure", reason: /^seven$/ },
    ],
    [
      "leads to an output that is refused",
      rawRecord(5, value(-1)),
      { kind: "refused", error: "OutputRefused", reason: /^MESSAGE_TOO_LARGE$/ },
    ],
  ])("writes one dead letter, with its own bytes, for a record that %s", async (_, bad, why) => {
    const { run, state, letters, outputs, done } = start();
    const record = { ...bad, key: Buffer.from([0xfe]), headers: { trace: Buffer.from([0xfd]) } };
    await run([rawRecord(4, value(1)), record, rawRecord(6, value(2))]);
    expect(letters()).toEqual([
      {
        topic: "numbers.dlq",
        key: Buffer.from([0xfe]),
        value: bad.value,
        timestamp: NOW,
        headers: expect.objectContaining({
          trace: [Buffer.from([0xfd])],
          "ksp.dlq.partition": "2",
          "ksp.dlq.offset": "5",
          "ksp.dlq.timestamp": "1005",
          "ksp.dlq.function": "f",
          "ksp.dlq.kind": why.kind,
          "ksp.dlq.error": why.error,
          "ksp.dlq.reason": expect.stringMatching(why.reason as RegExp),
        }),
      },
    ]);
    expect(
      outputs()
        .slice(-2)
        .map((o) => o.sum),
    ).toEqual([1, 3]);
    expect(state.lastOffset).toBe(6n);
    expect(done).toMatchObject([{ recordsIn: 3, recordsOut: 2, letters: [{ kind: why.kind }] }]);
  });

  it("handles records with headers that kafkajs reads but nobody else would write", async () => {
    const headers = { none: null, ["__proto__"]: [Object.prototype, Buffer.from("x")] } as never;
    const { run, outputs, invocations } = start();
    await run([rawRecord(0, value(1), { headers })]);
    expect(outputs()).toHaveLength(1);
    const { headers: seen } = (invocations[0]!.input as unknown as { records: { headers: object }[] })
      .records[0]!;
    expect(Object.entries(seen)).toEqual([
      ["none", ""],
      ["__proto__", "x"],
    ]);
  });

  it("goes past a slice of which nothing is left", async () => {
    const { run, state, letters, invocations } = start();
    await run([rawRecord(0, Buffer.from("{")), rawRecord(1, Buffer.from("["))]);
    expect([letters().length, state.lastOffset, invocations.length]).toEqual([2, 1n, 0]);
  });

  it("counts metrics of the run that stands only", async () => {
    const { run, settled, invocations } = start();
    await run([rawRecord(0, value(1)), rawRecord(1, value(-1)), rawRecord(2, value(13))]);
    expect(invocations.length).toBeGreaterThan(2);
    expect(settled).toMatchObject([{ invocation: { metrics: [{ name: "handled" }] } }]);
  });

  it("writes no output when a dead letter is refused: it would write them again at each new try", async () => {
    const { run, state, sent } = start((records) => {
      if (records[0]!.topic === "numbers.dlq") throw new RefusedError(new Map([[0, "MESSAGE_TOO_LARGE"]]));
    });
    await expect(run([rawRecord(0, value(1)), rawRecord(1, value(13))])).rejects.toThrow(
      /^a dead letter was refused: .*MESSAGE_TOO_LARGE/,
    );
    expect(sent).toEqual([]);
    expect(state.lastOffset).toBe(-1n);
  });

  it("has done its work even when a listener throws", async () => {
    const { deps, state, outputs } = start();
    const throwing = {
      ...deps,
      onSettled: () => {
        throw new Error("listener");
      },
    };
    const slice = [rawRecord(0, value(1))];
    await expect(processSlice(throwing, slice, state)).rejects.toThrow("listener");
    await processSlice(throwing, slice, state);
    expect(outputs()).toHaveLength(1);
  });

  it("lets event time follow every record, the bad ones too, but not into the future", async () => {
    const { run, outputs, state } = start();
    await run([
      rawRecord(0, value(1), { timestamp: "500" }),
      rawRecord(1, Buffer.from("{"), { timestamp: "900" }),
      rawRecord(2, value(1), { timestamp: "600" }),
      rawRecord(3, value(1), { timestamp: "9999999999999" }),
    ]);
    expect(outputs().map((o) => (o as unknown as { streamTimeMs: number }).streamTimeMs)).toEqual([
      500,
      900,
      NOW + MAX_FUTURE_SKEW_MS,
    ]);
    expect(state.streamTimeMs).toBe(NOW + MAX_FUTURE_SKEW_MS);
  });

  it("takes __proto__ for a key like any other", async () => {
    const { run, state } = start();
    const key = Buffer.from("__proto__");
    await run([rawRecord(0, value(1), { key }), rawRecord(1, value(2), { key })]);
    expect(state.entries).toEqual(new Map([["__proto__", { sum: 3 }]]));
    expect({}).not.toHaveProperty("sum");
  });

  it("sends each bad record to the dead letter queue once and handles the others as if it had never come", async () => {
    const kinds = {
      bytes: Buffer.from("{"),
      schema: value("x"),
      throws: value(13),
      fails: value(7),
      refused: value(-1),
    };
    const record = fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(1, 2, 3) },
      { weight: 1, arbitrary: fc.constantFrom(...(Object.keys(kinds) as (keyof typeof kinds)[])) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(record, { maxLength: 30 }), fc.nat(30), async (records, cut) => {
        const { run, state, letters, outputs, done } = start();
        const raw = records.map((one, i) => rawRecord(i, typeof one === "number" ? value(one) : kinds[one]));
        await run(raw.slice(0, cut));
        await run(raw); // the first part comes again: it is skipped
        const bad = records.flatMap((one, i) => (typeof one === "number" ? [] : [String(i)]));
        const told = letters().map((l) => String(l.headers["ksp.dlq.offset"]));
        expect(told.toSorted((a, b) => Number(a) - Number(b))).toEqual(bad);
        expect(done.flatMap((d) => d.letters)).toHaveLength(bad.length);
        const numbersOf = records.filter((one) => typeof one === "number");
        const sumsOf = numbersOf.map((_, i) => numbersOf.slice(0, i + 1).reduce((a, b) => a + b, 0));
        if (!records.includes("refused")) expect(outputs().map((o) => o.sum)).toEqual(sumsOf);
        // A refusal makes the others run anew: their last outputs are right, earlier ones may stand before them.
        else expect(outputs().map((o) => o.sum)).toEqual(expect.arrayContaining(sumsOf));
        expect(state.entries.get("k")).toEqual(sumsOf.length > 0 ? { sum: sumsOf.at(-1) } : undefined);
        expect(state.lastOffset).toBe(BigInt(records.length) - 1n);
      }),
    );
  });
});
