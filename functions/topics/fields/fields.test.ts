import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { isIsoTimestamp, isoTimestamp } from "./iso-timestamp.ts";
import { oneOf, unknownKind } from "./one-of.ts";

describe("isoTimestamp", () => {
  it.each([
    "2026-01-31T12:00:00Z",
    "2026-01-31T12:00:00.5Z",
    "2026-01-31T12:00:00.123456789Z",
    "2026-01-31T12:00:00.123456",
    "2026-01-31T12:00:00",
    "2026-01-31T12:00:00+02:00",
    "2026-01-31T12:00:00.001-0530",
    "2024-02-29T23:59:59Z",
  ])("takes %s", (text) => {
    expect(isIsoTimestamp(text)).toBe(true);
  });

  it.each([
    "2026-01-31",
    "2026-01-31 12:00:00Z",
    "2026-01-31T12:00:00.Z",
    "2026-01-31T12:00:00.1234567890Z",
    "2026-01-31T24:00:00Z",
    "2026-01-31T12:60:00Z",
    "2026-02-30T12:00:00Z",
    "2025-02-29T12:00:00Z",
    "2026-13-01T12:00:00Z",
    "2026-04-31T12:00:00Z",
    "2026-01-31T12:00:00 Z",
    "1769860800000",
    "",
  ])("refuses %s", (text) => {
    expect(isIsoTimestamp(text)).toBe(false);
  });

  it("takes every time that a Date prints", () => {
    const times = fc.date({
      min: new Date(0),
      max: new Date("9999-12-31T23:59:59.999Z"),
      noInvalidDate: true,
    });
    const law = fc.property(times, (date) => {
      expect(isIsoTimestamp(date.toISOString())).toBe(true);
    });
    fc.assert(law);
  });

  it("agrees with the calendar about which days exist", () => {
    const day = fc.record({
      year: fc.integer({ min: 1970, max: 2400 }),
      month: fc.integer({ min: 1, max: 12 }),
      date: fc.integer({ min: 1, max: 31 }),
    });
    const law = fc.property(day, ({ year, month, date }) => {
      const two = (n: number) => String(n).padStart(2, "0");
      const exists = new Date(Date.UTC(year, month - 1, date)).getUTCDate() === date;
      expect(isIsoTimestamp(`${year}-${two(month)}-${two(date)}T00:00:00Z`)).toBe(exists);
    });
    fc.assert(law, { numRuns: 1_000 });
  });

  it("passes the text through as it came, and says what was expected and what came", () => {
    expect(isoTimestamp.parse("2026-01-31T12:00:00.123456")).toBe("2026-01-31T12:00:00.123456");
    expect(isoTimestamp.safeParse("today").error?.issues[0]?.message).toBe(
      'expected an ISO 8601 timestamp such as 2026-01-31T12:00:00.000Z, got "today"',
    );
  });
});

describe("closed vocabularies", () => {
  it("name the known values and what came instead", () => {
    expect(oneOf(["a", "b"]).safeParse("c").error?.issues[0]?.message).toBe(
      'expected one of "a", "b", got "c"',
    );
    expect(oneOf(["a", "b"]).safeParse(undefined).error?.issues[0]?.message).toBe(
      'expected one of "a", "b", got nothing',
    );
  });

  it("name the known kinds of a discriminated union, and leave other issues their own words", () => {
    const schema = z.discriminatedUnion("kind", [z.looseObject({ kind: z.literal("a"), n: z.number() })], {
      error: unknownKind("kind", ["a"]),
    });
    const issueOf = (value: unknown) => schema.safeParse(value).error?.issues[0];
    expect(issueOf({ kind: "b" })).toMatchObject({ path: ["kind"], message: 'expected one of "a", got "b"' });
    expect(issueOf({})).toMatchObject({ path: ["kind"], message: 'expected one of "a", got nothing' });
    expect(issueOf({ kind: "a", n: "1" })?.message).toMatch(/expected number, received string/);
    expect(issueOf(null)?.message).toMatch(/expected object/);
  });
});
