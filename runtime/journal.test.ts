import { describe, expect, it } from "vitest";
import type { Invocation } from "./invoke.ts";
import { createJournal, toRawRecord } from "./journal.ts";
import { batchOf, rawRecord, rec, tickOf } from "./testing.ts";

const invocation = (id: number, input: Invocation["input"] = tickOf(), name = "f"): Invocation =>
  ({ id: String(id), function: name, input }) as Invocation;
const sized = (count: number) => batchOf(Array.from({ length: count }, (_, i) => rec(i, null)));
const idsOf = (list: readonly Invocation[]): string => list.map((one) => one.id).join(" ");

describe("a journal", () => {
  it("keeps the last invocations of each function, oldest first", () => {
    const journal = createJournal(3);
    for (let id = 0; id < 5; id++) journal.add(invocation(id));
    journal.add(invocation(9, tickOf(), "g"));
    expect(idsOf(journal.last("f"))).toBe("2 3 4");
    expect(idsOf(journal.last("g"))).toBe("9");
    expect(journal.last("unknown")).toEqual([]);
  });

  it("keeps fewer when they hold many records, and always the last one", () => {
    const journal = createJournal(20, 10);
    for (const [id, count] of [4, 4, 4].entries()) journal.add(invocation(id, sized(count)));
    expect(idsOf(journal.last("f"))).toBe("1 2");
    journal.add(invocation(3, sized(500)));
    expect(idsOf(journal.last("f"))).toBe("3");
  });

  it("keeps fewer when their records are large", () => {
    const journal = createJournal(20, 10);
    const large = rawRecord(0, "x".repeat(6 * 1024));
    for (let id = 0; id < 3; id++) journal.add(invocation(id, sized(1)), [large]);
    expect(idsOf(journal.last("f"))).toBe("2");
  });

  it("gives the bytes of the input's records and of no others", () => {
    const journal = createJournal();
    journal.add(invocation(0, batchOf([rec(1, null)])), [rawRecord(0, "bad"), rawRecord(1, "good")]);
    expect(journal.last("f")[0]!.raw).toEqual([toRawRecord(rawRecord(1, "good"))]);
  });

  it("tells followers of one function what comes, until they leave", () => {
    const journal = createJournal();
    const seen: string[] = [];
    const leave = journal.follow("f", (one) => seen.push(`${one.id} ${one.raw?.length}`));
    journal.follow("f", (one) => seen.push(`other ${one.id}`));
    journal.add(invocation(0, batchOf([rec(1, null)])), [rawRecord(1, "x")]);
    journal.add(invocation(1, tickOf(), "g"));
    leave();
    journal.add(invocation(2));
    expect(seen).toEqual(["0 1", "other 0", "other 2"]);
  });
});

describe("toRawRecord", () => {
  it("keeps bytes exact and headers in order, those that occur several times as well", () => {
    const record = rawRecord(7, Buffer.from([0xff, 0x00]), {
      key: Buffer.alloc(0),
      headers: { a: [Buffer.from([0xfe]), "text"], none: null, left: undefined, ["__proto__"]: "x" },
    });
    expect(toRawRecord(record)).toEqual({
      offset: "7",
      key: "",
      value: "/wA=",
      headers: [
        ["a", "/g=="],
        ["a", "dGV4dA=="],
        ["none", ""],
        ["__proto__", "eA=="],
      ],
    });
    expect(toRawRecord(rawRecord(7, null, { key: null, headers: undefined }))).toEqual({
      offset: "7",
      key: null,
      value: null,
      headers: [],
    });
  });
});
