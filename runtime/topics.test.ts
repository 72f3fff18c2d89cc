import type { Admin } from "kafkajs";
import { describe, expect, it } from "vitest";
import { numbers } from "./testing.ts";
import { createMissingTopics, toDeadLetterSpec, toTopicSpec } from "./topics.ts";

const DAY_MS = 86_400_000;

describe("topics", () => {
  it("are created as they are declared", () => {
    const topic = {
      ...numbers,
      compression: "snappy",
      acks: "leader",
      cleanupPolicy: "compact",
      partitions: 4,
    } as const;
    expect(toTopicSpec(topic)).toEqual({
      name: "numbers",
      partitions: 4,
      compression: "snappy",
      acks: "leader",
      config: {
        "cleanup.policy": "compact",
        "retention.ms": String(DAY_MS),
        "retention.bytes": String(1024 ** 3),
        "segment.ms": "3600000",
      },
    });
  });

  it("have a dead letter queue of one partition that keeps for 14 days whatever fitted into the topic", () => {
    const spec = toDeadLetterSpec({ ...numbers, partitions: 4, cleanupPolicy: "compact" });
    expect(spec).toMatchObject({ name: "numbers.dlq", partitions: 1, acks: "all" });
    expect(spec.config).toMatchObject({ "cleanup.policy": "delete", "retention.ms": String(14 * DAY_MS) });
    expect(Number(spec.config["max.message.bytes"])).toBeGreaterThan(1_048_588 + 10_000);
  });
});

const neverDenied = (topics: readonly string[]): never => {
  throw new Error(`denied: ${topics.join()}`);
};

describe("createMissingTopics", () => {
  const start = (existing: string[]) => {
    const requests: unknown[] = [];
    const admin = {
      listTopics: async () => existing,
      createTopics: async (request: unknown) => void requests.push(request),
    };
    return { requests, admin: admin as unknown as Admin };
  };

  it("creates those that are missing, with the replicas asked for", async () => {
    const { requests, admin } = start(["numbers"]);
    const specs = [toTopicSpec(numbers), toDeadLetterSpec(numbers)];
    expect(await createMissingTopics(admin, specs, 3, neverDenied)).toEqual(["numbers.dlq"]);
    expect(requests).toMatchObject([
      {
        waitForLeaders: true,
        topics: [
          { topic: "numbers.dlq", numPartitions: 1, replicationFactor: 3, configEntries: expect.any(Array) },
        ],
      },
    ]);
  });

  it("leaves alone what is there, and asks nothing then", async () => {
    const { requests, admin } = start(["numbers", "other"]);
    expect(await createMissingTopics(admin, [toTopicSpec(numbers)], -1, neverDenied)).toEqual([]);
    expect(requests).toEqual([]);
  });

  it("tells which topics it may not create, and counts them among neither the created nor the failures", async () => {
    const denied = (topic: string) => ({ topic, type: "TOPIC_AUTHORIZATION_FAILED" });
    const told: (readonly string[])[] = [];
    const fails = (...errors: object[]) => ({
      listTopics: async () => [],
      createTopics: () => Promise.reject(Object.assign(new Error("Topic creation errors"), { errors })),
    });
    const create = (...errors: object[]) =>
      createMissingTopics(
        fails(...errors) as never,
        [toTopicSpec(numbers), toDeadLetterSpec(numbers)],
        1,
        (topics) => told.push(topics),
      );
    expect(await create(denied("numbers.dlq"))).toEqual(["numbers"]);
    expect(told).toEqual([["numbers.dlq"]]);
    await expect(create(denied("numbers"), { topic: "numbers.dlq", type: "INVALID_CONFIG" })).rejects.toThrow(
      "Topic creation errors",
    );
  });
});
