/** Administration over HTTP, on the embedded broker. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Kafka, logLevel } from "kafkajs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningBroker, startBroker } from "../infra/embedded/start.ts";
import { consumer, orders, producer, totals } from "../runtime/capture/fixtures.ts";
import { createKafkaFactory } from "../runtime/kafka.ts";
import { createLogger } from "../runtime/log.ts";
import { createRuntime, type Runtime } from "../runtime/runtime.ts";
import { createApp } from "../ui/app.ts";
import { fakeDeps, jsonOf } from "../ui/fake-view.ts";
import { until } from "./until.ts";

const GROUP = "totals-group";
let folder: string;
let broker: RunningBroker;
let runtime: Runtime;
let client: Kafka;

/** The runtime runs nothing here; it knows the functions. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ksp-admin-"));
  broker = await startBroker({ port: 0, dataDir: folder });
  const brokers = [`127.0.0.1:${broker.port}`];
  client = new Kafka({ brokers, logLevel: logLevel.NOTHING });
  const log = await createLogger("silent");
  runtime = createRuntime({
    live: true,
    functions: [],
    known: [producer, consumer],
    topics: [orders, totals],
    version: "1.2.3",
    kafka: createKafkaFactory({ brokers, clientId: "admin-test" }, log),
    brokers,
    replicationFactor: 1,
    guard: false,
    brokerTrouble: () => null,
    brokerText: null,
    tracing: null,
    slowBatchMs: 1_000,
    log,
  });
  runtime.start();
  await until(() => runtime.view.topic("orders") !== null, "the topics");
});

afterAll(async () => {
  await runtime?.stop(1_000);
  await broker?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** The app over the real runtime, whose functions answer as if they ran here. */
function createApi() {
  const { view, admin } = runtime;
  const known = fakeDeps({}).view.function("analytics-consumer")!;
  const named = (name: string) => (name === consumer.name ? { ...known, name } : null);
  return createApp(fakeDeps({ view: { ...view, function: named }, admin }));
}

async function get(path: string) {
  return jsonOf(await createApi().request(path));
}

async function post(path: string, body: unknown) {
  const headers = { "Content-Type": "application/json", "X-Requested-By": "test" };
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const response = await createApi().request(path, { method: "POST", headers, body: text });
  return { status: response.status, json: await jsonOf(response) };
}

const produce = (value: unknown) => post("/api/topics/orders/records", { value });

/** Offsets that the group has committed, by partition; −1 where nothing is. */
async function committed(): Promise<string[]> {
  const admin = client.admin();
  await admin.connect();
  try {
    const [topic] = await admin.fetchOffsets({ groupId: GROUP, topics: ["orders"] });
    return topic!.partitions.toSorted((a, b) => a.partition - b.partition).map(({ offset }) => offset);
  } finally {
    await admin.disconnect();
  }
}

describe("administration", () => {
  it("writes a record byte for byte, by its key's partition, where Java's partitioner puts it", async () => {
    const text = '{"user":"user_1","amount":9007199254740993,"price":1.50}';
    const { status, json } = await post(
      "/api/topics/orders/records",
      `{"value":${text},"headers":{"a":"b"}}`,
    );
    expect(status).toBe(201);
    // Java: Utils.murmur2("user_1") & 0x7fffffff
    expect(json).toMatchObject({ topic: "orders", partition: 2_109_805_095 % 3 });
    const again = await produce({ user: "user_1", amount: 1 });
    expect(again.json).toEqual({ ...json, offset: String(BigInt(json.offset) + 1n) });

    const reader = client.consumer({ groupId: "bytes", maxWaitTimeInMs: 100 });
    await reader.connect();
    await reader.subscribe({ topic: "orders", fromBeginning: true });
    const first = await new Promise<{ key: string; value: string; header: string }>((resolve) => {
      void reader.run({
        eachMessage: async ({ message }) =>
          resolve({
            key: String(message.key),
            value: String(message.value),
            header: String(message.headers?.a),
          }),
      });
    });
    await reader.disconnect();
    expect(first).toEqual({ key: "user_1", value: text, header: "b" });
  });

  it("writes nothing that the schema refuses, unless told to", async () => {
    const refused = await produce({ user: "user_1" });
    expect(refused.status).toBe(422);
    expect(refused.json.detail).toContain("amount");
    const forced = await post("/api/topics/orders/records", {
      value: { user: 1 },
      key: "k",
      partition: 2,
      timestamp: 1_000,
      validate: false,
    });
    expect(forced).toMatchObject({ status: 201, json: { partition: 2, offset: "0" } });
  });

  it("answers 422 for what is too large for Kafka", async () => {
    const large = await produce({ user: "user_1", amount: 1, note: "x".repeat(1_100_000) });
    expect(large.status).toBe(422);
    expect(large.json.detail).toContain("MESSAGE_TOO_LARGE");
  });

  it("shows sizes, roles, configuration and the cluster", async () => {
    const topic = await get("/api/topics/orders");
    expect(topic).toMatchObject({
      role: "input",
      alerts: false,
      producers: [producer.name],
      consumers: [{ function: consumer.name, group: GROUP }],
    });
    expect(topic.config.find((one: { name: string }) => one.name === "retention.ms")).toEqual({
      name: "retention.ms",
      value: "86400000",
      is_default: false,
      is_sensitive: false,
    });
    const cluster = await get("/api/brokers");
    expect(cluster).toMatchObject({
      controller_id: 1,
      brokers: [{ id: 1, port: broker.port }],
      log_dirs_problem: null,
    });
    expect(cluster.cluster_id).toMatch(/^[\w-]{22}$/);
    expect(cluster.config.map((one: { name: string }) => one.name)).toContain("log.dirs");

    // Sizes are kept for some seconds.
    await until(async () => (await get("/api/topics/orders")).size_bytes > 0, "the size of orders");
    const { topics } = await get("/api/topics");
    const list = topics.find((one: { name: string }) => one.name === "orders");
    expect(list).toMatchObject({ retention_ms: 86_400_000, cleanup_policy: "delete" });
    expect(topics.find((one: { name: string }) => one.name === "totals")).toMatchObject({
      role: "derived",
      size_bytes: 0,
    });
  });

  it("resets offsets: a dry run says what the real one does, and changes nothing", async () => {
    const members = client.consumer({ groupId: GROUP, maxWaitTimeInMs: 100 });
    await members.connect();
    await members.subscribe({ topic: "orders", fromBeginning: true });
    const joined = new Promise((resolve) => members.on("consumer.group_join", resolve));
    await members.run({ autoCommit: false, eachMessage: async () => {} });
    await joined;
    const path = `/api/groups/${GROUP}/reset`;
    const occupied = await post(path, { topic: "orders", to: "latest" });
    expect(occupied.status).toBe(409);
    expect(occupied.json.detail).toMatch(/got 1 \(\w+\): kafkajs \(/);
    await members.disconnect();

    const before = await committed();
    expect(before).toEqual(["-1", "-1", "-1"]);
    const dry = await post(path, { topic: "orders", to: "latest", dry_run: true });
    expect(dry).toMatchObject({ status: 200, json: { dry_run: true } });
    expect(await committed()).toEqual(before);
    const real = await post(path, { topic: "orders", to: "latest" });
    expect(real.json).toEqual({ dry_run: false, partitions: dry.json.partitions });
    const ends = real.json.partitions.map((one: { end_offset: string }) => one.end_offset);
    expect(await committed()).toEqual(ends);

    const back = await post(path, { topic: "orders", partitions: [2], to: { offset: "0" } });
    expect(back.json.partitions).toEqual([
      { partition: 2, from: ends[2], to: "0", end_offset: ends[2], lag_after: Number(ends[2]) },
    ]);
    expect(await committed()).toEqual([ends[0], ends[1], "0"]);

    // Partition 2 holds one record, of 1970-01-01T00:00:01Z.
    const late = await post(path, {
      topic: "orders",
      partitions: [2],
      to: { timestamp: 1_001 },
      dry_run: true,
    });
    expect(late.json.partitions).toMatchObject([{ from: "0", to: ends[2] }]);
    const early = await post(path, {
      topic: "orders",
      partitions: [2],
      to: { timestamp: 1_000 },
      dry_run: true,
    });
    expect(early.json.partitions).toMatchObject([{ to: "0" }]);
    expect((await post(path, { topic: "orders", to: { offset: "99" } })).status).toBe(422);
    expect((await post("/api/groups/nobody/reset", { topic: "orders", to: "latest" })).status).toBe(404);
  });

  it("runs one record through a function and shows its outputs", async () => {
    const { json } = await produce({ user: "user_9", amount: 42 });
    const { partition, offset } = json;
    const path = `/api/functions/${consumer.name}/replay`;
    const replayed = await post(path, { topic: "orders", partition, offset });
    expect(replayed.json.results).toMatchObject([
      {
        same: null,
        invocation: {
          trigger: "replay",
          config: { password: "[redacted]" },
          outcome: {
            output: { emit: [{ topic: "totals", value: { user: "user_9", total: 42 }, cause: offset }] },
          },
        },
      },
    ]);
    const beyond = await post(path, { topic: "orders", partition, offset: String(BigInt(offset) + 1n) });
    expect(beyond.status).toBe(404);
    const far = await post(path, { topic: "orders", partition, offset: "9000000000000000000" });
    expect(far.status).toBe(404);
  });

  it("describes the topics as AsyncAPI", async () => {
    expect(await get("/asyncapi.json")).toMatchObject({
      info: { version: "1.2.3" },
      servers: { "kafka-1": { host: `127.0.0.1:${broker.port}` } },
      channels: { orders: {}, totals: {} },
    });
  });
});
