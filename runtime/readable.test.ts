import { describe, expect, it } from "vitest";
import { createAvroSerde } from "./avro-serde.ts";
import { createReadable, toStored } from "./readable.ts";
import { createSchemaCache } from "./schema-cache.ts";
import { jsonSerde } from "./serde.ts";
import { createTestLog, numbers, rawRecord } from "./testing.ts";
import { createFakeRegistry } from "./testing-registry.ts";

async function start() {
  const registry = createFakeRegistry();
  const writer = createAvroSerde({
    topic: numbers,
    registry,
    schemas: createSchemaCache(registry, () => 0),
    autoRegister: true,
  });
  await writer.ready();
  // Its cache is empty: what it reads it has to ask for.
  const schemas = createSchemaCache(registry, () => 0);
  const reader = createAvroSerde({ topic: numbers, registry, schemas, autoRegister: false });
  const readable = createReadable((name) => (name === "numbers" ? reader : jsonSerde), createTestLog().log);
  const record = rawRecord(1, writer.encode({ id: "a", n: 1 }));
  return { registry, readable, record };
}

describe("a record for people", () => {
  it("stands as JSON beside the bytes and the schema that it was written with", async () => {
    const { readable, record } = await start();
    await readable.prepare("numbers", [record]);
    const read = readable.read("numbers", record);
    expect(JSON.parse(read.value!.toString())).toEqual({ id: "a", n: 1 });
    expect(read.schema).toEqual({ id: 1, version: 1 });
    expect(toStored(read).value).toEqual(record.value);
  });

  it("is read on a dead letter queue as on its topic", async () => {
    const { readable, record } = await start();
    await readable.prepare("numbers.dlq", [record]);
    expect(JSON.parse(readable.read("numbers.dlq", record).value!.toString())).toEqual({ id: "a", n: 1 });
  });

  it("stays as it is while the registry is away, and where it is no Avro", async () => {
    const { registry, readable, record } = await start();
    registry.trouble = new Error("away");
    await readable.prepare("numbers", [record]);
    expect(readable.read("numbers", record)).toEqual({ ...record, schema: { id: 1, version: null } });
    const json = rawRecord(2, { id: "b" });
    const none = rawRecord(3, null);
    expect(readable.read("numbers", json)).toBe(json);
    expect(readable.read("numbers", { ...none, value: null })).toEqual({ ...none, value: null });
    expect(readable.read("others", record)).toBe(record);
    expect(toStored(json)).toBe(json);
  });
});
