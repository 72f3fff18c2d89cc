import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { traceIdOf } from "./trace-context.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const HEADER = `00-${TRACE}-00f067aa0ba902b7-01`;

describe("traceIdOf", () => {
  it.each([
    ["text", HEADER],
    ["bytes", Buffer.from(HEADER)],
    ["several values, of which the last one counts", ["nonsense", HEADER]],
    ["a later version with more in it", `01-${TRACE}-00f067aa0ba902b7-01-more`],
  ])("finds the trace in %s", (_, traceparent) => {
    expect(traceIdOf({ traceparent })).toBe(TRACE);
  });

  it.each([
    ["no headers", undefined],
    ["no traceparent", {}],
    ["a null value", { traceparent: null }],
    ["ids of zeros only", { traceparent: `00-${"0".repeat(32)}-00f067aa0ba902b7-01` }],
    ["capital letters", { traceparent: HEADER.toUpperCase() }],
    ["a forbidden version", { traceparent: HEADER.replace("00-", "ff-") }],
    ["something cut short", { traceparent: HEADER.slice(0, -2) }],
  ])("finds none in %s", (_, headers) => {
    expect(traceIdOf(headers)).toBeNull();
  });

  it("takes any bytes without a throw", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(traceIdOf({ traceparent: Buffer.from(bytes) })).toBeNull();
      }),
    );
  });
});
