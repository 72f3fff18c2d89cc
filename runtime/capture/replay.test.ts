import { afterEach, describe, expect, it, vi } from "vitest";
import type { BatchOut } from "../define.ts";
import { batchOf, captured, consumer, createConsumer, order, producer } from "./fixtures.ts";
import type { CapturedBatch } from "./format.ts";
import { redact } from "./redact.ts";
import { plain, renderDiff } from "./render.ts";
import { createBatchRunner, replay } from "./replay.ts";

const recorded = captured(consumer, [
  order(40, "user_1", 10),
  order(41, "user_2", 99),
  order(42, "user_1", 5),
]);
const edited = (variation: Parameters<typeof createConsumer>[0]) => createConsumer(variation, "b".repeat(64));
const shown = (fn: ReturnType<typeof createConsumer>) => renderDiff(replay(fn, recorded).diff, plain);

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

describe("replay", () => {
  it("gives the same under another clock and timezone", () => {
    vi.useFakeTimers({ now: 0 });
    vi.stubEnv("TZ", "Pacific/Chatham");
    expect(replay(consumer, recorded).diff).toEqual({
      same: true,
      outcome: null,
      causes: [],
      logs: [],
      metrics: [],
    });
  });

  it("gives the same for a capture whose log entries do not name their records yet", () => {
    expect(recorded.logs.length).toBeGreaterThan(0);
    expect(recorded.logs.every(({ offset }) => offset !== undefined)).toBe(true);
    const older = { ...recorded, logs: recorded.logs.map(({ offset: _, ...entry }) => entry) };
    expect(replay(consumer, older).diff.same).toBe(true);
  });

  it("gives the same for what failed", () => {
    const throwing = createConsumer({ throwsAt: 99 });
    expect(replay(throwing, captured(throwing, [order(1, "user_1", 99)])).diff.same).toBe(true);
    const invalid = captured(consumer, [order(1, "user_1", "many")]);
    expect(invalid.outcome.kind).toBe("invalid");
    expect(replay(consumer, invalid).diff.same).toBe(true);
  });

  it("takes new code that does the same for the same, and says that it is new", () => {
    const { diff, codeChanged } = replay(edited({}), recorded);
    expect([diff.same, codeChanged]).toEqual([true, true]);
  });

  it("tells by causing record what changed", () => {
    expect(shown(edited({ factor: 2 }))).toBe(
      [
        "  record 40",
        '    ~ emit 1 totals "user_1"',
        "        value.total: 10 → 20",
        "  record 41",
        '    ~ emit 1 totals "user_2"',
        "        value.total: 99 → 198",
        '    ~ state "user_2"',
        "        total: 99 → 198",
        "  record 42",
        '    ~ emit 1 totals "user_1"',
        "        value.total: 15 → 30",
        '    ~ state "user_1"',
        "        total: 15 → 30",
        "",
      ].join("\n"),
    );
  });

  it("tells of failures, and of what a failed record no longer emits", () => {
    const { diff } = replay(edited({ limit: 50 }), recorded);
    expect(diff.causes).toMatchObject([
      {
        cause: "41",
        failure: { after: "expected at most 50, got 99" },
        emits: [{ kind: "removed", at: 0 }],
        state: [{ key: "user_2", before: { total: 99 } }],
      },
    ]);
    expect(diff.causes[0]!.failure).not.toHaveProperty("before");
    expect(diff.logs).toMatchObject([{ kind: "removed", at: 1 }]);
  });

  it("tells of an outcome of another kind as a whole", () => {
    expect(shown(edited({ throwsAt: 99 }))).toMatch(
      /^ {2}outcome\n {4}- ok\n {4}\+ error: TypeError: cannot sum 99\n/,
    );
  });

  it("compares the order of what one record emits, and not that of an object's keys", () => {
    const emits = (output: BatchOut) => ({ ...recorded, outcome: { kind: "ok" as const, output } });
    const { output } = recorded.outcome as { output: BatchOut };
    const sameOrder = output.emit!.map(({ value, ...rest }) => ({
      value: Object.fromEntries(Object.entries(value as object).toReversed()),
      ...rest,
    }));
    expect(replay(consumer, emits({ ...output, emit: sameOrder as never })).diff.same).toBe(true);
    const twice = [...output.emit!, { ...output.emit![0]!, key: "other" }];
    const { causes } = replay(consumer, emits({ ...output, emit: twice })).diff;
    expect(causes).toMatchObject([
      { cause: "40", emits: [{ kind: "removed", at: 1, item: { key: "other" } }] },
    ]);
  });

  it("runs with the recorded config, its secrets filled in, or with the present one", () => {
    const present = createConsumer({}, undefined, { bonus: 7, password: "hunter2" });
    const redacted = { ...recorded, config: redact(recorded.config) };
    expect(replay(present, redacted).diff.same).toBe(true);
    expect(replay(present, redacted).invocation.config).toEqual({ bonus: 0, password: "hunter2" });
    expect(replay(present, redacted, "current").diff.same).toBe(false);
  });

  it("gives settings that newer code has added their defaults, and refuses a config that no longer fits", () => {
    const { bonus: _, ...old } = recorded.config as { bonus: number };
    expect(replay(edited({}), { ...recorded, config: old }).invocation.config).toMatchObject({ bonus: 0 });
    expect(() => replay(edited({}), { ...recorded, config: { bonus: "x" } })).toThrow(
      /the recorded config does not fit total-consumer as it is now: bonus: .*--config current/,
    );
  });
});

describe("a topic's batches", () => {
  const batch = (...records: ReturnType<typeof order>[]): CapturedBatch => ({
    input: { ...batchOf(records), state: {} },
    raw: [],
  });

  it("run with the state that earlier ones left, a partition apart", () => {
    const run = createBatchRunner(consumer);
    run(batch(order(0, "user_1", 10)));
    const next = batch(order(1, "user_1", 5));
    const other = { ...next, input: { ...next.input, partition: 1 } };
    const sums = [next, other].map(
      (one) => (run(one).invocation!.outcome as { output: BatchOut }).output.state,
    );
    expect(sums).toEqual([
      [{ key: "user_1", value: { total: 15 } }],
      [{ key: "user_1", value: { total: 5 } }],
    ]);
  });

  it("set aside what cannot be handled and go on with the rest", () => {
    const run = createBatchRunner(createConsumer({ throwsAt: 13, limit: 50 }));
    const { invocation, aside } = run(
      batch(order(0, "a", 1), order(1, "a", "x"), order(2, "a", 13), order(3, "a", 99), order(4, "a", 2)),
    );
    expect(aside.map(({ record, kind }) => [record.offset, kind])).toEqual([
      ["1", "invalid"],
      ["2", "threw"],
      ["3", "failed"],
    ]);
    expect(invocation!.outcome).toMatchObject({ output: { state: [{ key: "a", value: { total: 3 } }] } });
  });

  it("need a consumer", () => {
    expect(() => createBatchRunner(producer)).toThrow(
      `expected a consumer for a topic's batches, got the producer`,
    );
  });
});
