import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  advanceStreamTime,
  applyState,
  createPartitionState,
  MAX_FUTURE_SKEW_MS,
  readState,
} from "./state.ts";
import { rec } from "./testing.ts";

const byKey = (record: { key: string | null }): string[] => (record.key === null ? [] : [record.key]);

describe("advanceStreamTime", () => {
  it("follows the highest timestamp", () => {
    expect(advanceStreamTime(0, 50, 1_000)).toBe(50);
    expect(advanceStreamTime(50, 40, 1_000)).toBe(50);
  });

  it("follows one record from the future only so far", () => {
    expect(advanceStreamTime(0, 1e15, 1_000)).toBe(1_000 + MAX_FUTURE_SKEW_MS);
  });

  it("never goes back, whatever records and clock do", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer(), fc.integer())), (steps) => {
        let time = 0;
        for (const [timestamp, now] of steps) {
          const next = advanceStreamTime(time, timestamp, now);
          expect(next).toBeGreaterThanOrEqual(time);
          time = next;
        }
      }),
    );
  });
});

describe("partition state", () => {
  it("gives back what was applied, null for what is not there, and nothing that was not asked for", () => {
    const key = fc.constantFrom("a", "b", "__proto__", "constructor", "");
    fc.assert(
      fc.property(
        fc.array(fc.tuple(key, fc.option(fc.jsonValue())), { maxLength: 20 }),
        fc.array(key),
        (changes, asked) => {
          const state = createPartitionState();
          applyState(
            state,
            changes.map(([k, value]) => ({ key: k, value })),
          );
          const model = new Map(changes);
          const read = readState(
            state,
            asked.map((k, i) => rec(i, null, { key: k })),
            byKey,
          );
          expect(Object.getPrototypeOf(read)).toBeNull();
          expect(Object.entries(read)).toEqual([...new Set(asked)].map((k) => [k, model.get(k) ?? null]));
          expect(state.entries.size).toBe([...model.values()].filter((value) => value !== null).length);
        },
      ),
    );
  });

  it("cannot be reached into: what is applied is frozen", () => {
    const state = createPartitionState();
    applyState(state, [{ key: "a", value: { list: [1] } }]);
    const { a } = readState(state, [rec(0, null, { key: "a" })], byKey) as { a: { list: number[] } };
    expect(() => a.list.push(2)).toThrow(TypeError);
  });

  it("reads on when a record's keys cannot be told: its value is not checked yet", () => {
    const keys = (record: { value: unknown }): string[] => [(record.value as { id: string }).id.trim()];
    const records = [rec(0, null), rec(1, { id: " a " })];
    expect(Object.keys(readState(createPartitionState(), records, keys))).toEqual(["a"]);
  });
});
