import { describe, expect, it } from "vitest";
import { parseMessage } from "../../data/message.ts";
import { groupLetters, isOwnHeader, letterMatches, toLetter } from "./letter.ts";

const letter = (offset: number, at: string, headers: Record<string, string>, topic = "user-events.dlq") =>
  toLetter(
    parseMessage(
      JSON.stringify({ topic, partition: 0, offset: String(offset), timestamp: at, headers, value: {} }),
    ),
  );

const why = (fingerprint: string, more: Record<string, string> = {}) => ({
  "ksp.dlq.topic": "user-events",
  "ksp.dlq.partition": "2",
  "ksp.dlq.offset": "9007199254740993",
  "ksp.dlq.timestamp": "1700000000123",
  "ksp.dlq.function": "analytics-consumer",
  "ksp.dlq.kind": "invalid",
  "ksp.dlq.error": "InvalidValue",
  "ksp.dlq.reason": "Expected a string",
  "ksp.dlq.fingerprint": fingerprint,
  ...more,
});

describe("a dead letter", () => {
  it("says where it came from, who could not handle it and why", () => {
    expect(letter(1, "2026-11-22T10:00:00.000Z", why("f"))).toMatchObject({
      origin: { topic: "user-events", partition: 2, offset: "9007199254740993" },
      originTimestamp: "2023-11-14T22:13:20.123Z",
      function: "analytics-consumer",
      kind: "invalid",
      error: "InvalidValue",
      reason: "Expected a string",
      fingerprint: "f",
    });
  });

  it("that somebody else wrote says nothing, or nonsense, without harm", () => {
    expect(letter(1, "2026-11-22T10:00:00.000Z", {})).toMatchObject({
      origin: null,
      function: null,
      originTimestamp: null,
    });
    const odd = letter(
      1,
      "2026-11-22T10:00:00.000Z",
      why("f", { "ksp.dlq.partition": "x", "ksp.dlq.timestamp": "9e99" }),
    );
    expect(odd).toMatchObject({ origin: null, originTimestamp: null });
  });

  it("has its record's own headers besides", () => {
    expect(["trace", "ksp.dlq.kind", "ksp.other"].filter(isOwnHeader)).toEqual(["trace", "ksp.other"]);
  });
});

describe("looking for dead letters", () => {
  it("finds them by reason, function and topic, whatever the case", () => {
    const one = letter(1, "2026-11-22T10:00:00.000Z", why("f"));
    for (const text of ["", "a STRING", "analytics", "user-events", " invalid "])
      expect(letterMatches(one, text)).toBe(true);
    expect(letterMatches(one, "other")).toBe(false);
    expect(letterMatches(letter(1, "2026-11-22T10:00:00.000Z", {}), "null")).toBe(false);
  });
});

describe("dead letters of the same fault", () => {
  it("are together, counted, the newest first, and so are the groups", () => {
    const groups = groupLetters([
      letter(1, "2026-11-22T10:00:01.000Z", why("a", { "ksp.dlq.reason": "first" })),
      letter(2, "2026-11-22T10:00:02.000Z", why("b")),
      letter(3, "2026-11-22T10:00:03.000Z", why("a", { "ksp.dlq.reason": "second" })),
    ]);
    expect(groups.map(({ fingerprint, count }) => [fingerprint, count])).toEqual([
      ["a", 2],
      ["b", 1],
    ]);
    expect(groups[0]).toMatchObject({
      newest: { reason: "second" },
      firstAt: "2026-11-22T10:00:01.000Z",
      lastAt: "2026-11-22T10:00:03.000Z",
    });
  });

  it("without a fingerprint are together by topic", () => {
    const groups = groupLetters([
      letter(1, "2026-11-22T10:00:01.000Z", {}, "a.dlq"),
      letter(2, "2026-11-22T10:00:01.000Z", {}, "a.dlq"),
      letter(1, "2026-11-22T10:00:01.000Z", {}, "b.dlq"),
    ]);
    expect(groups.map(({ count }) => count)).toEqual([2, 1]);
    expect(groups[0]!.letters.map(({ message }) => message.offset)).toEqual(["2", "1"]);
  });
});
