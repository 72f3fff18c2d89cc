import { describe, expect, it } from "vitest";
import { z } from "zod";
import { consumer, producer } from "./capture/fixtures.ts";
import { checkInput } from "./check-input.ts";
import type { Batch } from "./define.ts";
import { sampleInput } from "./sample.ts";
import { sampleValue } from "./sample-value.ts";

describe("sampleInput", () => {
  it("is a valid tick for a producer", () => {
    expect(checkInput(producer.definition, sampleInput(producer, [])).kind).toBe("ok");
  });

  it("is what the producers emit, for a consumer: five records of one partition, the same every time", () => {
    const batch = sampleInput(consumer, [consumer, producer]) as Batch<{ user: string }>;
    expect(checkInput(consumer.definition, batch).kind).toBe("ok");
    expect(batch.records).toHaveLength(5);
    expect(batch.records[0]!.value.user).toMatch(/^user_/);
    expect(batch.state).toHaveProperty(batch.records[0]!.key!, null);
    expect(sampleInput(consumer, [consumer, producer])).toEqual(batch);
  });

  it("is made from the schema where no producer emits to the topic", () => {
    const batch = sampleInput(consumer, [consumer]) as Batch;
    expect(checkInput(consumer.definition, batch).kind).toBe("ok");
    expect(batch.records[0]).toMatchObject({ key: "example", value: { user: "example", amount: 1 } });
  });
});

describe("sampleValue", () => {
  it.each([
    [
      "texts",
      z.object({
        id: z.uuid(),
        at: z.iso.datetime(),
        mail: z.email(),
        ip: z.ipv4(),
        hex: z.string().regex(/^[0-9a-f]{8}$/),
      }),
    ],
    ["text lengths", z.tuple([z.string().min(20), z.string().length(3), z.string().max(0)])],
    [
      "numbers",
      z.object({
        a: z.number().min(85.5).max(86),
        b: z.int().positive(),
        c: z.number().lt(-5),
        d: z.number().multipleOf(7),
      }),
    ],
    [
      "unions",
      z.discriminatedUnion("t", [
        z.looseObject({ t: z.literal("a") }),
        z.looseObject({ t: z.enum(["b", "c"]), n: z.number() }),
      ]),
    ],
    [
      "containers",
      z.object({
        list: z.array(z.boolean()).min(2),
        map: z.record(z.string(), z.number()),
        fallback: z.number().default(3),
      }),
    ],
    [
      "optional, nullable and lazy ones",
      z.object({ o: z.optional(z.string()), n: z.nullable(z.int()), l: z.lazy(() => z.null()) }),
    ],
  ])("gives what the schema accepts: %s", (_name, schema) => {
    for (let variant = 0; variant < 4; variant++) {
      expect(schema.safeParse(sampleValue(schema, variant)).error).toBeUndefined();
    }
  });

  it("turns through the options of a union, so that a batch shows them all", () => {
    const schema = z.union([z.literal("a"), z.literal("b")]);
    expect([0, 1, 2].map((variant) => sampleValue(schema, variant))).toEqual(["a", "b", "a"]);
  });

  it("says where it knows no value", () => {
    expect(() => sampleValue(z.object({ a: z.array(z.string().regex(/^never-this$/)) }))).toThrow(
      "value.a[0]: no sample is known that its schema accepts",
    );
    expect(() => sampleValue(z.date())).toThrow("value: no sample is known for a schema of type date");
  });
});
