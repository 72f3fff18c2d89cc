/**
 * JSON beside Avro for the values of each topic: encoded and decoded values a second, bytes a value, and how many times
 * Avro's speed is JSON's. `npx tsx bench/serde.ts [values]`
 */
import { join } from "node:path";
import { createAvroSerde } from "../runtime/avro-serde.ts";
import type { Topic } from "../runtime/define.ts";
import { loadTopics } from "../runtime/load-functions.ts";
import { sampleValue } from "../runtime/sample-value.ts";
import { createSchemaCache } from "../runtime/schema-cache.ts";
import { jsonSerde, type Serde } from "../runtime/serde.ts";
import { createFakeRegistry } from "../runtime/testing-registry.ts";

const VALUES = Number(process.argv[2] ?? 200_000);
const WARM_UP = 20_000;
const KINDS = 24;

const root = join(import.meta.dirname, "..", "functions");
const topics = await loadTopics({ root, sources: root });

async function avroOf(topic: Topic): Promise<Serde> {
  const registry = createFakeRegistry();
  const schemas = createSchemaCache(registry, Date.now);
  const serde = createAvroSerde({ topic, registry, schemas, autoRegister: true });
  await serde.ready();
  await serde.prepare([serde.encode(sampleValue(topic.schema))]);
  return serde;
}

/** Values a second. */
function speedOf(work: (i: number) => unknown): number {
  for (let i = 0; i < WARM_UP; i++) work(i);
  const startedAt = performance.now();
  for (let i = 0; i < VALUES; i++) work(i);
  return (VALUES / (performance.now() - startedAt)) * 1000;
}

function measure(serde: Serde, values: readonly unknown[]) {
  const bytes = values.map((value) => serde.encode(value));
  return {
    size: bytes.reduce((sum, one) => sum + one!.length, 0) / bytes.length,
    encode: speedOf((i) => serde.encode(values[i % KINDS])),
    decode: speedOf((i) => serde.decode(bytes[i % KINDS]!)),
  };
}

const ratio = (a: number, b: number): string => (a / b).toFixed(2);
const print = (...cells: readonly unknown[]): void => {
  const [name, ...rest] = cells.map(String);
  process.stdout.write(`${name!.padEnd(18)}${rest.map((cell) => cell.padStart(16)).join("")}\n`);
};

print(
  "topic",
  "JSON B",
  "Avro B",
  "JSON encode/s",
  "Avro encode/s",
  "ratio",
  "JSON decode/s",
  "Avro decode/s",
  "ratio",
);
for (const topic of topics) {
  const values = Array.from({ length: KINDS }, (_, i) => sampleValue(topic.schema, i));
  const json = measure(jsonSerde, values);
  const avro = measure(await avroOf(topic), values);
  const encode = [Math.round(json.encode), Math.round(avro.encode), ratio(avro.encode, json.encode)];
  const decode = [Math.round(json.decode), Math.round(avro.decode), ratio(avro.decode, json.decode)];
  print(topic.name, Math.round(json.size), Math.round(avro.size), ...encode, ...decode);
}
