import { describe, expect, it } from "vitest";
import { z } from "zod";
import { aclsOf, toKafkaAcls } from "./acls.ts";
import { defineConsumer, defineProducer, defineTopic } from "./define.ts";

const topic = <const Name extends string>(name: Name) =>
  defineTopic({ name, description: "", partitions: 1, key: null, schema: z.object({}) });
const [orders, bills] = [topic("orders"), topic("bills")];
const config = z.object({});
const functions = [
  {
    name: "shop",
    definition: defineProducer({ description: "", emits: [orders], config, handler: () => ({}) }),
  },
  {
    name: "billing",
    definition: defineConsumer({
      description: "",
      topic: orders,
      group: "billing-group",
      emits: [bills],
      config,
      handler: () => ({}),
    }),
  },
];
const lines = (acls: ReturnType<typeof aclsOf>["api"]): string[] =>
  acls.map(({ resource, name, operations }) => `${resource} ${name}: ${operations.join(" ")}`);

describe("aclsOf", () => {
  const list = aclsOf([orders, bills], functions);
  const of = (name: string): string[] => lines(list.functions.find((fn) => fn.name === name)!.acls);

  it("lets a producer write what it emits, and nothing else", () => {
    expect(of("shop")).toEqual(["topic orders: Write Describe"]);
  });

  it("lets a consumer read its topic with its group, and write what it emits and its dead letters", () => {
    expect(of("billing")).toEqual([
      "topic orders: Read Describe",
      "group billing-group: Read Describe",
      "topic bills: Write Describe",
      "topic orders.dlq: Write Describe",
    ]);
  });

  it("lets the API see everything, and keeps what it may change apart", () => {
    expect(lines(list.api)).toEqual([
      "topic orders: Read Describe DescribeConfigs",
      "topic bills: Read Describe DescribeConfigs",
      "topic orders.dlq: Read Describe DescribeConfigs",
      "group billing-group: Describe",
      "cluster kafka-cluster: Describe DescribeConfigs",
    ]);
    expect(lines(list.apiWrites)).toEqual([
      "topic orders: Write",
      "topic bills: Write",
      "topic orders.dlq: Write",
      "group billing-group: Read",
    ]);
  });

  it("names every topic that is created", () => {
    expect(lines(list.topicCreation)).toEqual([
      "topic orders: Create Describe",
      "topic bills: Create Describe",
      "topic orders.dlq: Create Describe",
    ]);
  });
});

describe("toKafkaAcls", () => {
  it("is a command for a shell, whatever the names are", () => {
    expect(
      toKafkaAcls({ resource: "topic", name: "a-b.c", operations: ["Read", "Describe"] }, "User:x", "t"),
    ).toBe("t --add --allow-principal User:x --operation Read --operation Describe --topic a-b.c");
    expect(
      toKafkaAcls({ resource: "group", name: "it's $HOME", operations: ["Read"] }, "User:CN=a,O=b", "t"),
    ).toBe("t --add --allow-principal 'User:CN=a,O=b' --operation Read --group 'it'\\''s $HOME'");
    expect(
      toKafkaAcls({ resource: "cluster", name: "kafka-cluster", operations: ["Describe"] }, "User:x", "t"),
    ).toBe("t --add --allow-principal User:x --operation Describe --cluster");
  });
});
