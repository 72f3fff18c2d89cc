/**
 * Kills the leader of a partition under load, again and again, on Apache Kafka 4.4.0 with three brokers that replicate
 * everything: how long until records flow through the platform again, and whether any is lost.
 * `npx tsx bench/failover.ts [kills, default 10]`
 */
import { startApacheKafka } from "../infra/apache-kafka/start.ts";
import { type Failover, killLeader } from "../test/failover.ts";
import { gaps, readTopic, startLoad } from "../test/kafka-client.ts";
import { eventIds, readProcessed, untilHolds, untilProcessed } from "../test/observe.ts";
import { startPlatform } from "../test/platform.ts";

const KILLS = Number(process.argv[2] ?? 10);
const PARTITIONS = 3;

const interrupted = new AbortController();
const started: (() => Promise<unknown>)[] = [];
const cleanUp = () => Promise.allSettled(started.map((stop) => stop()));
const interrupt = (): void => {
  interrupted.abort(new Error("Interrupted"));
  void cleanUp().then(() => process.exit(130));
};
process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
const starting = startApacheKafka({ nodes: 3, signal: interrupted.signal });
started.push(async () => (await starting).stop());
const kafka = await starting;
const platform = await startPlatform({
  env: { KAFKA_BROKERS: kafka.brokers },
  args: ["--only", "event-producer,analytics-consumer"],
});
started.push(platform.kill9);
const load = startLoad(kafka.brokers);
started.push(load.stop);
const line = (cells: readonly (string | number)[]) =>
  process.stdout.write(`${cells.map((cell) => String(cell).padStart(15)).join("")}\n`);
const seconds = (ms: number) => (ms / 1000).toFixed(1);
const row = (name: string | number, { node, controller, writtenMs, processedMs }: Failover) =>
  line([name, `${node}${controller ? " (controller)" : ""}`, seconds(writtenMs), seconds(processedMs)]);
try {
  await untilHolds(platform, "processed-events", 200);
  line(["kill", "broker", "written, s", "processed, s"]);
  const all: Failover[] = [];
  for (let i = 0; i < KILLS; i++) {
    const where = { source: "user-events", derived: "processed-events", partition: i % PARTITIONS };
    all.push(await killLeader(kafka, load, where));
    row(i + 1, all[i]!);
  }
  const most = (of: (one: Failover) => number) => seconds(Math.max(...all.map(of)));
  line(["most", "", most((one) => one.writtenMs), most((one) => one.processedMs)]);
  await load.stop();
  const events = await readTopic(kafka.brokers, "user-events");
  const written = new Set(eventIds(events));
  const lost = [...load.acknowledged].filter((id) => !written.has(id)).length;
  await untilProcessed(kafka.brokers, written);
  const processed = await readProcessed(kafka.brokers);
  const twice = [...processed.values()].filter((times) => times > 1).length;
  process.stdout.write(
    `${written.size} events written, ${load.acknowledged.size} of them by the load; acknowledged and lost: ${lost}; ` +
      `processed more than once: ${twice}; gaps in the offsets: ${gaps(events).join(", ") || "none"}\n`,
  );
  if (lost > 0 || gaps(events).length > 0) process.exitCode = 1;
} finally {
  await cleanUp();
}
