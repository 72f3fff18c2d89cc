import { expect, it } from "vitest";
import { fuzzBroker } from "./fuzz/fuzz-broker.ts";

it("survives random and mutated requests and batches, in bounded memory, and serves other clients throughout", async () => {
  const outcome = await fuzzBroker({ frames: 5_000, seed: 1 });
  expect(outcome.closed).toBeGreaterThan(100);
  expect(outcome.responses).toBeGreaterThan(100);
  expect(outcome.canaryTrips).toBeGreaterThan(10);
  expect(outcome.peakMiB).toBeLessThan(400);
});
