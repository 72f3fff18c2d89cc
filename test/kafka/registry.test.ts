/** The embedded schema registry with its topic on Apache Kafka. */
import kafkajs from "kafkajs";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { type ApacheKafka, startApacheKafka } from "../../infra/apache-kafka/start.ts";
import { withAdmin } from "../kafka-client.ts";
import { type RegistryProcess, requestRegistry, startRegistryProcess } from "../registry.ts";

let kafka: ApacheKafka;
beforeAll(async () => {
  kafka = await startApacheKafka();
});
afterAll(() => kafka?.stop());

const schemaOf = (name: string) => JSON.stringify({ type: "record", name, fields: [] });

async function start(): Promise<RegistryProcess> {
  const registry = await startRegistryProcess(kafka.brokers);
  onTestFinished(() => registry.kill());
  return registry;
}

async function register({ url }: RegistryProcess, name: string): Promise<unknown> {
  const path = `/subjects/${name}-value/versions`;
  return (await requestRegistry(url, "POST", path, { schema: schemaOf(name) })).body;
}

it("makes its compacted topic, and keeps ids, levels and deletions over kill -9", async () => {
  const first = await start();
  const ids = await Promise.all(["A", "B", "C"].map((name) => register(first, name)));
  expect(new Set(ids.map((answer) => (answer as { id: number }).id))).toEqual(new Set([1, 2, 3]));
  await requestRegistry(first.url, "PUT", "/config/A-value", { compatibility: "FULL" });
  await requestRegistry(first.url, "DELETE", "/subjects/C-value");
  await first.kill();

  const second = await start();
  expect(await Promise.all(["A", "B"].map((name) => register(second, name)))).toEqual(ids.slice(0, 2));
  const get = async (path: string) => (await requestRegistry(second.url, "GET", path)).body;
  expect(await get("/config/A-value")).toEqual({ compatibilityLevel: "FULL" });
  expect(await get("/subjects")).toEqual(["A-value", "B-value"]);
  expect(await get(`/schemas/ids/${(ids[2] as { id: number }).id}`)).toEqual({ schema: schemaOf("C") });
  expect(await register(second, "D")).toEqual({ id: 4 });
  const topics = await withAdmin(kafka.brokers, (admin) =>
    admin.fetchTopicMetadata({ topics: ["_schemas"] }),
  );
  expect(topics.topics[0]!.partitions).toHaveLength(1);
  const configs = await withAdmin(kafka.brokers, (admin) =>
    admin.describeConfigs({
      includeSynonyms: false,
      resources: [
        { type: kafkajs.ConfigResourceTypes.TOPIC, name: "_schemas", configNames: ["cleanup.policy"] },
      ],
    }),
  );
  expect(configs.resources[0]!.configEntries[0]).toMatchObject({ configValue: "compact" });
});
