/**
 * What another process of a consumer brings: the same backlog is worked off by one, two and three processes that share
 * the three partitions of its topic. Prints a table; docs/scaling.md reads it. Broker and all processes are on this
 * machine, so no ratio can exceed what its cores allow.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { withAdmin } from "../test/kafka-client.ts";
import { type Platform, startBrokerProcess, startPlatform } from "../test/platform.ts";
import { until } from "../test/until.ts";

const TOPIC = "user-events";
const GROUP = "analytics-group";
const BACKLOG = 200_000;
const PROCESSES = [1, 2, 3];

async function end(platform: Platform): Promise<void> {
  platform.signal("SIGTERM");
  const { code, stderr } = await platform.ended;
  if (code !== 0) throw new Error(`Expected exit code 0, got ${code}:\n${stderr.join("\n")}`);
}

const sum = (offsets: readonly { offset: string }[]): number =>
  offsets.reduce((total, { offset }) => total + Math.max(0, Number(offset)), 0);

const folder = await mkdtemp(join(tmpdir(), "ksp-scale-"));
const broker = await startBrokerProcess(folder);
const { brokers } = broker;
const committed = (): Promise<number> =>
  withAdmin(brokers, async (admin) =>
    sum((await admin.fetchOffsets({ groupId: GROUP, topics: [TOPIC] })).flatMap((topic) => topic.partitions)),
  );

const producer = await startPlatform({
  args: ["--no-api", "--only", "event-producer"],
  env: { KAFKA_BROKERS: brokers, EVENT_PRODUCER_RATE_PER_SECOND: "10000" },
});
const written = (): Promise<number> =>
  withAdmin(brokers, async (admin) => sum(await admin.fetchTopicOffsets(TOPIC)));
await until(async () => (await written()) >= BACKLOG, `${BACKLOG} records in ${TOPIC}`, 300_000);
await end(producer);
const total = await written();

const rates: number[] = [];
for (const count of PROCESSES) {
  const running: Platform[] = [];
  for (let i = 0; i < count; i++) {
    running.push(
      await startPlatform({
        args: ["--no-api", "--only", "analytics-consumer"],
        env: { KAFKA_BROKERS: brokers },
      }),
    );
  }
  // From when all have partitions and are at work.
  let from = 0;
  await until(async () => {
    const { groups } = await withAdmin(brokers, (admin) => admin.describeGroups([GROUP]));
    from = await committed();
    return groups[0]?.members.length === count && groups[0].state === "Stable" && from > 0;
  }, `${count} members at work`);
  const start = performance.now();
  await until(async () => (await committed()) === total, "the backlog to be worked off", 300_000);
  rates.push((total - from) / ((performance.now() - start) / 1000));
  await Promise.all(running.map(end));
  await withAdmin(brokers, (admin) => admin.deleteGroups([GROUP]));
}

broker.signal("SIGTERM");
await broker.ended;
await rm(folder, { recursive: true, force: true });
process.stdout.write(`analytics-consumer, ${total} records of ${TOPIC}, ${cpus().length} cores\n`);
for (const [i, rate] of rates.entries()) {
  const times = (rate / rates[0]!).toFixed(2);
  process.stdout.write(`${PROCESSES[i]} process(es)  ${Math.round(rate)} records/s  ${times}×\n`);
}
