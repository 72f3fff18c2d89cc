import { describe, expect, it } from "vitest";
import { createFunctionRates } from "./function-rates.ts";

const counters = (recordsIn: number, recordsOut: number) => new Map([["f", { recordsIn, recordsOut }]]);

describe("a function's rates", () => {
  it("are its counters' growth a second", () => {
    const rates = createFunctionRates();
    expect(rates.rates().get("f")).toBeUndefined();
    rates.sample(counters(10, 0), 1_000);
    expect(rates.rates().get("f")).toEqual({ in: 0, out: 0 });
    rates.sample(counters(30, 5), 3_000);
    expect(rates.rates().get("f")).toEqual({ in: 10, out: 2.5 });
  });

  it("tell of the last 10 s only, and of the counters as they were then", () => {
    const rates = createFunctionRates();
    const live = { recordsIn: 0, recordsOut: 0 };
    for (let at = 0; at <= 20_000; at += 2_000) {
      live.recordsIn = at < 10_000 ? at : 10_000;
      rates.sample(new Map([["f", live]]), at);
    }
    expect(rates.rates().get("f")).toEqual({ in: 0, out: 0 });
  });
});
