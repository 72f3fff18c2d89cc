/**
 * The embedded broker beside Apache Kafka 4.4.0: same machine, same clients, same load, one after the other.
 * `npx tsx bench/kafka.ts [thousands of records a run, default 100]`; the first run fetches Apache Kafka by Maven.
 * Linux: CPU time and memory are read from /proc. Prints both and how the embedded one compares (above 1: better).
 */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Producer as PlatformaticProducer } from "@platformatic/kafka";
import { Kafka, logLevel, Partitioners } from "kafkajs";
import { startApacheKafka } from "../infra/apache-kafka/start.ts";
import { bundleBroker, startBrokerProcess } from "../test/crash/broker-process.ts";

const RECORDS = Number(process.argv[2] ?? 100) * 1000;
const BATCH_RECORDS = 500;
const IN_FLIGHT = 5;
const LATENCY_SECONDS = 5;
const RECORDS_PER_SECOND = 500;
const CLOCK_TICKS_PER_SECOND = 100;

interface Target {
  readonly brokers: string;
  readonly pid: number;
}

/** A row of the table: what is measured, and whether more of it is better. */
type Measured = Map<string, { value: number; moreIsBetter: boolean }>;

const clientOf = ({ brokers }: Target) => new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING });

async function createTopic(target: Target, partitions: number): Promise<string> {
  const admin = clientOf(target).admin();
  await admin.connect();
  const topic = `bench-${randomUUID().slice(0, 8)}`;
  await admin.createTopics({ topics: [{ topic, numPartitions: partitions }], waitForLeaders: true });
  await admin.disconnect();
  return topic;
}

/** Seconds that `run` takes for each of the batches, a few at a time. */
async function time(run: (batch: number) => Promise<unknown>): Promise<number> {
  const started = performance.now();
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < RECORDS / BATCH_RECORDS) await run(next++);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  return (performance.now() - started) / 1000;
}

async function produceByKafkajs(
  target: Target,
  topic: string,
  value: Buffer,
  partitions: number,
): Promise<number> {
  const producer = clientOf(target).producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  const send = (batch: number) =>
    producer.send({ topic, messages: Array(BATCH_RECORDS).fill({ value, partition: batch % partitions }) });
  const seconds = await time(send);
  await producer.disconnect();
  return seconds;
}

async function produceByPlatformatic(
  target: Target,
  topic: string,
  value: Buffer,
  partitions: number,
): Promise<number> {
  const producer = new PlatformaticProducer({ clientId: "bench", bootstrapBrokers: [target.brokers] });
  const send = (batch: number) =>
    producer.send({
      acks: -1,
      messages: Array(BATCH_RECORDS).fill({ topic, value, partition: batch % partitions }),
    });
  const seconds = await time(send);
  await producer.close();
  return seconds;
}

async function consumeByKafkajs(target: Target, topic: string): Promise<number> {
  const consumer = clientOf(target).consumer({ groupId: topic, maxWaitTimeInMs: 100 });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  let read = 0;
  let started = 0;
  // Joining the group is not what is measured.
  consumer.on(consumer.events.GROUP_JOIN, () => {
    started = performance.now();
  });
  await new Promise<void>((resolve) => {
    void consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch }) => {
        read += batch.messages.length;
        if (read >= RECORDS) resolve();
      },
    });
  });
  const seconds = (performance.now() - started) / 1000;
  await consumer.disconnect();
  return seconds;
}

/** Milliseconds from sending one record to its acknowledgement, at a steady rate: the median and the 99th percentile. */
async function latencies(target: Target): Promise<[p50: number, p99: number]> {
  const topic = await createTopic(target, 1);
  const producer = clientOf(target).producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  const value = Buffer.alloc(100, "v");
  await producer.send({ topic, messages: [{ value }] });
  const taken: number[] = [];
  const pending: Promise<unknown>[] = [];
  const started = performance.now();
  for (let i = 0; i < LATENCY_SECONDS * RECORDS_PER_SECOND; i++) {
    const wait = started + (i * 1000) / RECORDS_PER_SECOND - performance.now();
    if (wait > 0) await delay(wait);
    const sent = performance.now();
    const done = () => taken.push(performance.now() - sent);
    pending.push(producer.send({ topic, messages: [{ value }] }).then(done));
  }
  await Promise.all(pending);
  await producer.disconnect();
  taken.sort((a, b) => a - b);
  return [taken[Math.floor(taken.length * 0.5)]!, taken[Math.floor(taken.length * 0.99)]!];
}

/** Seconds of CPU that the process has used. */
function cpuSeconds({ pid }: Target): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const [utime, stime] = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .slice(11, 13)
    .map(Number) as [number, number];
  return (utime + stime) / CLOCK_TICKS_PER_SECOND;
}

function residentMiB({ pid }: Target): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]) / 1024;
}

async function measure(target: Target, startMs: number): Promise<Measured> {
  const measured: Measured = new Map();
  const less = (name: string, value: number) => measured.set(name, { value, moreIsBetter: false });
  const more = (name: string, value: number) => measured.set(name, { value, moreIsBetter: true });
  less("start-up ms", startMs);
  less("resident MiB, idle", residentMiB(target));
  const warmUp = await createTopic(target, 1); // of the clients too: one of the brokers is measured first
  await produceByKafkajs(target, warmUp, Buffer.alloc(100), 1);
  await consumeByKafkajs(target, warmUp);
  await produceByPlatformatic(target, warmUp, Buffer.alloc(100), 1);
  const cpuBefore = cpuSeconds(target);
  let records = 0;
  for (const size of [100, 1024]) {
    for (const partitions of [1, 6]) {
      const what = `${size} B, ${partitions} partition${partitions > 1 ? "s" : ""}`;
      const value = Buffer.alloc(size, "v");
      const topic = await createTopic(target, partitions);
      more(
        `produce records/s, kafkajs, ${what}`,
        RECORDS / (await produceByKafkajs(target, topic, value, partitions)),
      );
      more(`consume records/s, kafkajs, ${what}`, RECORDS / (await consumeByKafkajs(target, topic)));
      const other = await createTopic(target, partitions);
      const seconds = await produceByPlatformatic(target, other, value, partitions);
      more(`produce records/s, @platformatic, ${what}`, RECORDS / seconds);
      records += 3 * RECORDS;
    }
  }
  less("CPU s per million records", ((cpuSeconds(target) - cpuBefore) / records) * 1e6);
  const [p50, p99] = await latencies(target);
  less(`p50 ms at ${RECORDS_PER_SECOND}/s, kafkajs`, p50);
  less(`p99 ms at ${RECORDS_PER_SECOND}/s, kafkajs`, p99);
  less("resident MiB, after the load", residentMiB(target));
  return measured;
}

async function measureEmbedded(): Promise<Measured> {
  const bundle = await bundleBroker();
  const dataDir = await mkdtemp(join(tmpdir(), "bench-kafka-"));
  const broker = await startBrokerProcess(bundle.entry, { port: 0, dataDir });
  try {
    return await measure({ brokers: `127.0.0.1:${broker.port}`, pid: broker.child.pid! }, broker.startMs);
  } finally {
    await broker.kill();
    await bundle.remove();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function measureApache(): Promise<Measured> {
  const started = performance.now();
  const kafka = await startApacheKafka();
  try {
    return await measure(kafka, performance.now() - started);
  } finally {
    await kafka.stop();
  }
}

const [embedded, apache] = [await measureEmbedded(), await measureApache()];
const format = (value: number) => (value < 100 ? value.toFixed(1) : Math.round(value).toLocaleString("en"));
process.stdout.write(
  `${"".padEnd(52)}${"embedded".padStart(12)}${"Apache".padStart(12)}${"ratio".padStart(8)}\n`,
);
for (const [name, { value, moreIsBetter }] of embedded) {
  const other = apache.get(name)!.value;
  const ratio = moreIsBetter ? value / other : other / value;
  const cells = [format(value).padStart(12), format(other).padStart(12), ratio.toFixed(2).padStart(8)];
  process.stdout.write(`${name.padEnd(52)}${cells.join("")}\n`);
}
