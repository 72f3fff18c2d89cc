import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findNotPlain, isPlainObject, MAX_DEPTH } from "./plain-data.ts";

const nest = (value: unknown, levels: number): unknown => {
  let nested = value;
  for (let i = 0; i < levels; i++) nested = i % 2 ? [nested] : { a: nested };
  return nested;
};

describe("findNotPlain", () => {
  it("finds nothing in what JSON carries", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(findNotPlain(value, "v")).toBeNull();
      }),
    );
    expect(findNotPlain({ left: undefined, out: Object.create(null) }, "v")).toBeNull();
    expect(findNotPlain(JSON.parse('{"__proto__":1}'), "v")).toBeNull();
  });

  class Money {}
  it.each([
    [Number.NaN, "v: expected a finite number, got NaN"],
    [{ a: [1, { b: Number.POSITIVE_INFINITY }] }, "v.a[1].b: expected a finite number, got Infinity"],
    [new Date(0), "v: expected plain data, got Date"],
    [[1, new Map()], "v[1]: expected plain data, got Map"],
    [{ m: new Money() }, "v.m: expected plain data, got Money"],
    [{ n: 1n }, "v.n: expected plain data, got bigint"],
    [{ f: () => 1 }, "v.f: expected plain data, got function"],
    [[Symbol("s")], "v[0]: expected plain data, got symbol"],
    [undefined, "v: expected plain data, got undefined"],
    [[1, undefined], "v[1]: expected plain data, got undefined"],
    // biome-ignore lint/suspicious/noSparseArray: the hole is what is tested
    [[1, , 3], "v[1]: expected plain data, got undefined"],
    [Promise.resolve(), "v: expected plain data, got Promise"],
    [
      JSON.parse('{"__proto__":[null]}', (_, v) => (v === null ? 1n : v)),
      "v.__proto__[0]: expected plain data, got bigint",
    ],
  ])("says what is wrong with %o, and where", (value, problem) => {
    expect(findNotPlain(value, "v")).toBe(problem);
  });

  it("names the first of several problems", () => {
    expect(findNotPlain({ a: 1, b: [0, Number.NaN], c: new Date(0) }, "v")).toMatch(/^v\.b\[1\]:/);
  });

  it("refuses nesting beyond the limit, and cycles", () => {
    expect(findNotPlain(nest(1, MAX_DEPTH), "v")).toBeNull();
    const tooDeep = `expected at most ${MAX_DEPTH} levels of lists and objects, got more`;
    expect(findNotPlain(nest([], MAX_DEPTH), "v")).toMatch(tooDeep);
    const cycle: unknown[] = [];
    cycle.push(cycle);
    expect(findNotPlain(cycle, "v")).toMatch(tooDeep);
  });

  it("says something exactly when JSON would change the value", () => {
    const strange = fc.constantFrom(
      Number.NaN,
      1n,
      new Date(0),
      new Map(),
      new Set([1]),
      /x/,
      Number.NEGATIVE_INFINITY,
    );
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 4 },
        { weight: 5, arbitrary: fc.constantFrom<unknown>(null, true, 0, 1.5, "text") },
        { weight: 1, arbitrary: strange },
        { weight: 3, arbitrary: fc.array(tie("any"), { maxLength: 3 }) },
        {
          weight: 3,
          arbitrary: fc.dictionary(fc.string({ maxLength: 3 }), tie("any"), {
            maxKeys: 3,
            noNullPrototype: true,
          }),
        },
      ),
    })).any;
    const carried = (v: unknown): boolean => {
      try {
        expect(JSON.parse(JSON.stringify(v))).toStrictEqual(v);
        return true;
      } catch {
        return false;
      }
    };
    fc.assert(
      fc.property(value, (v) => {
        expect(findNotPlain(v, "v") === null).toBe(carried(v));
      }),
    );
  });
});

describe("isPlainObject", () => {
  it("takes objects with no prototype or the usual one, and nothing else", () => {
    for (const yes of [{}, Object.create(null), JSON.parse('{"__proto__":1}')])
      expect(isPlainObject(yes)).toBe(true);
    for (const no of [null, [], new Date(0), Object.create({}), "x", undefined])
      expect(isPlainObject(no)).toBe(false);
  });
});
