/**
 * The whole platform on this machine, as `npm start` runs it: how soon it is there, what it costs when it idles along,
 * and what goes through it. Prints a table. Takes about two minutes; Linux only, for it reads /proc.
 */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { countOf, groupsOf, untilCaughtUp, untilHolds } from "../test/observe.ts";
import { type Platform, startPlatform } from "../test/platform.ts";
import { until } from "../test/until.ts";

const TOPICS = [
  "user-events",
  "application-logs",
  "system-metrics",
  "processed-events",
  "alerts",
  "anomalies",
];
const IDLE_MS = 30_000;
const LOAD_MS = 20_000;
const RATE_PER_SECOND = 5_000;
const TICKS_PER_SECOND = Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));

const rows: [what: string, measured: string][] = [];
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const secondsSince = (start: number): number => (performance.now() - start) / 1000;

/** Fields of /proc/<pid>/stat from the third (state) on: the second, the name, may hold blanks. */
function statOf(pid: string): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return []; // it has ended since the folder was read
  }
}

/** All processes of a platform: it and what it started are a process group. */
const processesOf = ({ pid }: Platform): string[] =>
  readdirSync("/proc").filter((name) => /^\d+$/.test(name) && Number(statOf(name)[2]) === pid);

/** CPU time that all processes of a platform have had so far, s. */
function cpuSeconds(platform: Platform): number {
  const ticks = processesOf(platform).map((pid) => {
    const stat = statOf(pid);
    return Number(stat[11]) + Number(stat[12]);
  });
  return ticks.reduce((sum, one) => sum + one, 0) / TICKS_PER_SECOND;
}

/** Memory of all processes of a platform, with what they share counted once, MB. */
function pssMb(platform: Platform): number {
  const kib = processesOf(platform).map((pid) =>
    Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))![1]),
  );
  return (kib.reduce((sum, one) => sum + one, 0) * 1024) / 1e6;
}

/** Per cent of one core over `ms`. */
async function cpuPercent(platform: Platform, ms: number): Promise<string> {
  const [cpu, start] = [cpuSeconds(platform), performance.now()];
  await wait(ms);
  return `${(((cpuSeconds(platform) - cpu) / secondsSince(start)) * 100).toFixed(1)} % of a core`;
}

async function stop(platform: Platform): Promise<void> {
  platform.signal("SIGTERM");
  const { code } = await platform.ended;
  if (code !== 0) throw new Error(`Expected exit code 0, got ${code}:\n${platform.stderr.join("\n")}`);
}

async function measureStartAndIdling(): Promise<void> {
  const start = performance.now();
  const platform = await startPlatform();
  await platform.untilHealthy();
  rows.push(["process start to healthy", `${(secondsSince(start) * 1000).toFixed(0)} ms (to 50 ms)`]);
  for (const topic of TOPICS) {
    await until(async () => (await countOf(platform, topic)) > 0, `records in ${topic}`, 120_000);
  }
  await untilCaughtUp(platform, 3);
  rows.push(["to records in all six topics, lag 0", `${secondsSince(start).toFixed(1)} s`]);
  rows.push(["CPU at the base rates", await cpuPercent(platform, IDLE_MS)]);
  const processes = processesOf(platform).length;
  rows.push(["memory (PSS)", `${pssMb(platform).toFixed(0)} MB in ${processes} processes`]);
  await stop(platform);
}

async function measureThroughput(): Promise<void> {
  const platform = await startPlatform({
    args: ["--only", "event-producer,analytics-consumer"],
    env: { EVENT_PRODUCER_RATE_PER_SECOND: String(RATE_PER_SECOND) },
  });
  await untilHolds(platform, "processed-events", RATE_PER_SECOND); // warm
  const recordsIn = async (): Promise<number> =>
    (await platform.get<{ records_in: number }>("/api/functions/analytics-consumer")).records_in;
  const [before, start] = [await recordsIn(), performance.now()];
  const cpu = await cpuPercent(platform, LOAD_MS);
  const perSecond = ((await recordsIn()) - before) / secondsSince(start);
  rows.push([
    `through analytics-consumer, ${RATE_PER_SECOND}/s offered`,
    `${perSecond.toFixed(0)} records/s`,
  ]);
  rows.push(["its lag then", `${(await groupsOf(platform))[0]!.lag} records`]);
  rows.push(["CPU and memory (PSS) then", `${cpu}, ${pssMb(platform).toFixed(0)} MB`]);
  await stop(platform);
}

await measureStartAndIdling();
await measureThroughput();
const width = Math.max(...rows.map(([what]) => what.length));
process.stdout.write(`${rows.map(([what, measured]) => `${what.padEnd(width)}  ${measured}`).join("\n")}\n`);
