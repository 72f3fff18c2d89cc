import { describe, expect, it } from "vitest";
import { parseSort, sortRows } from "./sort.ts";

describe("a table's order", () => {
  it("is read from the address", () => {
    expect(parseSort("-rate")).toEqual({ id: "rate", descending: true });
    expect(parseSort("name")).toEqual({ id: "name", descending: false });
  });

  it("puts text as people read it, and what has no value last either way", () => {
    const rows = ["b", null, "a10", "A2"];
    expect(sortRows(rows, (row) => row, false)).toEqual(["A2", "a10", "b", null]);
    expect(sortRows(rows, (row) => row, true)).toEqual(["b", "a10", "A2", null]);
  });

  it("compares numbers by size and leaves equals as they were", () => {
    const rows = [
      { n: 10, id: "a" },
      { n: 9, id: "b" },
      { n: 10, id: "c" },
    ];
    expect(sortRows(rows, (row) => row.n, true).map((row) => row.id)).toEqual(["a", "c", "b"]);
  });
});
