import { describe, expect, it } from "vitest";
import { z } from "zod";
import { createAvroSerde } from "./avro-serde.ts";
import { defineTopic, type Topic } from "./define.ts";
import { RegistryError, type SchemaText } from "./registry-client.ts";
import { createSchemaCache } from "./schema-cache.ts";
import type { Serde } from "./serde.ts";
import { createFakeRegistry } from "./testing-registry.ts";

const things = defineTopic({
  name: "things",
  description: "",
  partitions: 1,
  key: null,
  schema: z.object({ a: z.string() }),
});

function start({ autoRegister = true, topic = things as Topic } = {}) {
  const registry = createFakeRegistry();
  let now = 1_000;
  const schemas = createSchemaCache(registry, () => now);
  const serde = createAvroSerde({ topic, registry, schemas, autoRegister });
  return { registry, serde, pass: (ms: number) => (now += ms) };
}

const withId = (id: number, ...body: number[]): Buffer => {
  const header = Buffer.alloc(5);
  header.writeInt32BE(id, 1);
  return Buffer.concat([header, Buffer.from(body)]);
};

describe("Avro on a topic", () => {
  it("is a zero byte, the schema's id and the value, under the topic's subject", async () => {
    const { registry, serde } = start();
    await serde.ready();
    expect(registry.asked).toEqual(["register things-value"]);
    expect(serde.encode({ a: "xy" })).toEqual(withId(1, 4, 0x78, 0x79));
  });

  it("asks for a schema once, and tells its id and version", async () => {
    const { registry, serde } = start();
    await serde.ready();
    const bytes = serde.encode({ a: "x" })!;
    await Promise.all([serde.prepare([bytes, null]), serde.prepare([bytes])]);
    expect(serde.prepare([bytes])).toBe(null);
    expect(registry.asked.slice(1)).toEqual(["schema 1", "versions of 1"]);
    expect(serde.schemaOf(bytes)).toEqual({ id: 1, version: 1 });
  });

  it("writes values of any size", async () => {
    const { serde } = start();
    await serde.ready();
    for (const size of [65_536, 200_000, 10]) {
      const bytes = serde.encode({ a: "x".repeat(size) });
      await serde.prepare([bytes]);
      expect(serde.decode(bytes)).toEqual({ value: { a: "x".repeat(size) } });
    }
  });

  it.each([
    [
      "JSON",
      Buffer.from('{"a":"x"}'),
      /^expected Avro after a zero byte and a schema id, got the first byte 123$/,
    ],
    ["too few bytes", Buffer.from([0, 1]), /got 2 bytes$/],
    ["an unknown id", withId(7, 0), /^expected the id of a schema that the registry knows, got 7$/],
    [
      "a cut value",
      withId(1, 4, 0x78),
      /^expected Avro of schema 1: expected string of 2 bytes at byte 6, got 1/,
    ],
    [
      "trailing bytes",
      withId(1, 0, 9),
      /^expected Avro of schema 1: expected the end at byte 6, got 1 bytes more$/,
    ],
  ] as [string, Buffer, RegExp][])("gives a reason for %s", async (_name, bytes, reason) => {
    const { serde } = start();
    await serde.ready();
    await serde.prepare([bytes]);
    expect(serde.decode(bytes)).toEqual({ reason: expect.stringMatching(reason) });
  });

  it.each([
    ["another kind of schema", { schema: "{}", schemaType: "JSON" }, /got one of JSON$/],
    ["no schema at all", { schema: '"nothing"' }, /got one that avsc refuses/],
    ["another record", { schema: '{"type":"array","items":"int"}' }, /^expected a schema that resolves/],
  ])("gives a reason for %s under an id", async (_name, found, reason) => {
    const { registry, serde } = start();
    registry.schema = async () => found;
    await serde.prepare([withId(9, 0)]);
    expect(serde.decode(withId(9, 0))).toEqual({ reason: expect.stringMatching(reason) });
  });

  it("tells the version of an id in each topic's own subject, and asks again for one that was not told", async () => {
    const registry = createFakeRegistry();
    const now = { ms: 1_000 };
    const schemas = createSchemaCache(registry, () => now.ms);
    const others = { ...things, name: "others" };
    const [one, other] = [things, others].map((topic) =>
      createAvroSerde({ topic, registry, schemas, autoRegister: true }),
    ) as [Serde, Serde];
    await registry.register("others-value", '"string"');
    await one.ready();
    const { schema } = (await registry.version("things-value", "latest"))!;
    await registry.register("others-value", schema);
    const bytes = one.encode({ a: "x" })!;
    await one.prepare([bytes]);
    expect(one.schemaOf(bytes)).toEqual({ id: 2, version: 1 });
    const { versionsOf } = registry;
    registry.versionsOf = () => Promise.reject(new Error("away"));
    await other.prepare([bytes]);
    expect(other.schemaOf(bytes)).toEqual({ id: 2, version: null });
    expect(other.decode(bytes)).toEqual({ value: { a: "x" } });
    registry.versionsOf = versionsOf;
    now.ms += 61_000;
    await other.prepare([bytes]);
    expect(other.schemaOf(bytes)).toEqual({ id: 2, version: 2 });
    expect(one.schemaOf(bytes)).toEqual({ id: 2, version: 1 });
    expect(registry.asked.filter((what) => what === "schema 2")).toHaveLength(1);
  });

  it("gives a reason for an id below 0, and asks nobody for it", () => {
    const { registry, serde } = start();
    expect(serde.prepare([withId(-1)])).toBe(null);
    expect(serde.decode(withId(-1))).toEqual({
      reason: "expected the id of a schema that the registry knows, got -1",
    });
    expect(registry.asked).toEqual([]);
  });

  it.each([404, 400, 422])(
    "gives a reason, and asks again, where the registry refuses an id with %i",
    async (status) => {
      const { registry, serde, pass } = start();
      const { schema } = registry;
      registry.schema = () => Promise.reject(new RegistryError("not that one", status, status));
      await serde.prepare([withId(1, 0)]);
      expect(serde.prepare([withId(1, 0)])).toBe(null);
      expect(serde.decode(withId(1, 0))).toEqual({ reason: "schema 1: not that one" });
      registry.schema = schema;
      await serde.ready();
      pass(6_000);
      await serde.prepare([withId(1, 0)]);
      expect(serde.decode(withId(1, 0))).toEqual({ value: { a: "" } });
    },
  );

  it.each([
    ["answers nothing else either", 404, new RegistryError("no such place", 404, 404)],
    ["wants another login", 401, null],
    ["is asked too often", 429, null],
    ["is in trouble", 500, null],
  ])("waits for a registry that %s", async (_what, status, trouble) => {
    const { registry, serde } = start();
    registry.trouble = trouble;
    registry.schema = () => Promise.reject(new RegistryError("not now", status, status));
    await expect(serde.prepare([withId(1, 0)])).rejects.toThrow(RegistryError);
  });

  it("asks for an unknown id again after a while", async () => {
    const { registry, serde, pass } = start();
    const bytes = withId(1, 2, 0x78);
    await serde.prepare([bytes]);
    expect(serde.prepare([bytes])).toBe(null);
    await registry.register(
      "things-value",
      '{"type":"record","name":"Value","fields":[{"name":"a","type":"string"}]}',
    );
    pass(6_000);
    await serde.prepare([bytes]);
    expect(serde.decode(bytes)).toEqual({ value: { a: "x" } });
  });

  describe("of a schema with references", () => {
    const field = (name: string, type: unknown) => ({ name, type });
    const record = (name: string, ...fields: object[]) => JSON.stringify({ type: "record", name, fields });
    const to = (name: string, subject = name) => ({ name, subject, version: 1 });
    const holding = (subjects: Record<string, SchemaText>, schema: SchemaText) => {
      const started = start();
      started.registry.schema = async () => schema;
      started.registry.version = async (subject) =>
        subjects[subject] ? { subject, version: 1, id: 90, ...subjects[subject] } : null;
      return started;
    };
    const outer = {
      schema: record("Value", field("a", "string"), field("b", "x.Middle")),
      references: [to("x.Middle")],
    };

    it("is read by their types, through others and by two ways to one", async () => {
      const { serde } = holding(
        {
          "x.Middle": {
            schema: record("x.Middle", field("in", "x.Inner"), field("n", "int")),
            references: [to("x.Inner")],
          },
          "x.Inner": { schema: record("x.Inner", field("n", "int")) },
        },
        { ...outer, references: [to("x.Inner"), ...outer.references] },
      );
      await serde.prepare([withId(9, 2, 0x78, 2, 4)]);
      expect(serde.decode(withId(9, 2, 0x78, 2, 4))).toEqual({ value: { a: "x" } });
    });

    it("gives a reason while one is missing, and is read when it is there", async () => {
      const subjects: Record<string, SchemaText> = {};
      const { serde, pass } = holding(subjects, outer);
      const bytes = withId(9, 2, 0x78, 2);
      await serde.prepare([bytes]);
      expect(serde.decode(bytes)).toEqual({
        reason:
          'schema 9: its reference "x.Middle": expected version 1 of x.Middle in the registry, got none',
      });
      subjects["x.Middle"] = { schema: record("x.Middle", field("n", "int")) };
      pass(6_000);
      await serde.prepare([bytes]);
      expect(serde.decode(bytes)).toEqual({ value: { a: "x" } });
    });

    it("gives a reason for a circle, and for too many", async () => {
      const circle = { schema: record("x.Middle", field("n", "int")), references: [to("x.Middle")] };
      const { serde } = holding({ "x.Middle": circle }, outer);
      await serde.prepare([withId(9, 0)]);
      expect(serde.decode(withId(9, 0))).toEqual({ reason: expect.stringContaining("expected no circle") });
      const many = Array.from({ length: 1_001 }, (_, i) => to(`T${i}`));
      const all = Object.fromEntries(many.map(({ name }) => [name, { schema: record(name) }]));
      const { serde: another } = holding(all, { ...outer, references: many });
      await another.prepare([withId(9, 0)]);
      expect(another.decode(withId(9, 0))).toEqual({
        reason: expect.stringContaining("at most 1000 schemas"),
      });
    });
  });

  it("decodes nothing, and gives no reason, while the registry does not answer", async () => {
    const { registry, serde } = start();
    registry.trouble = new Error("no schema registry answers");
    await expect(serde.prepare([withId(1, 0)])).rejects.toThrow("no schema registry answers");
    registry.trouble = null;
    await serde.ready();
    await serde.prepare([withId(1, 0)]);
    expect(serde.decode(withId(1, 0))).toEqual({ value: { a: "" } });
  });

  it("is not ready without its schema in a registry that it may not add to", async () => {
    const { registry, serde } = start({ autoRegister: false });
    await expect(serde.ready()).rejects.toThrow('register it with "ksp schemas register things"');
    expect(registry.asked).toEqual(["lookup things-value"]);
  });

  it("is not ready when the registry refuses its schema", async () => {
    const refused = { ...things, schema: z.object({ refused: z.string() }) };
    const { serde } = start({ topic: refused });
    await expect(serde.ready()).rejects.toThrow("incompatible");
  });
});
