import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createAvroSerde } from "../../runtime/avro-serde.ts";
import type { Topic } from "../../runtime/define.ts";
import { createSchemaCache } from "../../runtime/schema-cache.ts";
import { anyValueOf, createFakeRegistry } from "../../runtime/testing-registry.ts";
import alerts from "./alerts.ts";
import anomalies from "./anomalies.ts";
import applicationLogs from "./application-logs.ts";
import processedEvents from "./processed-events.ts";
import systemMetrics from "./system-metrics.ts";
import userEvents from "./user-events.ts";

const topics: Topic[] = [userEvents, applicationLogs, systemMetrics, processedEvents, alerts, anomalies];

describe("the topics in Avro", () => {
  it.each(topics.map((topic) => [topic.name, topic] as const))(
    "give back every value of %s as it was",
    async (_name, topic) => {
      const registry = createFakeRegistry();
      const schemas = createSchemaCache(registry, () => 0);
      const serde = createAvroSerde({ topic, registry, schemas, autoRegister: true });
      await serde.ready();
      await serde.prepare([Buffer.from([0, 0, 0, 0, 1])]);
      const values = anyValueOf(topic.schema).filter((value) => topic.schema.safeParse(value).success);
      fc.assert(
        fc.property(values, (value) => {
          expect(serde.decode(serde.encode(value))).toStrictEqual({ value });
        }),
      );
      expect(serde.decode(serde.encode(null))).toEqual({ value: null });
    },
  );
});
