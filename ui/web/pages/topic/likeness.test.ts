import { describe, expect, it } from "vitest";
import { parseMessage } from "../../data/message.ts";
import { byLikeness } from "./likeness.ts";

const message = (offset: string, key: string | null, value: unknown) =>
  parseMessage(JSON.stringify({ topic: "t", partition: 0, offset, key, value }));

describe("the likeness of records", () => {
  it("puts first what shares an id, deep in the value or as the key", () => {
    const derived = message("9", "user_1", { event_id: "aaaaaaaa", session: { id: "ssssssss" } });
    const ordered = byLikeness(derived, [
      message("1", "user_2", { event_id: "bbbbbbbb" }),
      message("2", "user_1", { event_id: "cccccccc" }),
      message("3", "user_1", { event_id: "aaaaaaaa", nested: [{ sid: "ssssssss" }] }),
    ]);
    expect(ordered.map(({ offset }) => offset)).toEqual(["3", "2", "1"]);
  });

  it("makes nothing of short texts, and keeps the order of what is equally like", () => {
    const derived = message("9", null, { level: "ERROR", service: "api" });
    const ordered = byLikeness(derived, [
      message("1", null, { level: "INFO" }),
      message("2", null, { level: "ERROR", service: "api" }),
      message("3", null, "no object"),
    ]);
    expect(ordered.map(({ offset }) => offset)).toEqual(["1", "2", "3"]);
  });
});
