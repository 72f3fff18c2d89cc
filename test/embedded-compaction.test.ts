/** Compacted topics of the embedded broker, as clients see them. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Kafka, logLevel, Partitioners } from "kafkajs";
import { describe, expect, it, onTestFinished } from "vitest";
import { type RunningBroker, startBroker } from "../infra/embedded/start.ts";
import { readTopic, withAdmin } from "./kafka-client.ts";

const COMPACTED = {
  "cleanup.policy": "compact",
  "segment.bytes": "1024",
  "min.cleanable.dirty.ratio": "0",
  "delete.retention.ms": "0",
};

async function start(dataDir: string): Promise<RunningBroker> {
  const broker = await startBroker({ port: 0, dataDir, config: { logCleanerBackoffMs: 20 } });
  onTestFinished(() => broker.stop());
  return broker;
}

const addressOf = ({ host, port }: RunningBroker): string => `${host}:${port}`;

function temporaryDir(): string {
  const dir = mkdtempSync(join(tmpdir(), "ksp-compaction-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

async function connect(broker: RunningBroker, configs: Readonly<Record<string, string>>) {
  const address = addressOf(broker);
  const configEntries = Object.entries(configs).map(([name, value]) => ({ name, value }));
  await withAdmin(address, (admin) => admin.createTopics({ topics: [{ topic: "t", configEntries }] }));
  const kafka = new Kafka({ brokers: [address], logLevel: logLevel.NOTHING });
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner, idempotent: true });
  await producer.connect();
  onTestFinished(() => producer.disconnect());
  return producer;
}

describe("a compacted topic", () => {
  it("is read to its end by kafkajs: the last value of each key, no deleted ones, also after a restart", async () => {
    const dataDir = temporaryDir();
    const broker = await start(dataDir);
    const producer = await connect(broker, COMPACTED);
    for (let round = 0; round < 30; round++) {
      const messages = Array.from({ length: 10 }, (_, i) => ({ key: `k${i}`, value: `${round}` }));
      messages.push({ key: "gone", value: "x" });
      await producer.send({ topic: "t", messages });
    }
    await producer.send({ topic: "t", messages: [{ key: "gone", value: null }] });
    const fill = { key: "last", value: "x".repeat(900) };
    for (let i = 0; i < 3; i++) await producer.send({ topic: "t", messages: [fill] });
    const read = (from: RunningBroker) => readTopic(addressOf(from), "t");
    const expected = [...Array.from({ length: 10 }, (_, i) => `k${i}=29`), "last"];
    const summary = async (from: RunningBroker) => [
      ...new Set((await read(from)).map(({ key, text }) => (key === "last" ? key : `${key}=${text}`))),
    ];
    // The tombstone goes with the second cleaning; each needs something new.
    await expect
      .poll(
        async () => {
          await producer.send({ topic: "t", messages: [fill] });
          return (await summary(broker)).sort();
        },
        { timeout: 20_000, interval: 50 },
      )
      .toEqual(expected);
    const records = await read(broker);
    expect(records.at(-1)!.key).toBe("last");
    await broker.stop();
    const again = await start(dataDir);
    expect((await summary(again)).sort()).toEqual(expected);
  });

  it("refuses a record without key", async () => {
    const broker = await start(temporaryDir());
    const producer = await connect(broker, COMPACTED);
    await expect(producer.send({ topic: "t", messages: [{ value: "x" }] })).rejects.toMatchObject({
      code: 87,
    });
  });
});
