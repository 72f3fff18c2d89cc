import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Consumer, type EachMessagePayload, Kafka, logLevel, Partitioners } from "kafkajs";
import { describe, expect, it, onTestFinished } from "vitest";
import { startBroker } from "../infra/embedded/start.ts";

/*
 * Groups of kafkajs consumers when things go wrong: a consumer is cut off, the broker is restarted or killed. What
 * Apache Kafka does too is in broker-suite.ts; this needs short sessions, or the broker's own life in hand.
 */
const TOPIC = "t";
const PARTITIONS = 3;

async function createDataDir(): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), "embedded-groups-"));
  onTestFinished(() => rm(dataDir, { recursive: true }));
  return dataDir;
}

interface Reader {
  readonly consumer: Consumer;
  /** `partition:offset` of what was handled, in order. */
  readonly seen: string[];
  /** Resolves with the partitions of the next generation it joins. */
  assigned(): Promise<number[]>;
  /** Resolves when `condition` holds after a record. */
  until(condition: () => boolean): Promise<void>;
  /** From now on it has no network. */
  cutOff(): void;
}

/** A running consumer of group `g`, from the beginning, that commits after each record. */
async function startReader(port: number, options: { sessionTimeoutMs?: number } = {}): Promise<Reader> {
  const { sessionTimeoutMs: sessionTimeout = 6_000 } = options;
  const sockets = new Set<Socket>();
  let isCutOff = false;
  const client = new Kafka({
    brokers: [`127.0.0.1:${port}`],
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 50, maxRetryTime: 200, retries: 100 },
    socketFactory: ({ host, port, onConnect }) => {
      const socket = connect({ host, port }, onConnect);
      sockets.add(socket);
      if (isCutOff) socket.destroy(new Error("cut off"));
      return socket;
    },
  });
  const consumer = client.consumer({
    groupId: "g",
    sessionTimeout,
    rebalanceTimeout: 2_000,
    heartbeatInterval: sessionTimeout / 10,
    maxWaitTimeInMs: 100,
  });
  const seen: string[] = [];
  const checks = new Set<() => void>();
  const eachMessage = async ({ partition, message }: EachMessagePayload) => {
    seen.push(`${partition}:${message.offset}`);
    for (const check of checks) check();
  };
  await consumer.connect();
  onTestFinished(async () => {
    if (!isCutOff) await consumer.disconnect();
  });
  await consumer.subscribe({ topic: TOPIC, fromBeginning: true });
  await consumer.run({ eachMessage, autoCommitThreshold: 1 });
  return {
    consumer,
    seen,
    assigned: () =>
      new Promise((resolve) => {
        const stop = consumer.on("consumer.group_join", ({ payload }) => {
          stop();
          resolve(payload.memberAssignment[TOPIC] ?? []);
        });
      }),
    until: (condition) =>
      new Promise((resolve) => {
        const check = () => {
          if (!condition()) return;
          checks.delete(check);
          resolve();
        };
        checks.add(check);
        check();
      }),
    cutOff() {
      isCutOff = true;
      for (const socket of sockets) socket.destroy(new Error("cut off"));
      consumer.disconnect().catch(() => {});
    },
  };
}

async function produce(port: number, perPartition: number): Promise<void> {
  const client = new Kafka({ brokers: [`127.0.0.1:${port}`], logLevel: logLevel.NOTHING });
  const producer = client.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  const messages = Array.from({ length: perPartition * PARTITIONS }, (_, i) => ({
    partition: i % PARTITIONS,
    value: `${i}`,
  }));
  await producer.send({ topic: TOPIC, messages });
  await producer.disconnect();
}

/** `partition:offset` of the records that were produced, in no order. */
const records = (from: number, to: number) =>
  Array.from({ length: PARTITIONS }, (_, partition) =>
    Array.from({ length: to - from }, (_, i) => `${partition}:${from + i}`),
  ).flat();

describe("a group of consumers on the embedded broker", () => {
  it("takes over the partitions of one that is cut off, once its session has ended, after what it committed", async () => {
    const broker = await startBroker({
      port: 0,
      dataDir: await createDataDir(),
      config: { numPartitions: PARTITIONS, groupMinSessionTimeoutMs: 100 },
    });
    onTestFinished(() => broker.stop());
    await produce(broker.port, 10);
    const first = await startReader(broker.port, { sessionTimeoutMs: 1_000 });
    await first.until(() => first.seen.length === 30);
    const rebalanced = first.assigned();
    const second = await startReader(broker.port, { sessionTimeoutMs: 1_000 });
    const kept = await rebalanced;
    expect(kept.length).toBeGreaterThan(0);
    expect(kept.length).toBeLessThan(PARTITIONS);
    await produce(broker.port, 10);
    await Promise.all([
      first.until(() => first.seen.length === 30 + kept.length * 10),
      second.until(() => second.seen.length === (PARTITIONS - kept.length) * 10),
    ]);

    const inherited = second.assigned();
    first.cutOff();
    expect(await inherited).toEqual([0, 1, 2]);
    await produce(broker.port, 10);
    await second.until(() => second.seen.filter((each) => Number(each.split(":")[1]) >= 20).length === 30);
    expect(second.seen.filter((each) => Number(each.split(":")[1]) >= 20).sort()).toEqual(
      records(20, 30).sort(),
    );
  });

  it("goes on where it was when the broker is stopped and started", async () => {
    const dataDir = await createDataDir();
    const config = { numPartitions: PARTITIONS };
    const first = await startBroker({ port: 0, dataDir, config });
    await produce(first.port, 10);
    const reader = await startReader(first.port);
    await reader.until(() => reader.seen.length === 30);
    await first.stop();

    const second = await startBroker({ port: first.port, dataDir, config });
    onTestFinished(() => second.stop());
    await produce(second.port, 10);
    await reader.until(() => new Set(reader.seen).size === 60);
    expect([...new Set(reader.seen)].sort()).toEqual(records(0, 20).sort());
  });

  it("goes on where it was when the broker is killed, its offsets and members still known", async () => {
    const dataDir = await createDataDir();
    const first = await forkBroker(dataDir, 0);
    const admin = new Kafka({ brokers: [`127.0.0.1:${first.port}`], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: TOPIC, numPartitions: PARTITIONS }] });
    await produce(first.port, 10);
    const reader = await startReader(first.port);
    await reader.until(() => reader.seen.length === 30);
    await reader.consumer.commitOffsets(records(10, 11).map(toCommit));
    const before = (await admin.describeGroups(["g"])).groups[0]!;
    expect(before).toMatchObject({ state: "Stable", members: [{}] });
    await admin.disconnect();
    first.process.kill("SIGKILL");
    await once(first.process, "exit");

    const second = await forkBroker(dataDir, first.port);
    const again = new Kafka({ brokers: [`127.0.0.1:${second.port}`], logLevel: logLevel.NOTHING }).admin();
    await again.connect();
    const after = (await again.describeGroups(["g"])).groups[0]!;
    expect(after.members.map(({ memberId }) => memberId)).toEqual(
      before.members.map(({ memberId }) => memberId),
    );
    const offsets = await again.fetchOffsets({ groupId: "g", topics: [TOPIC] });
    expect(offsets[0]!.partitions.map(({ offset }) => offset)).toEqual(["10", "10", "10"]);
    await again.disconnect();
    await produce(second.port, 10);
    await reader.until(() => new Set(reader.seen).size === 60);
    expect([...new Set(reader.seen)].sort()).toEqual(records(0, 20).sort());
    expect(reader.seen.length).toBe(60);
  });
});

function toCommit(record: string) {
  const [partition, offset] = record.split(":");
  return { topic: TOPIC, partition: Number(partition), offset: offset! };
}

/** The broker in a process of its own, so that it can be killed. */
async function forkBroker(dataDir: string, port: number): Promise<{ process: ChildProcess; port: number }> {
  const main = new URL("../infra/embedded/main.ts", import.meta.url);
  const process = fork(main, ["--port", `${port}`, "--data-dir", dataDir, "--log-level", "silent"], {
    execArgv: ["--import", "tsx"],
  });
  onTestFinished(() => {
    process.kill("SIGKILL");
  });
  const [message] = (await once(process, "message")) as [{ type: string; port: number; message?: string }];
  expect(message).toMatchObject({ type: "ready" });
  return { process, port: message.port };
}
