import { describe, expect, it } from "vitest";
import { z } from "zod";
import { consumer, orders, producer, totals } from "./capture/fixtures.ts";
import { defineTopic } from "./define.ts";
import { toTopicSchema } from "./topic-schema.ts";

const functions = [producer, consumer];

describe("toTopicSchema", () => {
  it("is JSON Schema 2020-12 of the topic's values", () => {
    expect(toTopicSchema(orders, functions).jsonSchema).toMatchObject({
      $schema: "https://json-schema.org/draft/2020-12/schema",
      type: "object",
      properties: { user: { type: "string" }, amount: { type: "number" } },
      required: ["user", "amount"],
    });
  });

  it("lets a form fill in what is readonly only for TypeScript", () => {
    const schema = z.object({ hosts: z.array(z.string()).readonly() });
    const topic = defineTopic({ name: "hosts", description: "", partitions: 1, key: null, schema });
    expect(toTopicSchema(topic, []).jsonSchema).toMatchObject({ properties: { hosts: { type: "array" } } });
    expect(JSON.stringify(toTopicSchema(topic, []).jsonSchema)).not.toContain("readOnly");
  });

  it("samples what producers emit, and what consumers make of that", () => {
    const order = toTopicSchema(orders, functions).sample as { user: string; amount: number };
    expect(order.user).toMatch(/^user_\d$/);
    expect(toTopicSchema(totals, functions).sample).toMatchObject({ user: order.user, total: order.amount });
  });

  it("samples the schema where no function writes, and says null where that is not known either", () => {
    expect(toTopicSchema(totals, []).sample).toEqual({ user: "example", total: 1, id: "example" });
    const odd = defineTopic({
      name: "odd",
      description: "",
      partitions: 1,
      key: null,
      schema: z.string().refine((text) => text.startsWith("odd-")),
    });
    expect(toTopicSchema(odd, []).sample).toBeNull();
  });
});
