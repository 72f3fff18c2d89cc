import { describe, expect, it } from "vitest";
import { describeDiff, fieldLines, type InvocationDiff } from "./diff-summary.ts";

const none: InvocationDiff = { same: true, outcome: null, causes: [], logs: [], metrics: [] };
const added = (item: never) => ({ kind: "added" as const, at: 0, item });
const thing = {} as never;

describe("a difference in a line", () => {
  it("says that there is none", () => {
    expect(describeDiff(none)).toBe("the same");
  });

  it("counts what differs, by records and beside them", () => {
    const diff: InvocationDiff = {
      ...none,
      same: false,
      causes: [
        { cause: "7", emits: [added(thing), added(thing)], state: [], failure: null },
        { cause: "9", emits: [], state: [{ key: "k", fields: [] }], failure: { after: "no" } },
      ],
      logs: [added(thing)],
    };
    expect(describeDiff(diff)).toBe("2 records: 2 emits, 1 state change, 1 failure; 1 log line");
  });

  it("names no records for a tick", () => {
    const causes = [{ cause: null, emits: [added(thing)], state: [], failure: null }];
    expect(describeDiff({ ...none, same: false, causes })).toBe("1 emit");
  });

  it("says how the outcome changed", () => {
    const outcome = {
      before: { kind: "ok", output: {} },
      after: { kind: "error", error: { name: "E", message: "m" } },
    } as const;
    expect(describeDiff({ ...none, same: false, outcome })).toBe("ok became error");
  });
});

describe("changed fields as lines", () => {
  it("stand on the side that has them", () => {
    const lines = fieldLines([
      { path: "a.b", before: 1, after: 2 },
      { path: "new", after: null },
      { path: "", before: "x" },
    ]);
    expect(lines).toEqual({ before: 'a.b: 1\nvalue: "x"', after: "a.b: 2\nnew: null" });
  });
});
