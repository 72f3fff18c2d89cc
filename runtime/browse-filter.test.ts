import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileFilters } from "./browse-filter.ts";
import type { BrowseFilters } from "./browse-view.ts";
import type { RawKafkaRecord } from "./codec.ts";

const record = (given: {
  key?: string;
  value?: unknown;
  text?: string;
  headers?: Record<string, string>;
}) => {
  const { key, value, text = value === undefined ? null : JSON.stringify(value), headers = {} } = given;
  return {
    offset: "9007199254740993",
    timestamp: String(Date.UTC(2026, 10, 22, 10)),
    key: key === undefined ? null : Buffer.from(key),
    value: text === null ? null : Buffer.from(text),
    headers: Object.fromEntries(Object.entries(headers).map(([name, one]) => [name, Buffer.from(one)])),
  } satisfies RawKafkaRecord;
};

const compile = (given: Partial<BrowseFilters>) =>
  compileFilters("t", { q: null, regex: null, filter: null, ...given }, () => performance.now());
const matches = (given: Partial<BrowseFilters>, one: RawKafkaRecord) => compile(given).matches(1, one);
const refusal = (given: Partial<BrowseFilters>) => {
  try {
    compile(given);
  } catch (error) {
    return error;
  }
  throw new Error("expected a refusal, got a filter");
};

describe("text", () => {
  const one = record({ key: "User_1", value: { city: "Zürich", a: "x.y" }, headers: { Source: "Näher" } });

  it.each(["user_1", "ZÜRICH", '"A":"X.Y"', "source", "nÄHER"])("finds %s whatever its case", (q) => {
    expect(matches({ q }, one)).toBe(true);
  });

  it.each(["user_2", "x-y", "xzy", ".*", "zurich", "\\"])("takes %s literally and does not find it", (q) => {
    expect(matches({ q }, one)).toBe(false);
  });

  it("finds any part of any text", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme" }),
        fc.string({ unit: "grapheme", minLength: 1 }),
        (before, q) => {
          expect(matches({ q }, record({ key: before + q + before }))).toBe(true);
        },
      ),
    );
  });

  it("finds nothing in a record without key, value and headers", () => {
    expect(matches({ q: "a" }, record({}))).toBe(false);
  });
});

describe("regular expressions", () => {
  it("match anywhere in key, value and headers", () => {
    const one = record({ key: "k-17", value: { a: "b" }, headers: { trace: "00-ab" } });
    expect(matches({ regex: "^k-\\d+$" }, one)).toBe(true);
    expect(matches({ regex: '"a":\\s*"B"' }, one)).toBe(false);
    expect(matches({ regex: '(?i)"a":\\s*"B"' }, one)).toBe(true);
    expect(matches({ regex: "^00-" }, one)).toBe(true);
  });

  it("are linear: what drives others mad ends at once", () => {
    const filter = compile({ regex: "^(a+)+$" });
    expect(filter.matches(0, record({ key: `${"a".repeat(1_000_000)}b` }))).toBe(false);
    expect(filter.errors()).toBeNull();
  });

  it("are not tried on a text that is too long for them, and say so", () => {
    const filter = compile({ regex: "[ab]*a[ab]{400}x" });
    expect(filter.matches(3, record({ key: "ab".repeat(100_000) }))).toBe(false);
    expect(filter.errors()).toEqual({
      count: 1,
      first: expect.stringMatching(/^partition 3, offset 9007199254740993: .* 200000 characters$/),
    });
  });

  it.each([
    ["(a+", "missing closing )", "at 0"],
    ["ab[z-a]", "invalid character class range", "at 3"],
    ["(?=a)", "invalid", "at 0"],
    ["a{1000}b{1000}", "at most 1000 steps", "got 2"],
  ])("refuse %s and name the place", (regex, what, where) => {
    expect(refusal({ regex })).toMatchObject({ refusal: { kind: "invalid", parameter: "regex" } });
    expect(refusal({ regex })).toMatchObject({ message: expect.stringContaining(what) });
    expect(refusal({ regex })).toMatchObject({ message: expect.stringContaining(where) });
  });
});

describe("CEL", () => {
  const one = record({
    key: "k",
    value: { amount: 5, price: 1.5, name: "Ann", tags: ["a", "b"], items: [{ n: [1, 2] }, { n: [3] }] },
    headers: { source: "test" },
  });

  it.each([
    'value.amount == 5 && key == "k"',
    "value.amount * 2 > 9 && value.amount % 2 == 1 && 2 * value.price == 3",
    'headers.source == "test" && topic == "t" && partition == 1',
    "offset == 9007199254740993",
    'timestamp == timestamp("2026-11-22T10:00:00Z")',
    "value.items.exists(i, i.n.all(x, x > 2))",
    'value.tags.map(t, t + "!") == ["a!", "b!"]',
    'value.tags.map(t, t == "b", t + "!") == ["b!"]',
    "value.tags.filter(t, t > 'a').size() == 1 && value.tags.exists_one(t, t == 'a')",
    'value.name.matches("^A(n)+$") && (value.tags[0]).matches("a")',
    'has(value.name) && !has(value.nope) && (value.amount > 9 ? false : "a" in value.tags)',
  ])("holds: %s", (filter) => {
    const compiled = compile({ filter });
    expect(compiled.matches(1, one)).toBe(true);
    expect(compiled.errors()).toBeNull();
  });

  it("compares whole numbers exactly", () => {
    const big = record({ text: '{"id":9007199254740993}' });
    expect(matches({ filter: "value.id == 9007199254740993" }, big)).toBe(true);
    expect(matches({ filter: "value.id == 9007199254740992" }, big)).toBe(false);
  });

  it("sees text as text, bytes as bytes, a tombstone as null", () => {
    expect(matches({ filter: 'value == "plain"' }, record({ text: "plain" }))).toBe(true);
    expect(matches({ filter: "value == null && key == null" }, record({}))).toBe(true);
    expect(matches({ filter: "size(value) == 2" }, { ...record({}), value: Buffer.from([0xff, 1]) })).toBe(
      true,
    );
  });

  it("does not match where it cannot be evaluated, and counts it", () => {
    const filter = compile({ filter: "value.nope > 1" });
    expect(filter.matches(1, one)).toBe(false);
    expect(filter.matches(2, one)).toBe(false);
    expect(filter.errors()).toEqual({
      count: 2,
      first: "partition 1, offset 9007199254740993: No such key: nope",
    });
  });

  it("counts a timestamp that no calendar has as an error only where it is asked for", () => {
    const odd = { ...one, timestamp: "9223372036854775807" };
    expect(matches({ filter: "value.amount == 5" }, odd)).toBe(true);
  });

  it.each([
    ["value.", "at 6"],
    ["valu.a == 1", "Unknown variable: valu (at 0)"],
    ["1 + 1", "got one of type int"],
    ["value.constructor.constructor('return 1')()", "at 41"],
    ["process.exit(1)", "Unknown variable: process"],
    ["key.foo() == 1", "found no matching overload"],
    [`value${" + value".repeat(600)} == 1`, "Exceeded maxAstNodes"],
    [`${"(".repeat(100)}true${")".repeat(100)}`, "Exceeded maxDepth"],
  ])("refuses %s and names the place", (filter, message) => {
    expect(refusal({ filter })).toMatchObject({
      refusal: { kind: "invalid", parameter: "filter" },
      message: expect.stringContaining(message),
    });
  });

  it("has no way to JavaScript's own members", () => {
    for (const member of ["constructor", "__proto__", "toString", "hasOwnProperty"]) {
      const filter = compile({ filter: `value.${member} != null` });
      expect(filter.matches(0, one)).toBe(false);
      expect(filter.errors()).toMatchObject({ first: expect.stringContaining("No such key") });
    }
  });

  it("uses a linear engine for matches()", () => {
    const filter = compile({ filter: 'key.matches("^(a+)+$")' });
    expect(filter.matches(0, record({ key: `${"a".repeat(100_000)}b` }))).toBe(false);
    expect(compile({ filter: 'key.matches("(a+")' }).matches(0, one)).toBe(false);
  });

  it.each([
    "value.all(a, value.all(b, a >= 0 || b >= 0))",
    "value.exists(a, value.exists(b, a < 0 && b < 0))",
    "value.exists(a, value.exists(b, value.nope == 1))",
    "value.exists_one(a, value.exists_one(b, value.exists_one(c, a < 0 && b < 0 && c < 0)))",
    "size(value.filter(a, value.filter(b, b < 0) == [1])) == 1",
    "size(value.map(a, value.map(b, a * b))) == 1",
    "size(value.map(a, value.exists(b, b < 0), a)) == 1",
    "value.all(a, value + value != [])",
  ])("stops where it takes too long, and says so: %s", (expression) => {
    // A clock that the loops themselves drive: what takes long is what goes round often.
    let clock = 0;
    const filter = compileFilters("t", { q: null, regex: null, filter: expression }, () => {
      clock += 1;
      return clock;
    });
    const many = record({ value: Array.from({ length: 14_000 }, (_, i) => i) });
    expect(filter.matches(0, many)).toBe(false);
    expect(filter.errors()).toMatchObject({
      count: 1,
      first: expect.stringContaining("at most 50 ms a record"),
    });
    expect(clock).toBeLessThan(200);
  });
});

it("wants all filters to hold", () => {
  const one = record({ key: "k", value: { a: 1 } });
  expect(matches({ q: "K", regex: "^k$", filter: "value.a == 1" }, one)).toBe(true);
  expect(matches({ q: "nope", regex: "^k$", filter: "value.a == 1" }, one)).toBe(false);
  expect(matches({ q: "K", regex: "nope", filter: "value.a == 1" }, one)).toBe(false);
  expect(matches({ q: "K", regex: "^k$", filter: "value.a == 2" }, one)).toBe(false);
  expect(compile({}).isEmpty).toBe(true);
});
