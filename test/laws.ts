/**
 * The laws that every function obeys, as tests to call from a function's own test file:
 *
 *     obeysConsumerLaws(analyticsConsumer, fc.constant(records));
 *     obeysProducerLaws(eventProducer);
 *
 * They drive the function under the purity guards, which freeze its input: a mutation throws, and so does a look at
 * the clock, at chance, or any I/O. So does an emit that does not fit its topic's schema.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ConsumerDefinition, ProducerDefinition, Rec } from "../runtime/define.ts";
import { type ConsumerRun, runConsumer, runProducer } from "./drive.ts";

interface LawOptions {
  readonly config?: unknown;
  /** How many inputs each law is tried on. */
  readonly numRuns?: number;
}

/** `records` makes records of one partition, in offset order; some of them may be wrong. */
export function obeysConsumerLaws(
  definition: ConsumerDefinition,
  records: fc.Arbitrary<readonly Rec[]>,
  { config = {}, numRuns = 25 }: LawOptions = {},
): void {
  const run = (input: readonly Rec[], cuts: readonly number[] = [], now?: (batch: number) => number) =>
    runConsumer(definition, input, { config, cuts, ...(now && { now }) });
  const outcome = ({ emits, aside, state }: ConsumerRun) => ({
    emits,
    aside,
    state: [...state].toSorted(([a], [b]) => (a < b ? -1 : 1)),
  });

  describe("laws", () => {
    it("throws at no valid record, leaves its input alone, and emits what fits the topics", () => {
      const law = fc.property(records, (input) => {
        expect(run(input).aside.filter(({ kind }) => kind === "threw")).toEqual([]);
      });
      fc.assert(law, { numRuns });
    });

    it("gives the same output for the same input", () => {
      const law = fc.property(records, (input) => {
        expect(outcome(run(structuredClone(input)))).toEqual(outcome(run(input)));
      });
      fc.assert(law, { numRuns });
    });

    it("gives the same emits, failures and state however its records are cut into batches, and whenever", () => {
      const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 60 });
      const law = fc.property(
        records,
        cuts,
        fc.integer({ min: 1, max: 2 ** 41 }),
        (input, lengths, later) => {
          const whole = outcome(run(input));
          expect(outcome(run(input, lengths, (batch) => batch * later))).toEqual(whole);
        },
      );
      fc.assert(law, { numRuns });
    });

    it("gives the same when each record comes alone", () => {
      const law = fc.property(records, (input) => {
        const alone = input.map(() => 1);
        expect(outcome(run(input, alone))).toEqual(outcome(run(input)));
      });
      fc.assert(law, { numRuns: Math.ceil(numRuns / 3) });
    });

    it("keeps state that survives JSON unchanged", () => {
      const law = fc.property(records, (input) => {
        for (const value of run(input).state.values())
          expect(JSON.parse(JSON.stringify(value))).toEqual(value);
      });
      fc.assert(law, { numRuns: Math.ceil(numRuns / 3) });
    });
  });
}

export function obeysProducerLaws(
  definition: ProducerDefinition,
  { config = {}, numRuns = 25 }: LawOptions = {},
): void {
  const intervals = fc.array(fc.integer({ min: 1, max: 30_000 }), { minLength: 1, maxLength: 40 });
  const instances = fc.uniqueArray(fc.uuid(), { minLength: 2, maxLength: 2 });

  describe("laws", () => {
    it("gives the same output for the same instance and ticks", () => {
      const law = fc.property(fc.uuid(), intervals, (instanceId, elapsedMs) => {
        const options = { config, instanceId, elapsedMs };
        expect(runProducer(definition, options)).toEqual(runProducer(definition, options));
      });
      fc.assert(law, { numRuns });
    });

    it("gives other records in another instance", () => {
      const law = fc.property(instances, ([one, other]) => {
        const elapsedMs = Array.from({ length: 60 }, () => 1_000);
        const of = (instanceId: string) => runProducer(definition, { config, instanceId, elapsedMs }).emits;
        expect(of(one!)).not.toEqual(of(other!));
      });
      fc.assert(law, { numRuns });
    });

    it("goes on from state that went through JSON", () => {
      const law = fc.property(fc.uuid(), intervals, (instanceId, elapsedMs) => {
        const { state } = runProducer(definition, { config, instanceId, elapsedMs });
        expect(JSON.parse(JSON.stringify(state))).toEqual(state);
      });
      fc.assert(law, { numRuns });
    });
  });
}
