import { describe, expect, it } from "vitest";
import { parseMessage } from "../../data/message.ts";
import { addTo, emptyWindow, MOST } from "./window.ts";

const message = (offset: number, at: number | null, value: unknown = offset) =>
  parseMessage(
    JSON.stringify({
      topic: "t",
      partition: 0,
      offset: String(offset),
      timestamp: at === null ? null : new Date(at).toISOString(),
      value,
    }),
  );
const offsetOf = ({ offset, valueJson }: { offset: string; valueJson: string }) =>
  valueJson === '"odd"' ? null : Number(offset);
const records = (window: { kept: readonly { record: number }[] }) => window.kept.map(({ record }) => record);

describe("a window of records", () => {
  it("is in the order of time, each record once, whatever comes first", () => {
    const live = addTo(emptyWindow, [message(3, 30), message(4, 40)], offsetOf, 0);
    const both = addTo(live, [message(1, 10), message(3, 30), message(2, 20)], offsetOf, 0);
    expect(records(both)).toEqual([1, 2, 3, 4]);
    expect(both.since).toBe(0);
  });

  it("moves on", () => {
    const before = addTo(emptyWindow, [message(1, 10), message(2, 20, "odd"), message(3, 30)], offsetOf, 0);
    const after = addTo(before, [message(4, 5)], offsetOf, 25);
    expect(records(after)).toEqual([3]);
    expect([...after.skipped.keys()]).toEqual([]);
  });

  it("counts what is not of its shape once, and leaves out what has no time", () => {
    const odd = [message(1, 10, "odd"), message(1, 10, "odd"), message(2, null)];
    const window = addTo(emptyWindow, odd, offsetOf, 0);
    expect([window.skipped.size, window.kept.length]).toEqual([1, 0]);
  });

  it("keeps the newest of too many, and says since when all are there", () => {
    const many = Array.from({ length: MOST + 5 }, (_, index) => message(index, 1000 + index));
    const window = addTo(emptyWindow, many, offsetOf, 0);
    expect([window.kept.length, window.kept[0]?.record, window.since]).toEqual([MOST, 5, 1005]);
    expect(addTo(window, [], offsetOf, 500).since).toBe(1005);
  });
});
