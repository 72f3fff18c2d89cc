/** Clients that are not ours, unmodified, against the embedded schema registry. */
import { fileURLToPath } from "node:url";
import { SchemaRegistry, SchemaType } from "@kafkajs/confluent-schema-registry";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runTool } from "../infra/apache-kafka/run-tool.ts";
import { describeClient } from "./clients/describe-client.ts";
import { useEmbeddedBroker } from "./clients/embedded-broker.ts";
import { startTestRegistry, type TestRegistry } from "./registry.ts";

const PYTHON = "/usr/bin/python3";
const SCRIPT = fileURLToPath(new URL("registry-clients.py", import.meta.url));

const brokers = useEmbeddedBroker();
let registry: TestRegistry;
beforeAll(async () => {
  registry = await startTestRegistry(brokers());
});
afterAll(() => registry?.stop());

it("@kafkajs/confluent-schema-registry registers, encodes and decodes Avro and JSON", async () => {
  const client = new SchemaRegistry({ host: registry.url });
  const avro = JSON.stringify({
    type: "record",
    name: "K",
    namespace: "x",
    fields: [{ name: "a", type: "int" }],
  });
  const { id } = await client.register({ type: SchemaType.AVRO, schema: avro });
  expect(await client.getLatestSchemaId("x.K")).toBe(id);
  const bytes = await client.encode(id, { a: 42 });
  expect(bytes.readUInt32BE(1)).toBe(id);
  expect(await new SchemaRegistry({ host: registry.url }).decode(bytes)).toEqual({ a: 42 });

  const json = JSON.stringify({ type: "object", properties: { a: { type: "string" } }, required: ["a"] });
  const second = await client.register({ type: SchemaType.JSON, schema: json }, { subject: "json-value" });
  expect(await client.decode(await client.encode(second.id, { a: "b" }))).toEqual({ a: "b" });
  await expect(client.encode(second.id, { a: 1 })).rejects.toThrow();
});

describeClient(
  {
    name: "Python's confluent_kafka.schema_registry",
    probe: [PYTHON, "-c", "import confluent_kafka.schema_registry"],
    install: "apt-get install python3-confluent-kafka python3-requests",
  },
  () => {
    it("registers, looks up, checks compatibility and deletes", async () => {
      const printed = await runTool(PYTHON, [SCRIPT, registry.url], process.env, "");
      expect(JSON.parse(printed)).toEqual({
        "same id": true,
        "read back": [{ name: "a", type: "long" }],
        lookup: ["python-value", 1, true],
        latest: 2,
        versions: [1, 2],
        subjects: true,
        compatible: true,
        incompatible: false,
        refused: 409,
        level: "FULL",
        "deleted version": 1,
        deleted: [2],
      });
    });
  },
);
