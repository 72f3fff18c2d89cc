import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { fetchJars } from "../../infra/apache-kafka/jars.ts";
import { runTool } from "../../infra/apache-kafka/run-tool.ts";
import { startBroker } from "../../infra/embedded/start.ts";
import { createBrokerUnderTest } from "../broker/broker-under-test.ts";

const PROGRAM = fileURLToPath(new URL("Transactions.java", import.meta.url));

it("serves the transactions of Kafka's own client, with offsets of a group member, and fences its zombies", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "java-transactions-"));
  onTestFinished(() => rm(dataDir, { recursive: true }));
  const broker = await startBroker({ port: 0, dataDir });
  onTestFinished(() => broker.stop());
  const brokers = `127.0.0.1:${broker.port}`;
  const admin = await createBrokerUnderTest(() => brokers).admin();
  await admin.createTopics({ topics: [{ topic: "in" }, { topic: "out" }] });

  const jars = await fetchJars("4.4.0", process.env);
  const args = ["-cp", join(jars, "*"), PROGRAM, brokers];
  const printed = await runTool("java", args, process.env, "Kafka's client needs a JDK 17 or newer");
  expect(printed.trim().split("\n")).toEqual([
    "in: [a, c]",
    "before the commit: unstable",
    "committed is the position: true",
    "out: [A, C]",
    expect.stringMatching(/^zombie: (ProducerFenced|InvalidProducerEpoch)Exception$/),
    "in: [a, c, d]",
  ]);
});
