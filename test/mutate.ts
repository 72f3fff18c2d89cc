/**
 * Records to try the laws on: those of a producer, made harder. Some come out of order or twice, some with a wrong
 * clock, some under odd names, some are no valid values at all.
 */
import fc from "fast-check";
import type { ProducerDefinition, Rec } from "../runtime/define.ts";
import { asRecords, type Given, runProducer, START, toRecords } from "./drive.ts";

interface MutateOptions {
  readonly config: unknown;
  readonly ticks: number;
  /** The field that consumers keep their state by. */
  readonly keyField: string;
}

const HOUR = 3_600_000;

const oddNames = ["__proto__", "constructor", "toString", "", "ключ", "a/b"];

/** How a record is changed. Most are left as they are. */
const change = fc.oneof(
  { weight: 12, arbitrary: fc.constant({ kind: "none" } as const) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("late" as const), byMs: fc.integer({ min: 1, max: HOUR }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("skip" as const), byMs: fc.integer({ min: 1, max: HOUR }) }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "twice" } as const) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("name" as const), name: fc.constantFrom(...oddNames) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("broken" as const), value: fc.jsonValue() }) },
  { weight: 1, arbitrary: fc.constant({ kind: "unkeyed" } as const) },
);

/** Records of one partition of the producer's topic. */
export function mutatedRecords(
  definition: ProducerDefinition,
  { config, ticks, keyField }: MutateOptions,
): fc.Arbitrary<readonly Rec[]> {
  return fc
    .record({
      instanceId: fc.uuid(),
      from: fc.nat({ max: 60 }),
      changes: fc.array(change, { minLength: 1, maxLength: 80 }),
    })
    .map(({ instanceId, from, changes }) => {
      const records = asRecords(runProducer(definition, { instanceId, ticks, config }));
      let skippedMs = 0;
      const given = changes.flatMap((one, i): Given[] => {
        const record = records[(from + i) % records.length]!;
        const value = record.value as Record<string, unknown>;
        if (one.kind === "skip") skippedMs += one.byMs;
        const atMs = record.timestamp - START + skippedMs;
        const same = { atMs, key: record.key, value };
        switch (one.kind) {
          case "late":
            return [{ ...same, atMs: atMs - one.byMs }];
          case "twice":
            return [same, same];
          case "name":
            return [{ ...same, key: one.name, value: { ...value, [keyField]: one.name } }];
          case "broken":
            return [{ ...same, value: one.value }];
          case "unkeyed":
            return [{ ...same, key: null }];
          default:
            return [same];
        }
      });
      return toRecords(given);
    });
}
