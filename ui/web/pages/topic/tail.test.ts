import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Message } from "../../data/message.ts";
import { addDropped, addToTail, clearTail, EMPTY_TAIL, startTail, textMatcher } from "./tail.ts";

const message = (partition: number, offset: number | string, more: Partial<Message> = {}): Message => ({
  topic: "t",
  partition,
  offset: String(offset),
  timestamp: null,
  key: null,
  headers: {},
  valueJson: "null",
  keySize: null,
  valueSize: null,
  truncated: false,
  schema: null,
  ...more,
});
const places = (rows: readonly Message[]) => rows.map(({ partition, offset }) => `${partition}:${offset}`);

describe("the tail of a topic", () => {
  it("has the newest record first, and keeps so many", () => {
    const tail = addToTail(
      addToTail(EMPTY_TAIL, [message(0, 1), message(0, 2)], 3),
      [message(0, 3), message(0, 4)],
      3,
    );
    expect(places(tail.rows)).toEqual(["0:4", "0:3", "0:2"]);
    expect(tail.received).toBe(4);
  });

  it("takes no record twice, by partition", () => {
    const tail = addToTail(EMPTY_TAIL, [message(0, 5), message(1, 2)]);
    const again = addToTail(tail, [message(0, 5), message(0, 4), message(1, 3)]);
    expect(places(again.rows)).toEqual(["1:3", "1:2", "0:5"]);
  });

  it("begins with what was there, in the order of time, and takes none of it again", () => {
    const tail = startTail([message(0, 7), message(0, 6), message(1, 1)]);
    expect(places(tail.rows)).toEqual(["1:1", "0:6", "0:7"]);
    expect(places(addToTail(tail, [message(0, 7), message(0, 8)]).rows)).toEqual([
      "0:8",
      "1:1",
      "0:6",
      "0:7",
    ]);
    expect(tail.received).toBe(0);
  });

  it("tells offsets apart that are beyond exact numbers", () => {
    const tail = addToTail(EMPTY_TAIL, [message(0, "9007199254740992"), message(0, "9007199254740993")]);
    expect(tail.received).toBe(2);
  });

  it("is the same however its records are cut into batches", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(3)),
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 10 }),
        (all, size, kept) => {
          const records = all.map((partition, offset) => message(partition, offset));
          let cut = EMPTY_TAIL;
          for (let at = 0; at < records.length; at += size)
            cut = addToTail(cut, records.slice(at, at + size), kept);
          expect(cut).toEqual(addToTail(EMPTY_TAIL, records, kept));
          expect(cut.rows.length).toBe(Math.min(kept, records.length));
        },
      ),
    );
  });

  it("counts what was left out, and begins anew without repeating", () => {
    const tail = addDropped(addToTail(EMPTY_TAIL, [message(0, 1)]), 40);
    expect(tail.dropped).toBe(40);
    const cleared = clearTail(tail);
    expect(cleared).toMatchObject({ rows: [], received: 0, dropped: 0 });
    expect(addToTail(cleared, [message(0, 1)]).rows).toEqual([]);
  });
});

describe("the filter of a tail", () => {
  it("finds text in key, value and headers whatever its case", () => {
    const matches = textMatcher(" AbC ")!;
    expect(matches(message(0, 1, { key: "xabcx" }))).toBe(true);
    expect(matches(message(0, 1, { valueJson: '{"a":"ABC"}' }))).toBe(true);
    expect(matches(message(0, 1, { headers: { abcd: "" } }))).toBe(true);
    expect(matches(message(0, 1, { headers: { x: "-abc" } }))).toBe(true);
    expect(matches(message(0, 1, { key: "ab", valueJson: '"c"' }))).toBe(false);
  });

  it("is none where nothing is asked for", () => {
    expect(textMatcher("  ")).toBeNull();
  });
});
