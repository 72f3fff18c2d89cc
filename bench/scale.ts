/**
 * What another process of a consumer brings: one, two and three processes, which share the three partitions of their
 * topic, work off the same burst of records. Prints a table; docs/scaling.md quotes it. Broker and all processes are on
 * this machine, so no ratio can exceed what its cores allow.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { Kafka, logLevel, Partitioners } from "kafkajs";
import { readTopic, withAdmin } from "../test/kafka-client.ts";
import { type Platform, startBrokerProcess, startPlatform } from "../test/platform.ts";
import { until } from "../test/until.ts";

const TOPIC = "user-events";
const OUTPUT = "processed-events";
const GROUP = "analytics-group";
/** Real events, written again and again: kafkajs writes them several times as fast as anyone works them off. */
const EVENTS = 3_000;
const BURSTS = 100;
const PROCESSES = [1, 2, 3];

async function end(platform: Platform): Promise<void> {
  platform.signal("SIGTERM");
  const { code, stderr } = await platform.ended;
  if (code !== 0) throw new Error(`Expected exit code 0, got ${code}:\n${stderr.join("\n")}`);
}

const folder = await mkdtemp(join(tmpdir(), "ksp-scale-"));
const broker = await startBrokerProcess(folder);
try {
  await measure(broker.brokers);
} finally {
  broker.signal("SIGTERM");
  await broker.ended;
  await rm(folder, { recursive: true, force: true });
}

async function measure(brokers: string): Promise<void> {
  const endOf = (topic: string): Promise<number> =>
    withAdmin(brokers, async (admin) =>
      (await admin.fetchTopicOffsets(topic)).reduce((sum, { high }) => sum + Number(high), 0),
    );
  const made = await startPlatform({
    args: ["--no-api", "--only", "event-producer"],
    env: { KAFKA_BROKERS: brokers, EVENT_PRODUCER_RATE_PER_SECOND: "5000" },
  });
  await until(async () => (await endOf(TOPIC)) >= EVENTS, `${EVENTS} records in ${TOPIC}`, 60_000);
  await end(made);
  const events = (await readTopic(brokers, TOPIC)).slice(0, EVENTS);
  const messages = events.map(({ key, bytes, partition }) => ({ key, value: bytes, partition }));
  const producer = new Kafka({ brokers: brokers.split(","), logLevel: logLevel.NOTHING }).producer({
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  await producer.connect();

  const rates: number[] = [];
  for (const count of PROCESSES) {
    const running: Platform[] = [];
    for (let i = 0; i < count; i++) {
      const args = ["--no-api", "--only", "analytics-consumer"];
      running.push(await startPlatform({ args, env: { KAFKA_BROKERS: brokers } }));
    }
    await until(async () => {
      const { groups } = await withAdmin(brokers, (admin) => admin.describeGroups([GROUP]));
      const offsets = await withAdmin(brokers, (admin) =>
        admin.fetchOffsets({ groupId: GROUP, topics: [TOPIC] }),
      );
      const done = offsets
        .flatMap((topic) => topic.partitions)
        .reduce((sum, { offset }) => sum + Number(offset), 0);
      return (
        groups[0]?.members.length === count && groups[0].state === "Stable" && done === (await endOf(TOPIC))
      );
    }, `${count} members that have caught up`);
    const before = await endOf(OUTPUT);
    const start = performance.now();
    for (let burst = 0; burst < BURSTS; burst++) await producer.send({ topic: TOPIC, messages });
    // Each event makes one record there, and a few more follow sessions.
    const expected = before + EVENTS * BURSTS;
    await until(async () => (await endOf(OUTPUT)) >= expected, "the burst to be worked off", 300_000);
    rates.push((EVENTS * BURSTS) / ((performance.now() - start) / 1000));
    await Promise.all(running.map(end));
  }
  await producer.disconnect();
  process.stdout.write(
    `analytics-consumer, ${EVENTS * BURSTS} records of ${TOPIC}, ${cpus().length} cores\n`,
  );
  for (const [i, rate] of rates.entries()) {
    const times = (rate / rates[0]!).toFixed(2);
    process.stdout.write(`${PROCESSES[i]} process(es)  ${Math.round(rate)} records/s  ${times}×\n`);
  }
}
