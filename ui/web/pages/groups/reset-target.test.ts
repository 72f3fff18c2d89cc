import { describe, expect, it } from "vitest";
import { type ResetForm, toRequest } from "./reset-target.ts";

const form: ResetForm = { kind: "earliest", offset: "", time: "", partitions: "" };

describe("where a group is moved to", () => {
  it("is all partitions where none are named", () => {
    expect(toRequest(form)).toEqual({ to: "earliest" });
    expect(toRequest({ ...form, kind: "latest", partitions: " 0, 2,2 " })).toEqual({
      to: "latest",
      partitions: [0, 2],
    });
  });

  it("keeps offsets exact", () => {
    expect(toRequest({ ...form, kind: "offset", offset: "9007199254740993" })).toEqual({
      to: { offset: "9007199254740993" },
    });
  });

  it("takes a local time and sends it in UTC", () => {
    const time = "2026-01-01T12:00";
    expect(toRequest({ ...form, kind: "timestamp", time })).toEqual({
      to: { timestamp: new Date(time).toISOString() },
    });
  });

  it("names what was expected", () => {
    expect(() => toRequest({ ...form, kind: "offset", offset: "-1" })).toThrow('a whole number, got "-1"');
    expect(() => toRequest({ ...form, kind: "timestamp" })).toThrow("a date and a time");
    expect(() => toRequest({ ...form, partitions: "1,x" })).toThrow('got "x"');
  });
});
