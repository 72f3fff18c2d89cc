/** The platform with its topics in Avro: what is on them, what people see of it, and what a registry that is away does. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { SchemaRegistry } from "@kafkajs/confluent-schema-registry";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { useEmbeddedBroker } from "./clients/embedded-broker.ts";
import { start, temporaryFolder } from "./for-one-test.ts";
import { produce, readTopic, userEvent } from "./kafka-client.ts";
import { complaints, countOf, groupsOf, untilCaughtUp, untilHolds, untilMoreProcessed } from "./observe.ts";
import { type Platform, runKsp, startPlatform } from "./platform.ts";
import { startTestRegistry } from "./registry.ts";
import { until } from "./until.ts";

const TOPICS = [
  "user-events",
  "application-logs",
  "system-metrics",
  "processed-events",
  "alerts",
  "anomalies",
];

interface Messages {
  readonly messages: readonly {
    readonly value: Record<string, unknown>;
    readonly schema_id?: number;
    readonly schema_version?: number;
  }[];
}

describe("the platform with SERDE=avro", () => {
  let platform: Platform;
  let registryUrl: string;
  beforeAll(async () => {
    const env = {
      SERDE: "avro",
      EMBEDDED_REGISTRY_PORT: "0",
      EVENT_PRODUCER_RATE_PER_SECOND: "20",
      METRICS_PRODUCER_SAMPLE_EVERY_MS: "2000",
      SLOW_BATCH_MS: "60000", // a busy machine is not what this is about
      LOG_PRODUCER_RATE_PER_SECOND: "20",
      ALERT_CONSUMER_ERROR_THRESHOLD: "1",
    };
    platform = await startPlatform({ env });
    await platform.untilHealthy();
    registryUrl = platform
      .logs()
      .map(({ msg }) => /^schema registry: (http\S+)/.exec(msg)?.[1])
      .find((url) => url !== undefined)!;
  });
  afterAll(() => platform?.kill9());

  it("fills all six topics with Avro that Confluent's clients read, and keeps up with them", async () => {
    await until(async () => {
      const counts = await Promise.all(TOPICS.map((topic) => countOf(platform, topic)));
      return counts.every((count) => count > 0);
    }, "records in all six topics");
    await untilCaughtUp(platform, 3);
    const client = new SchemaRegistry({ host: registryUrl });
    for (const topic of TOPICS) {
      const records = await readTopic(platform.brokers, topic);
      expect(records.filter(({ bytes }) => bytes![0] !== 0)).toEqual([]);
      const decoded = (await client.decode(records[0]!.bytes!)) as Record<string, unknown>;
      const { messages } = await platform.get<Messages>(`/api/messages/${topic}?limit=1`);
      expect(messages[0]).toMatchObject({ schema_id: expect.any(Number), schema_version: 1 });
      expect(Object.keys(decoded).length).toBeGreaterThan(0);
    }
    expect(complaints(platform)).toEqual([]);
  });

  it("shows, searches, captures and replays plain data", async () => {
    await untilHolds(platform, "user-events", 50);
    const { messages } = await platform.get<Messages>("/api/messages/user-events?limit=1");
    const { event_id } = messages[0]!.value;
    expect(event_id).toMatch(/^[0-9a-f-]{36}$/);
    const found = await platform.get<Messages>(`/api/messages/user-events?limit=5&q=${event_id}`);
    expect(found.messages.map(({ value }) => value.event_id)).toEqual([event_id]);

    const folder = await temporaryFolder();
    const invocations = join(folder, "invocations.ndjson");
    const ofFunction = ["capture", "analytics-consumer", "--count", "5", "--url", platform.url];
    expect(await runKsp([...ofFunction, "--out", invocations]).ended).toMatchObject({ code: 0 });
    expect(await runKsp(["replay", invocations]).ended).toMatchObject({
      code: 0,
      stdout: "same: 5 invocations\n",
    });

    const batches = join(folder, "batches.ndjson");
    const env = { SERDE: "avro", SCHEMA_REGISTRY_URL: registryUrl, KAFKA_BROKERS: platform.brokers };
    const ofTopic = ["capture", "--topic", "user-events", "--out", batches];
    expect(await runKsp(ofTopic, { env }).ended).toMatchObject({ code: 0 });
    const lines = (await readFile(batches, "utf8")).trimEnd().split("\n");
    const [record] = JSON.parse(lines[1]!).input.records as { value: { event_id: string } }[];
    expect(record!.value.event_id).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("sets aside an unknown schema id and bytes that are none of a schema, with what was expected and what came", async () => {
    const before = await countOf(platform, "user-events.dlq");
    const [good] = await readTopic(platform.brokers, "user-events");
    const bytes = good!.bytes!;
    const overlong = Buffer.concat([bytes.subarray(0, 5), Buffer.from("80808080808080", "hex")]);
    await produce(platform.brokers, "user-events", [
      { key: "a", value: Buffer.from([0, 0, 0, 0x27, 0x0f, 2, 3]) },
      { key: "b", value: userEvent("5f0c7a52-6d0a-4a3e-9a0e-1d7a3a4f8b10").value },
      { key: "c", value: bytes.subarray(0, bytes.length - 3) },
      { key: "d", value: Buffer.concat([bytes, Buffer.from([1])]) },
      { key: "e", value: overlong },
      { key: "f", value: Buffer.from("00ffffffff", "hex") },
    ]);
    await untilHolds(platform, "user-events.dlq", before + 6);
    const letters = await readTopic(platform.brokers, "user-events.dlq");
    const reasons = new Map(letters.map(({ key, headers }) => [key, headers["ksp.dlq.reason"]]));
    expect(Object.fromEntries([...reasons].sort())).toEqual({
      a: "expected the id of a schema that the registry knows, got 9999",
      b: "expected Avro after a zero byte and a schema id, got the first byte 123",
      c: expect.stringMatching(/^expected Avro of schema \d+: expected /),
      d: expect.stringMatching(/^expected Avro of schema \d+: expected .* got /),
      e: expect.stringMatching(/^expected Avro of schema \d+: expected /),
      f: "expected the id of a schema that the registry knows, got -1",
    });
    expect(letters.find(({ key }) => key === "c")!.bytes).toEqual(bytes.subarray(0, bytes.length - 3));
  });
});

describe("the platform while its schema registry is away", () => {
  const brokers = useEmbeddedBroker();

  it("holds the partition with a schema that it does not know yet, says why, and goes on by itself", async () => {
    const first = await startTestRegistry(brokers());
    const { port, url } = first;
    const env = {
      SERDE: "avro",
      KAFKA_BROKERS: brokers(),
      SCHEMA_REGISTRY_URL: url,
      AUTO_REGISTER_SCHEMAS: "true",
      EVENT_PRODUCER_RATE_PER_SECOND: "20",
    };
    const platform = await start({ env, args: ["--only", "event-producer,analytics-consumer"] });
    await untilMoreProcessed(platform, 5);
    // Another writer's schema: the same but for a doc, so it has an id of its own.
    const latest = await first.request("GET", "/subjects/user-events-value/versions/latest");
    const { schema } = latest.body as { schema: string };
    const withDoc = JSON.stringify(addDoc(JSON.parse(schema)));
    const answer = await first.request("POST", "/subjects/user-events-value/versions", { schema: withDoc });
    const { id } = answer.body as { id: number };
    const [good] = await readTopic(brokers(), "user-events");
    const bytes = Buffer.from(good!.bytes!);
    bytes.writeInt32BE(id, 1);
    await first.stop();

    await produce(brokers(), "user-events", [{ key: "user_1", value: bytes }]);
    const why = await until(async () => {
      const { checks } = await platform.health();
      return checks["analytics-consumer"]?.reason ?? null;
    }, "the consumer to say why it waits");
    expect(why).toContain(`no schema registry answers at ${url}`);
    const waiting = await groupsOf(platform);
    expect(waiting[0]!.state).toBe("Stable");

    const second = await startTestRegistry(brokers(), port);
    try {
      await platform.untilHealthy();
      await untilCaughtUp(platform, 1);
      expect(await countOf(platform, "user-events.dlq")).toBe(0);
    } finally {
      platform.signal("SIGTERM");
      expect(await platform.ended).toMatchObject({ code: 0 });
      await second.stop();
    }
  });

  it("starts no function that cannot write yet, and starts it when the registry is there", async () => {
    const first = await startTestRegistry(brokers());
    await first.stop();
    const env = { SERDE: "avro", KAFKA_BROKERS: brokers(), SCHEMA_REGISTRY_URL: first.url };
    const platform = await start({ env, args: ["--only", "analytics-consumer"] });
    await until(async () => {
      const { checks } = await platform.health();
      return checks["analytics-consumer"]?.reason?.startsWith(
        "cannot write to its topics: no schema registry",
      );
    }, "the function to say what it waits for");
    const second = await startTestRegistry(brokers(), first.port);
    try {
      await platform.untilHealthy(); // what it needs was registered in the test before
    } finally {
      platform.signal("SIGTERM");
      expect(await platform.ended).toMatchObject({ code: 0 });
      await second.stop();
    }
  });
});

function addDoc(schema: unknown): unknown {
  return Array.isArray(schema)
    ? schema.map((branch) => ({ ...(branch as object), doc: "another writer's" }))
    : { ...(schema as object), doc: "another writer's" };
}
