/**
 * What metrics cost: the time and size of a scrape, with few partitions and with 500 more, and the CPU time of a busy
 * platform that is scraped every 5 s to that of one that is not. Prints a table. Takes about two minutes.
 */
import { readExposition } from "../test/exposition.ts";
import { withAdmin } from "../test/kafka-client.ts";
import { untilHolds } from "../test/observe.ts";
import { startPlatform } from "../test/platform.ts";
import { until } from "../test/until.ts";

const SCRAPES = 50;
const PARTITIONS = 500;
const RATE_PER_SECOND = 5_000;
const EVERY_MS = 5_000;
const PHASE_MS = 15_000;
const ROUNDS = 3;

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const platform = await startPlatform({
  args: ["--only", "event-producer,analytics-consumer"],
  env: { EVENT_PRODUCER_RATE_PER_SECOND: String(RATE_PER_SECOND) },
});
const scrape = async (): Promise<string> => (await fetch(`${platform.url}/metrics`)).text();
const read = async (name: string): Promise<number> => readExposition(await scrape()).get(name) ?? 0;

/** Median time in ms, and size, one scrape after the other. */
async function measureScrapes(): Promise<string> {
  const times: number[] = [];
  for (let i = 0; i < SCRAPES; i++) {
    const start = performance.now();
    await scrape();
    times.push(performance.now() - start);
  }
  const text = await scrape();
  const median = times.sort((a, b) => a - b)[SCRAPES / 2]!;
  return `${median.toFixed(1)} ms, ${(text.length / 1024).toFixed(0)} KiB, ${readExposition(text).size} series`;
}

/** CPU time that the platform's process takes in a phase, s. */
async function cpuSeconds(scraped: boolean): Promise<number> {
  const before = await read("process_cpu_seconds_total");
  if (scraped) for (let ms = 0; ms < PHASE_MS; ms += EVERY_MS) await Promise.all([wait(EVERY_MS), scrape()]);
  else await wait(PHASE_MS);
  return (await read("process_cpu_seconds_total")) - before;
}

const partitionsKnown = (): Promise<number> => read('kafka_topic_partitions{topic="wide"}');

await untilHolds(platform, "processed-events", RATE_PER_SECOND); // warm
const rows: [what: string, measured: string][] = [["a scrape under load", await measureScrapes()]];
await withAdmin(platform.brokers, (admin) =>
  admin.createTopics({ topics: [{ topic: "wide", numPartitions: PARTITIONS }] }),
);
await until(async () => (await partitionsKnown()) === PARTITIONS, "the partitions to be seen");
rows.push([`with ${PARTITIONS} partitions more`, await measureScrapes()]);
// In turns, so that what else the machine does befalls both.
let [without, scraped] = [0, 0];
for (let i = 0; i < ROUNDS; i++) {
  without += await cpuSeconds(false);
  scraped += await cpuSeconds(true);
}
rows.push([
  `CPU time, scraped every ${EVERY_MS / 1000} s to not scraped, ${RATE_PER_SECOND} records/s offered`,
  `${(scraped / without).toFixed(2)} (${scraped.toFixed(1)} s to ${without.toFixed(1)} s in ${(ROUNDS * PHASE_MS) / 1000} s)`,
]);
await platform.kill9();
const width = Math.max(...rows.map(([what]) => what.length));
process.stdout.write(`${rows.map(([what, measured]) => `${what.padEnd(width)}  ${measured}`).join("\n")}\n`);
