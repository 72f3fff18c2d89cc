/** Kills the broker again and again while librdkafka's idempotent producers write, and counts what became of it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePorts } from "../../infra/apache-kafka/free-ports.ts";
import { runTool } from "../../infra/apache-kafka/run-tool.ts";
import { bundleBroker, startBrokerProcess } from "./broker-process.ts";

/** Debian's, for which python3-confluent-kafka is. */
export const PYTHON = "/usr/bin/python3";
const PRODUCERS = fileURLToPath(new URL("idempotent-producers.py", import.meta.url));
const TOPIC = "crash";
const PARTITIONS = 3;
const PRODUCER_COUNT = 4;
const LONGEST_LIFE_MS = 700;

export interface KillsOutcome {
  readonly kills: number;
  readonly acknowledged: number;
  /** Acknowledged, but not in the log. */
  readonly lost: number;
  /** In the log more than once. */
  readonly duplicated: number;
  /** Behind one that its producer sent later to the same partition. */
  readonly reordered: number;
  /** What producers were told was not written. */
  readonly errors: readonly string[];
  /** From the start of the broker's process until it served again. */
  readonly maxStartMs: number;
  /** Of that, the broker's own: reading everything back. */
  readonly maxRecoveryMs: number;
}

/**
 * @param random from 0 to 1: when the next kill comes
 * @param recordsPerSecond of all producers
 */
export async function killUnderLoad(options: {
  kills: number;
  recordsPerSecond: number;
  random: () => number;
}): Promise<KillsOutcome> {
  const bundle = await bundleBroker();
  const dataDir = await mkdtemp(join(tmpdir(), "kills-"));
  const [port] = (await freePorts(1)) as [number];
  const start = () => startBrokerProcess(bundle.entry, { port, dataDir });
  let broker = await start();
  const brokers = `127.0.0.1:${port}`;
  const args = [PRODUCERS, brokers, TOPIC, PARTITIONS, PRODUCER_COUNT, options.recordsPerSecond].map(String);
  let producers: ReturnType<typeof spawn> | undefined;
  try {
    await createTopic(brokers);
    producers = spawn(PYTHON, args, { stdio: ["pipe", "pipe", "inherit"] });
    const printed = text(producers.stdout!);
    let maxStartMs = 0;
    let maxRecoveryMs = 0;
    for (let kill = 0; kill < options.kills; kill++) {
      await delay(options.random() * LONGEST_LIFE_MS);
      await broker.kill();
      broker = await start();
      maxStartMs = Math.max(maxStartMs, broker.startMs);
      maxRecoveryMs = Math.max(maxRecoveryMs, await broker.recoveryMs());
    }
    producers.stdin!.end();
    const report = JSON.parse(await printed) as { sent: number[]; acknowledged: number[]; errors: string[] };
    const total = (counts: number[]) => counts.reduce((sum, each) => sum + each, 0);
    const acknowledged = total(report.acknowledged);
    // Else one that was never answered could stand for one that was lost.
    if (acknowledged + report.errors.length !== total(report.sent)) {
      throw new Error(`Expected ${total(report.sent)} records to be answered, got ${acknowledged}`);
    }
    const counts = await readBack(brokers, report.sent, acknowledged);
    return {
      kills: options.kills,
      acknowledged,
      ...counts,
      errors: report.errors,
      maxStartMs,
      maxRecoveryMs,
    };
  } finally {
    producers?.kill("SIGKILL");
    await broker.kill();
    await bundle.remove();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function createTopic(brokers: string): Promise<void> {
  const script = `from confluent_kafka.admin import AdminClient, NewTopic
admin = AdminClient({"bootstrap.servers": "${brokers}"})
admin.create_topics([NewTopic("${TOPIC}", ${PARTITIONS}, 1)])["${TOPIC}"].result()`;
  await runTool(PYTHON, ["-c", script], process.env, "");
}

/** Reads the topic with kcat, which checks each batch's CRC. */
async function readBack(brokers: string, sent: readonly number[], acknowledged: number) {
  const check = ["-X", "check.crcs=true"];
  const kcat = spawn("kcat", ["-b", brokers, "-C", "-e", "-q", "-t", TOPIC, "-f", "%p %s\\n", ...check], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(kcat, "exit");
  const seen = sent.map((count) => new Uint8Array(count));
  const latest = new Map<string, number>();
  let duplicated = 0;
  let reordered = 0;
  let present = 0;
  for await (const line of createInterface(kcat.stdout)) {
    const [partition, producer, sequence] = line.split(" ").map(Number) as [number, number, number];
    if (seen[producer]![sequence]) duplicated += 1;
    else present += 1;
    seen[producer]![sequence] = 1;
    const key = `${partition} ${producer}`;
    if (sequence <= (latest.get(key) ?? -1)) reordered += 1;
    latest.set(key, sequence);
  }
  const [code] = await exited;
  if (code !== 0) throw new Error(`kcat ended with ${code}`);
  return { lost: Math.max(0, acknowledged - present), duplicated, reordered };
}
