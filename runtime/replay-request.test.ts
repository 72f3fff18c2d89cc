import { describe, expect, it } from "vitest";
import { captured, consumer, createConsumer, order, producer } from "./capture/fixtures.ts";
import type { RawKafkaRecord } from "./codec.ts";
import { toDeadLetterRecord } from "./dead-letters.ts";
import { runReplay } from "./replay-request.ts";
import { jsonOnly } from "./serde.ts";

const recent = [
  captured(consumer, [order(1, "user_1", 10)], "a"),
  captured(consumer, [order(2, "user_2", 20)], "b"),
];
const record: RawKafkaRecord = {
  offset: "7",
  timestamp: "1700000007000",
  key: Buffer.from("user_1"),
  value: Buffer.from('{"user":"user_1","amount":5}'),
  headers: { trace: Buffer.from("t") },
};
const nothing = async (): Promise<null> => null;
const at = { kind: "record", topic: "orders", partition: 2, offset: "7" } as const;

/** Runs one that must go through. */
async function results(...[fn, request, deps]: Parameters<typeof runReplay>) {
  const result = await runReplay(fn, request, deps);
  if (result.kind !== "replayed") throw new Error(`Expected results, got ${JSON.stringify(result)}`);
  return result.results;
}

describe("replay on request", () => {
  it("finds the last invocations by id, in the order asked for", async () => {
    const found = await results(
      consumer,
      { kind: "ids", ids: ["b", "a"] },
      { recent, serdeOf: jsonOnly, readRecord: nothing },
    );
    expect(found.map(({ id, same }) => [id, same])).toEqual([
      ["b", true],
      ["a", true],
    ]);
  });

  it("says what new code does otherwise, by the record that caused it", async () => {
    const edited = createConsumer({ factor: 2 }, "b".repeat(64));
    const [first] = await results(
      edited,
      { kind: "invocations", invocations: [recent[0]] },
      { recent: [], serdeOf: jsonOnly, readRecord: nothing },
    );
    expect(first).toMatchObject({ same: false, codeChanged: true, diff: { causes: [{ cause: "1" }] } });
  });

  it("shows no secret of the config", async () => {
    const found = await results(
      consumer,
      { kind: "ids", ids: ["a"] },
      { recent, serdeOf: jsonOnly, readRecord: nothing },
    );
    expect(JSON.stringify(found)).not.toContain("hunter2");
  });

  it("names an unknown id and what is no invocation", async () => {
    expect(
      await runReplay(
        consumer,
        { kind: "ids", ids: ["x"] },
        { recent, serdeOf: jsonOnly, readRecord: nothing },
      ),
    ).toEqual({
      kind: "not_found",
      reason: 'Expected an id of the last invocations: a, b; got "x"',
    });
    expect(
      await runReplay(
        consumer,
        { kind: "invocations", invocations: [recent[0], { id: 1 }] },
        { recent, serdeOf: jsonOnly, readRecord: nothing },
      ),
    ).toMatchObject({
      kind: "refused",
      reason: expect.stringMatching(/^invocations\.1: expected a captured invocation/),
    });
  });

  it("runs one record through, from an empty state, as a record of its own place", async () => {
    const [one] = await results(consumer, at, { recent, serdeOf: jsonOnly, readRecord: async () => record });
    expect(one).toMatchObject({ same: null, diff: null });
    expect(one!.invocation).toMatchObject({
      input: { topic: "orders", partition: 2, records: [{ offset: "7", headers: { trace: "t" } }] },
      outcome: {
        kind: "ok",
        output: { emit: [{ topic: "totals", value: { user: "user_1", total: 5 }, cause: "7" }] },
      },
    });
  });

  it("runs a dead letter as the record that it was made from: same output, same ids", async () => {
    const letter = toDeadLetterRecord(
      {
        function: "f",
        topic: "orders",
        partition: 2,
        record,
        kind: "threw",
        error: { name: "E", message: "m" },
      },
      1_800_000_000_000,
    );
    const written = { ...letter, offset: "0", timestamp: "1800000000000" } as unknown as RawKafkaRecord;
    const [own] = await results(consumer, at, { recent, serdeOf: jsonOnly, readRecord: async () => record });
    const [dead] = await results(
      consumer,
      { kind: "record", topic: "orders.dlq", partition: 0, offset: "0" },
      { recent, serdeOf: jsonOnly, readRecord: async () => written },
    );
    expect(dead!.invocation.input).toEqual(own!.invocation.input);
    expect(dead!.invocation.outcome).toEqual(own!.invocation.outcome);
  });

  it("says that a record is not valid instead of running it", async () => {
    const bad = { ...record, value: Buffer.from("no json") };
    const [one] = await results(consumer, at, { recent, serdeOf: jsonOnly, readRecord: async () => bad });
    expect(one!.invocation.outcome).toMatchObject({ kind: "invalid" });
  });

  it.each([
    ["a record that is not there", consumer, at, "not_found", "orders/2 at offset 7"],
    ["another topic's record", consumer, { ...at, topic: "totals" }, "refused", "got one of totals"],
    ["a record for a producer", producer, at, "refused", "got the producer order-producer"],
  ])("refuses %s", async (_, fn, request, kind, reason) => {
    const result = await runReplay(fn, request, { recent, serdeOf: jsonOnly, readRecord: nothing });
    expect(result).toEqual({ kind, reason: expect.stringContaining(reason) });
  });

  it("refuses a dead letter that does not say where it came from", async () => {
    const result = await runReplay(
      consumer,
      { ...at, topic: "orders.dlq" },
      { recent, serdeOf: jsonOnly, readRecord: async () => record },
    );
    expect(result).toMatchObject({ kind: "refused", reason: expect.stringContaining("ksp.dlq.offset") });
  });
});
