import { describe, expect, it } from "vitest";
import { toAsyncApi } from "./async-api.ts";
import { consumer, orders, producer, totals } from "./capture/fixtures.ts";

// biome-ignore lint/suspicious/noExplicitAny: a test looks into a document of every shape
type Any = any;
const document: Any = toAsyncApi({
  topics: [orders, totals],
  functions: [producer, consumer],
  version: "1.2.3",
  brokers: ["127.0.0.1:9092"],
});

/** Every `$ref` in the document. */
function refs(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, one]) => (key === "$ref" ? [String(one)] : refs(one)));
}

/** What a reference points to, as JSON Pointer says. */
const resolve = (ref: string): unknown =>
  ref
    .slice(2)
    .split("/")
    .reduce((at: Any, part) => at?.[part.replaceAll("~1", "/").replaceAll("~0", "~")], document);

describe("the AsyncAPI document", () => {
  it("has what the specification 3.0.0 requires, and nothing that it does not know", () => {
    expect(document.asyncapi).toBe("3.0.0");
    expect(document.info).toMatchObject({ title: expect.any(String), version: "1.2.3" });
    const known = [
      "asyncapi",
      "id",
      "info",
      "servers",
      "defaultContentType",
      "channels",
      "operations",
      "components",
    ];
    expect(Object.keys(document).filter((key) => !known.includes(key))).toEqual([]);
    for (const server of Object.values<Any>(document.servers)) {
      expect(server).toMatchObject({ host: "127.0.0.1:9092", protocol: "kafka" });
    }
    for (const operation of Object.values<Any>(document.operations)) {
      expect(operation.action).toMatch(/^(send|receive)$/);
      expect(operation.channel.$ref).toMatch(/^#\/channels\//);
      // Messages of an operation must be ones of its channel, by reference.
      for (const { $ref } of operation.messages)
        expect($ref).toContain(`${operation.channel.$ref}/messages/`);
    }
    for (const key of Object.keys(document.components.messages)) expect(key).toMatch(/^[\w\d.\-_]+$/);
  });

  it("refers only to what is there, and can be written as JSON", () => {
    expect(refs(document).length).toBeGreaterThan(0);
    for (const ref of refs(document)) expect(resolve(ref), ref).toBeDefined();
    expect(JSON.parse(JSON.stringify(document))).toEqual(document);
  });

  it("describes a topic by its definition, with Kafka bindings 0.5.0", () => {
    expect(document.channels.orders).toMatchObject({
      address: "orders",
      bindings: {
        kafka: {
          topic: "orders",
          partitions: 3,
          topicConfiguration: { "cleanup.policy": ["delete"], "retention.ms": 86_400_000 },
          bindingVersion: "0.5.0",
        },
      },
    });
    expect(document.components.messages.orders).toMatchObject({
      contentType: "application/json",
      payload: { type: "object", required: ["user", "amount"] },
      bindings: { kafka: { key: { type: "string" }, bindingVersion: "0.5.0" } },
    });
  });

  it("says who sends and who receives, with the consumer's group", () => {
    expect(Object.keys(document.operations).sort()).toEqual([
      "order-producer.send.orders",
      "total-consumer.receive.orders",
      "total-consumer.send.totals",
    ]);
    expect(document.operations["total-consumer.receive.orders"].bindings.kafka.groupId).toEqual({
      type: "string",
      enum: ["totals-group"],
    });
  });
});
