import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Kafka, logLevel } from "kafkajs";
import { describe, expect, it, onTestFinished } from "vitest";
import { type ApacheKafkaOptions, startApacheKafka } from "../../infra/apache-kafka/start.ts";

async function start(options: ApacheKafkaOptions) {
  const kafka = await startApacheKafka(options);
  onTestFinished(async () => {
    kafka.kill();
    await kafka.exited;
  });
  const client = new Kafka({ brokers: [kafka.brokers], logLevel: logLevel.NOTHING });
  const admin = client.admin();
  await admin.connect();
  onTestFinished(() => admin.disconnect());
  return { ...kafka, admin };
}

async function createDataDir(): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), "apache-kafka-test-"));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  return dataDir;
}

describe("a started Apache Kafka", () => {
  it("keeps its topics in its data folder over a stop and over a kill", async () => {
    const dataDir = await createDataDir();
    const first = await start({ dataDir });
    await first.admin.createTopics({ topics: [{ topic: "kept", numPartitions: 2 }] });
    expect(await readdir(first.logDir)).toEqual(expect.arrayContaining(["kept-0", "kept-1"]));
    await first.stop();
    expect(await readdir(first.logDir)).toContain(".kafka_cleanshutdown");
    const second = await start({ dataDir });
    expect(await second.admin.listTopics()).toContain("kept");
    second.kill();
    await second.exited;
    const third = await start({ dataDir });
    expect(await third.admin.listTopics()).toContain("kept");
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
