import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planReset } from "./plan-reset.ts";

const offsets = [
  { partition: 1, start: 0n, end: 9_007_199_254_740_995n },
  { partition: 0, start: 5n, end: 10n },
];
const committed = new Map([[0, "7"]]);

describe("planReset", () => {
  it("moves all partitions to their beginning or end, and says from where and with what lag", () => {
    expect(planReset(offsets, committed, undefined, { kind: "earliest" })).toMatchObject({
      kind: "plan",
      partitions: [
        { partition: 0, from: "7", to: "5", endOffset: "10", lagAfter: 5 },
        { partition: 1, from: null, to: "0" },
      ],
    });
    expect(planReset(offsets, committed, undefined, { kind: "latest" })).toMatchObject({
      partitions: [
        { to: "10", lagAfter: 0 },
        { to: "9007199254740995", lagAfter: 0 },
      ],
    });
  });

  it("moves only the chosen partitions, and to the end where no record is as late as the timestamp", () => {
    const at = { kind: "timestamp", timestamp: 1 } as const;
    expect(planReset(offsets, committed, [0], at, new Map([[0, 8n]]))).toMatchObject({
      partitions: [{ partition: 0, to: "8", lagAfter: 2 }],
    });
    expect(planReset(offsets, committed, [0], at)).toMatchObject({ partitions: [{ to: "10" }] });
  });

  it("names each partition and offset that does not fit", () => {
    const to = { kind: "offset", offset: "11" } as const;
    expect(planReset(offsets, committed, [7, 0], to)).toEqual({
      kind: "refused",
      reasons: ["Expected partition 0–1, got 7", "Expected an offset of 5–10 in partition 0, got 11"],
    });
  });

  it("never leaves what a partition holds, whatever is asked for", () => {
    const bound = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n });
    fc.assert(
      fc.property(bound, bound, bound, (a, b, offset) => {
        const [start, end] = a < b ? [a, b] : [b, a];
        const to = { kind: "offset", offset: String(offset) } as const;
        const plan = planReset([{ partition: 0, start, end }], new Map(), undefined, to);
        const fits = offset >= start && offset <= end;
        expect(plan.kind).toBe(fits ? "plan" : "refused");
        if (plan.kind === "plan") expect(plan.partitions[0]!.to).toBe(String(offset));
      }),
    );
  });
});
