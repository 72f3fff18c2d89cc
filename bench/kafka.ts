/**
 * The embedded broker beside Apache Kafka 4.4.0: same machine, same clients, same load, both running, one after the
 * other in alternating order; medians of the rounds, and how the embedded one compares (above 1: better).
 * `npx tsx bench/kafka.ts [--short]`: 3 rounds, or 1 with less load. Needs Java; the first run fetches jars by Maven.
 */
import { randomUUID } from "node:crypto";
import { parseArgs } from "node:util";
import { Kafka, logLevel } from "kafkajs";
import { kafkajs, type Load, type LoadClient, platformatic } from "./kafka/clients.ts";
import { createJavaClient, type JavaClient } from "./kafka/java-client.ts";
import { measureLatencies, quantile } from "./kafka/latency.ts";
import { cpuSeconds, residentMiB, startApache, startEmbedded, type Target } from "./kafka/targets.ts";

const RECORDS_PER_SECOND = 500;
const { short } = parseArgs({ options: { short: { type: "boolean", default: false } } }).values;
const plan = short
  ? { rounds: 1, records: 50_000, latencySeconds: 4, starts: 2 }
  : { rounds: 3, records: 100_000, latencySeconds: 10, starts: 3 };

/** What is found, by row and broker, of all rounds. */
const rows = new Map<string, { moreIsBetter: boolean; values: Map<Target, number[]> }>();

function note(name: string, target: Target, value: number, moreIsBetter: boolean): void {
  const row = rows.get(name) ?? { moreIsBetter, values: new Map<Target, number[]>() };
  rows.set(name, row);
  row.values.set(target, [...(row.values.get(target) ?? []), value]);
}

async function createTopic({ brokers }: Target, partitions: number): Promise<string> {
  const admin = new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const topic = `bench-${randomUUID().slice(0, 8)}`;
  await admin.createTopics({ topics: [{ topic, numPartitions: partitions }], waitForLeaders: true });
  await admin.disconnect();
  return topic;
}

async function deleteTopic({ brokers }: Target, topic: string): Promise<void> {
  const admin = new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  await admin.deleteTopics({ topics: [topic] });
  await admin.disconnect();
}

/** Writes and reads once, noting throughput, and the broker's CPU per million records. */
async function measureThroughput(
  target: Target,
  client: LoadClient,
  size: Pick<Load, "partitions" | "recordBytes" | "records">,
): Promise<void> {
  const load: Load = { brokers: target.brokers, topic: await createTopic(target, size.partitions), ...size };
  const what = `${client.name}, ${size.recordBytes} B, ${size.partitions} partition${size.partitions > 1 ? "s" : ""}`;
  for (const verb of ["produce", "consume"] as const) {
    const cpuBefore = cpuSeconds(target.pid);
    const rate = await client[verb](load);
    const cpu = cpuSeconds(target.pid) - cpuBefore;
    note(`${verb} records/s, ${what}`, target, rate, true);
    const written = load.records * (client.timesTheRecords ?? 1);
    note(
      `broker CPU s per million to ${verb}, ${client.name}, ${size.recordBytes} B`,
      target,
      (cpu / written) * 1e6,
      false,
    );
  }
  await deleteTopic(target, load.topic);
}

async function measureLatency(target: Target, java: JavaClient): Promise<void> {
  const topic = await createTopic(target, 1);
  const load = {
    brokers: target.brokers,
    topic,
    partitions: 1,
    recordBytes: 100,
    records: plan.latencySeconds * RECORDS_PER_SECOND,
  };
  const { acknowledged, consumed } = await measureLatencies(load, RECORDS_PER_SECOND);
  const at = `at ${RECORDS_PER_SECOND}/s`;
  for (const [what, taken] of Object.entries({ acknowledged, consumed })) {
    note(`p50 ms ${at}, kafkajs, ${what}`, target, quantile(taken, 0.5), false);
    note(`p99 ms ${at}, kafkajs, ${what}`, target, quantile(taken, 0.99), false);
  }
  const [p50, p99] = await java.latencies(load, RECORDS_PER_SECOND);
  note(`p50 ms ${at}, ${java.name}, acknowledged`, target, p50, false);
  note(`p99 ms ${at}, ${java.name}, acknowledged`, target, p99, false);
  await deleteTopic(target, topic);
}

function print(embedded: Target, apache: Target): void {
  const format = (value: number) => (value < 100 ? value.toFixed(2) : Math.round(value).toLocaleString("en"));
  const line = (cells: readonly string[]) =>
    `${cells[0]!.padEnd(62)}${cells
      .slice(1)
      .map((cell) => cell.padStart(11))
      .join("")}\n`;
  process.stdout.write(line(["", embedded.name, apache.name, "ratio"]));
  const kindOf = (name: string) => name.split(",")[0]!;
  const kinds = [...new Set([...rows.keys()].map(kindOf))];
  const sorted = [...rows].sort(([a], [b]) => kinds.indexOf(kindOf(a)) - kinds.indexOf(kindOf(b)));
  for (const [name, { values, moreIsBetter }] of sorted) {
    const [ours, theirs] = [embedded, apache].map((target) => quantile(values.get(target)!, 0.5)) as [
      number,
      number,
    ];
    const ratio = moreIsBetter ? ours / theirs : theirs / ours;
    process.stdout.write(line([name, format(ours), format(theirs), ratio.toFixed(2)]));
  }
}

const started = performance.now();
const java = await createJavaClient();
const clients: LoadClient[] = [kafkajs, platformatic, java];
const targets: Target[] = [];
try {
  const embedded = await startEmbedded(plan.starts);
  targets.push(embedded);
  const apache = await startApache(plan.starts);
  targets.push(apache);
  for (const target of targets) {
    for (const ms of target.startsMs) note("start-up ms", target, ms, false);
    note("resident MiB, idle", target, target.idleMiB, false);
  }
  // The clients and the brokers warm up, at the load that comes.
  for (const target of targets) {
    for (const client of clients) {
      const size = { partitions: 1, recordBytes: 100, records: plan.records };
      const load = { brokers: target.brokers, topic: await createTopic(target, 1), ...size };
      await client.produce(load);
      await client.consume(load);
    }
  }
  for (let round = 0; round < plan.rounds; round++) {
    const order = round % 2 === 0 ? targets : targets.toReversed();
    for (const client of clients) {
      for (const recordBytes of [100, 1024]) {
        for (const partitions of [1, 6]) {
          const size = { partitions, recordBytes, records: plan.records };
          for (const target of order) await measureThroughput(target, client, size);
        }
      }
    }
    for (const target of order) await measureLatency(target, java);
  }
  for (const target of targets) note("resident MiB, after the load", target, residentMiB(target.pid), false);
  print(embedded, apache);
  const minutes = (performance.now() - started) / 60_000;
  process.stdout.write(`\n${plan.rounds} rounds of ${plan.records} records in ${minutes.toFixed(1)} min\n`);
} finally {
  for (const target of targets) await target.stop();
}
