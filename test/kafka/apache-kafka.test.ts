import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Admin, Kafka, logLevel } from "kafkajs";
import { describe, expect, it, onTestFinished } from "vitest";
import { freePorts } from "../../infra/apache-kafka/free-ports.ts";
import { KAFKA_VERSIONS } from "../../infra/apache-kafka/jars.ts";
import type { KafkaNode } from "../../infra/apache-kafka/node.ts";
import { type ApacheKafkaOptions, startApacheKafka } from "../../infra/apache-kafka/start.ts";
import { until } from "../until.ts";

async function start(options: ApacheKafkaOptions) {
  const kafka = await startApacheKafka(options);
  onTestFinished(async () => {
    kafka.kill();
    await kafka.exited;
  });
  const client = new Kafka({ brokers: kafka.brokers.split(","), logLevel: logLevel.NOTHING });
  const admin = client.admin();
  await admin.connect();
  onTestFinished(() => admin.disconnect());
  return Object.assign(kafka, { admin });
}

async function createDataDir(): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), "apache-kafka-test-"));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  return dataDir;
}

const untilLed = (admin: Admin, topic: string, wanted: (leaders: readonly number[]) => boolean) =>
  until(async () => {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    return wanted(topics[0]!.partitions.map(({ leader }) => leader));
  }, "other leaders");

describe("a started Apache Kafka", () => {
  it.each(KAFKA_VERSIONS)(
    "%s keeps its topics in its data folder over a stop and a kill",
    async (version) => {
      const dataDir = await createDataDir();
      const first = await start({ version, dataDir });
      await first.admin.createTopics({ topics: [{ topic: "kept", numPartitions: 2 }] });
      expect(await readdir(first.logDir)).toEqual(expect.arrayContaining(["kept-0", "kept-1"]));
      await first.stop();
      expect(await readdir(first.logDir)).toContain(".kafka_cleanshutdown");
      const second = await start({ version, dataDir });
      expect(await second.admin.listTopics()).toContain("kept");
      second.kill();
      await second.exited;
      const third = await start({ version, dataDir });
      expect(await third.admin.listTopics()).toContain("kept");
    },
  );

  it("with three brokers replicates topics; one that is killed is led in its absence, and comes back", async () => {
    const { admin, nodes, brokers } = await start({ nodes: 3 });
    expect(brokers).toBe(nodes.map(({ address }) => address).join());
    expect(new Set(nodes.map(({ pid }) => pid)).size).toBe(3);
    await admin.createTopics({ topics: [{ topic: "t", numPartitions: 3 }], waitForLeaders: true });
    const before = (await admin.fetchTopicMetadata({ topics: ["t"] })).topics[0]!.partitions;
    for (const { replicas } of before) expect(replicas.toSorted()).toEqual([1, 2, 3]);
    const [killed] = nodes as [KafkaNode];
    await killed.kill();
    await untilLed(admin, "t", (leaders) => leaders.every((leader) => leader > 0 && leader !== killed.id));
    await killed.start();
    expect(new Set((await admin.describeCluster()).brokers.map(({ nodeId }) => nodeId))).toEqual(
      new Set([1, 2, 3]),
    );
  });

  it("serves listeners that its properties name beside its own", async () => {
    const [port] = (await freePorts(1)) as [number];
    const { admin } = await start({
      properties: {
        listeners: `CLIENTS://127.0.0.1:${port}`,
        "advertised.listeners": `CLIENTS://127.0.0.1:${port}`,
        "listener.security.protocol.map": "CLIENTS:SASL_PLAINTEXT",
        "listener.name.clients.sasl.enabled.mechanisms": "PLAIN",
        "listener.name.clients.plain.sasl.jaas.config":
          'org.apache.kafka.common.security.plain.PlainLoginModule required user_ann="secret";',
      },
    });
    await admin.createTopics({ topics: [{ topic: "seen" }] });
    const client = (password: string) =>
      new Kafka({
        brokers: [`127.0.0.1:${port}`],
        sasl: { mechanism: "plain", username: "ann", password },
        logLevel: logLevel.NOTHING,
        retry: { retries: 0 },
      }).admin();
    const known = client("secret");
    await known.connect();
    onTestFinished(() => known.disconnect());
    expect(await known.listTopics()).toContain("seen");
    await expect(client("wrong").connect()).rejects.toThrow("Authentication failed");
  });

  it("runs beside another one, each with its own topics, and leaves nothing behind", async () => {
    const [a, b] = await Promise.all([start({}), start({})]);
    expect(a.brokers).not.toBe(b.brokers);
    await a.admin.createTopics({ topics: [{ topic: "of-a" }] });
    expect(await b.admin.listTopics()).not.toContain("of-a");
    await a.stop();
    expect(await b.admin.listTopics()).not.toContain("of-a");
    await expect(readdir(a.logDir)).rejects.toThrow("ENOENT");
    await b.stop();
  });

  it("that cannot start says why, from its log", async () => {
    const broken = startApacheKafka({ properties: { "metric.reporters": "no.such.Reporter" } });
    await expect(broken).rejects.toThrow(/did not start: it exited.*no\.such\.Reporter/s);
  });

  it("needs Java, and says so", async () => {
    const started = startApacheKafka({ env: { PATH: "/nonexistent" } });
    await expect(started).rejects.toThrow(
      "Expected java on the PATH, found none. Apache Kafka needs Java 17",
    );
  });
});
