/**
 * Records to try the laws on: those of a producer, made harder. Some come out of order or twice, some after a long
 * pause, some under odd names or without a key, and some are no valid values at all.
 */
import fc from "fast-check";
import type { ProducerDefinition, Rec } from "../runtime/define.ts";
import { asRecords, type Given, runProducer, START, toRecords } from "./drive.ts";

interface MutateOptions {
  readonly config: unknown;
  readonly ticks: number;
  /** The field that consumers keep their state by. */
  readonly keyField: string;
  /** The keys whose records are in the partition. Default: all. */
  readonly keys?: readonly string[];
}

const MINUTE = 60_000;

const oddNames = ["__proto__", "constructor", "toString", "", "ключ", "a/b"];

const upToMs = (max: number) => fc.integer({ min: 1, max });

/** How a record is changed. Most are left as they are. */
const change = fc.oneof(
  { weight: 40, arbitrary: fc.constant({ kind: "none" } as const) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("late" as const), byMs: upToMs(3 * MINUTE) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("pause" as const), byMs: upToMs(20 * MINUTE) }) },
  { weight: 2, arbitrary: fc.constant({ kind: "twice" } as const) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("name" as const), name: fc.constantFrom(...oddNames) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("broken" as const), value: fc.jsonValue() }) },
  { weight: 1, arbitrary: fc.constant({ kind: "unkeyed" } as const) },
);

/** Records of one partition of the producer's topic. */
export function mutatedRecords(
  definition: ProducerDefinition,
  { config, ticks, keyField, keys }: MutateOptions,
): fc.Arbitrary<readonly Rec[]> {
  const runs = ["a", "b", "c"].map((instanceId) =>
    asRecords(runProducer(definition, { instanceId, ticks, config })).filter(
      ({ key }) => !keys || keys.includes(key ?? ""),
    ),
  );
  return fc
    .record({
      records: fc.constantFrom(...runs),
      from: fc.nat({ max: 100 }),
      changes: fc.array(change, { minLength: 1, maxLength: 150, size: "max" }),
    })
    .map(({ records, from, changes }) => {
      let pausedMs = 0;
      const given = records.slice(from, from + changes.length).flatMap((record, i): Given[] => {
        const one = changes[i]!;
        const value = record.value as Record<string, unknown>;
        if (one.kind === "pause") pausedMs += one.byMs;
        const atMs = record.timestamp - START + pausedMs;
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
