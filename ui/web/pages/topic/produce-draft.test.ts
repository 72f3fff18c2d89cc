import { describe, expect, it } from "vitest";
import { draftProblems, hasInexactNumber, type ProduceDraft, toBody, withTime } from "./produce-draft.ts";

const draft = (more: Partial<ProduceDraft> = {}): ProduceDraft => ({
  keyFrom: "field",
  key: "",
  headers: [],
  partition: "",
  timestamp: "",
  value: "{}",
  tombstone: false,
  validate: true,
  ...more,
});

describe("a record about to be written", () => {
  it("leaves to the platform what is not given, and keeps the value's text", () => {
    expect(toBody(draft({ value: ' {"a": 9007199254740993}\n' }))).toBe(
      '{"headers":{},"validate":true,"value":{"a": 9007199254740993}}',
    );
  });

  it("says all that is given", () => {
    const all = draft({
      keyFrom: "text",
      key: "k",
      headers: [{ name: "__proto__", value: "x" }],
      partition: "0",
      timestamp: "2026-11-22T10:00:00.000Z",
      validate: false,
    });
    expect(toBody(all)).toBe(
      '{"key":"k","headers":{"__proto__":"x"},"partition":0,"timestamp":"2026-11-22T10:00:00.000Z",' +
        '"validate":false,"value":{}}',
    );
  });

  it("can have no key, and no value", () => {
    expect(toBody(draft({ keyFrom: "none", key: "left over", tombstone: true, value: "{half" }))).toBe(
      '{"key":null,"headers":{},"validate":true,"value":null}',
    );
  });

  it("says what is wrong with it", () => {
    expect(draftProblems(draft())).toEqual({});
    expect(draftProblems(draft({ value: " " }))).toEqual({ value: "Expected JSON, got nothing" });
    expect(draftProblems(draft({ value: "{a" })).value).toMatch(/^Expected JSON: /);
    expect(draftProblems(draft({ value: "{a", tombstone: true }))).toEqual({});
    const header = (name: string) => ({ name, value: "" });
    expect(draftProblems(draft({ headers: [header("")] })).headers).toBe("Expected a name for each header");
    expect(draftProblems(draft({ headers: [header("a"), header("a")] })).headers).toContain(
      "got a more than once",
    );
  });
});

describe("a value for the form", () => {
  it("is not exact where a number has more digits than fit", () => {
    for (const json of [
      "9007199254740993",
      '{"a":[-12345678901234567]}',
      "0.123456789012345678",
      "1234567890123456789e3",
    ]) {
      expect(hasInexactNumber(json), json).toBe(true);
    }
    for (const json of [
      '"9007199254740993"',
      "123456789012345",
      "0.00000000000000001",
      "81.37999999999998",
      "1.50",
      "1e21",
      "0",
      '{"a\\"1":"12345678901234567"}',
    ]) {
      expect(hasInexactNumber(json), json).toBe(false);
    }
  });

  it("that is a sample has the time of now, where it has one", () => {
    const now = new Date("2026-11-22T10:00:00.000Z");
    expect(withTime({ timestamp: "2020-01-01T00:00:00.000Z", a: 1 }, now)).toEqual({
      timestamp: now.toISOString(),
      a: 1,
    });
    for (const sample of [null, 3, {}, { timestamp: 5 }, { timestamp: "soon" }])
      expect(withTime(sample, now)).toBe(sample);
  });
});
