import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AbortedTransaction, AbortedTransactions } from "./aborted-transactions.ts";

interface History {
  readonly aborted: AbortedTransaction[];
  readonly end: number;
}

/** Transactions of four producers that overlap as they like: true is a record, false ends what is open. */
const histories = fc
  .array(fc.record({ producerId: fc.nat({ max: 3 }), record: fc.boolean() }), { maxLength: 60 })
  .map((steps): History => {
    const open = new Map<number, number>();
    const aborted: AbortedTransaction[] = [];
    let offset = 0;
    for (const { producerId, record } of steps) {
      const firstOffset = open.get(producerId);
      if (record) {
        if (firstOffset === undefined) open.set(producerId, offset);
        offset++;
      } else if (firstOffset !== undefined) {
        open.delete(producerId);
        const lastStableOffset = Math.min(offset + 1, ...open.values());
        aborted.push({ producerId, firstOffset, lastOffset: offset++, lastStableOffset });
      }
    }
    return { aborted, end: offset };
  });

describe("the aborted transactions of a partition", () => {
  it("are those that reach into the offsets asked for, sorted by first offset", () => {
    fc.assert(
      fc.property(histories, fc.nat({ max: 60 }), fc.nat({ max: 60 }), ({ aborted }, from, length) => {
        const end = from + length;
        const expected = aborted.filter((each) => each.lastOffset >= from && each.firstOffset < end);
        expected.sort((a, b) => a.firstOffset - b.firstOffset);
        expect(new AbortedTransactions(aborted).between(from, end)).toEqual(expected);
      }),
    );
  });

  it("have records of their producer, between their first offset and their end", () => {
    fc.assert(
      fc.property(histories, fc.nat({ max: 3 }), fc.nat({ max: 60 }), ({ aborted }, producerId, offset) => {
        const expected = aborted.some(
          (each) => each.producerId === producerId && each.firstOffset <= offset && offset <= each.lastOffset,
        );
        expect(new AbortedTransactions(aborted).includes(producerId, offset)).toBe(expected);
      }),
    );
  });

  it("are forgotten once their markers are deleted, and no other", () => {
    fc.assert(
      fc.property(histories, fc.nat({ max: 60 }), ({ aborted }, offset) => {
        const index = new AbortedTransactions(aborted);
        index.forgetBefore(offset);
        expect(index.list()).toEqual(aborted.filter((each) => each.lastOffset >= offset));
      }),
    );
  });
});
