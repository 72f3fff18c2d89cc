import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { diffList } from "./diff-list.ts";
import { canonical, diffValue, toPlain } from "./diff-value.ts";

const item = (key: string, n = 0) => ({ key, n });
const alike = [(a: { key: string }, b: { key: string }) => a.key === b.key];

describe("diffValue", () => {
  it("names each field that differs, by path", () => {
    const before = { a: 1, list: [{ price: 1 }, 2], "odd key": true, gone: null };
    const after = { a: 2, list: [{ price: 1.5 }], "odd key": false, come: [] };
    expect(diffValue(before, after)).toEqual([
      { path: "a", before: 1, after: 2 },
      { path: "list[0].price", before: 1, after: 1.5 },
      { path: "list[1]", before: 2 },
      { path: '["odd key"]', before: true, after: false },
      { path: "gone", before: null },
      { path: "come", after: [] },
    ]);
  });

  it("tells numbers apart exactly, and types that look alike", () => {
    expect(diffValue(0.1 + 0.2, 0.3)).toHaveLength(1);
    expect(diffValue(1, "1")).toHaveLength(1);
    expect(diffValue([], {})).toHaveLength(1);
    expect(diffValue(null, {})).toHaveLength(1);
  });

  it("finds nothing exactly where two plain values are equal, whatever the order of keys", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        expect(diffValue(a, reversed(a))).toEqual([]);
        const [plainA, plainB] = [toPlain(a), toPlain(b)];
        expect(diffValue(plainA, plainB).length === 0).toBe(canonical(plainA) === canonical(plainB));
      }),
    );
  });
});

describe("toPlain", () => {
  it("gives what JSON carries: no undefined, no -0, big integers as text", () => {
    expect(toPlain({ a: undefined, b: -0, c: 2n ** 64n, d: [undefined] })).toEqual({
      b: 0,
      c: "18446744073709551616n",
      d: [null],
    });
    expect(Object.is((toPlain({ b: -0 }) as { b: number }).b, 0)).toBe(true);
  });
});

describe("diffList", () => {
  it("shows an insertion as one, not as a change of all that follows", () => {
    const changes = diffList(
      [item("a"), item("b"), item("c")],
      [item("a"), item("x"), item("b"), item("c")],
      alike,
    );
    expect(changes).toEqual([{ kind: "added", at: 1, item: item("x") }]);
  });

  it("shows a change as one where the items are alike", () => {
    const changes = diffList([item("a"), item("b", 1)], [item("a"), item("b", 2)], alike);
    expect(changes).toEqual([
      { kind: "changed", at: 1, item: item("b", 2), fields: [{ path: "n", before: 1, after: 2 }] },
    ]);
  });

  it("shows what changed places as moved", () => {
    const changes = diffList([item("a"), item("b")], [item("b"), item("a")], alike);
    expect(changes).toEqual([{ kind: "moved", from: 0, at: 1, item: item("a") }]);
  });

  it("finds nothing exactly where two lists are equal, long ones included", () => {
    const long = Array.from({ length: 2_100 }, (_, i) => item("a", i));
    expect(diffList(long, long, alike)).toEqual([]);
    expect(diffList(long, long.toReversed(), alike).length).toBeGreaterThan(0);
    const lists = fc.array(fc.record({ key: fc.constantFrom("a", "b"), n: fc.nat(2) }), { maxLength: 8 });
    fc.assert(
      fc.property(lists, lists, (a, b) => {
        expect(diffList(a, b, alike).length === 0).toBe(canonical(a) === canonical(b));
      }),
    );
  });
});

/** The same value with its objects' keys in another order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, v]) => [key, reversed(v)]),
  );
}
