/**
 * The live stream under load: 500 pages follow a topic that gets 5,000 records/s, for 20 s. Prints what the server
 * uses, how prompt it still is, and what arrives.
 * `npx tsx bench/stream.ts [clients] [records/s] [seconds]`
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Kafka, logLevel, Partitioners } from "kafkajs";

const [clients = 500, perSecond = 5_000, seconds = 20] = process.argv.slice(2).map(Number);
const TOPIC = "bench";
const PARTITIONS = 3;
const BURST_MS = 20;
const STATS_MS = 50;
const TICKS_PER_SECOND = 100; // of the kernel's CPU clock

/** The pages, in a process of their own: counts what comes, and prints it when it is told to stop. */
async function follow(url: string, count: number): Promise<void> {
  const seen = { messages: 0, sampled: 0, slow: 0, bytes: 0 };
  const requests = Array.from({ length: count }, () => {
    const request = get(`${url}/api/stream?topics=${TOPIC}&stats=1&lag=1`, { agent: false });
    request.on("error", () => {}); // it is destroyed in the end
    return request;
  });
  await Promise.all(
    requests.map(async (request) => {
      const [response] = await once(request, "response");
      if (response.statusCode !== 200) throw new Error(`Expected status 200, got ${response.statusCode}`);
      let rest = "";
      response.on("error", () => {}); // it is destroyed in the end
      response.on("data", (bytes: Buffer) => {
        seen.bytes += bytes.length;
        const blocks = (rest + bytes.toString("latin1")).split("\n\n");
        rest = blocks.pop()!;
        for (const block of blocks) {
          if (block.includes("event: message\n")) seen.messages += 1;
          const [, lost, reason] = /^event: dropped\n.*"count":(\d+),"reason":"(\w+)"/.exec(block) ?? [];
          if (lost !== undefined) seen[reason as "sampled" | "slow"] += Number(lost);
        }
      });
    }),
  );
  process.stdout.write("open\n");
  process.stdin.resume();
  await once(process.stdin, "end");
  process.stdout.write(`${JSON.stringify(seen)}\n`);
  for (const request of requests) request.destroy();
}

async function measure(): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), "ksp-bench-stream-"));
  const platform = spawn(
    process.execPath,
    ["--import", "tsx", join(import.meta.dirname, "../runtime/main.ts"), "start"],
    {
      env: { ...process.env, HTTP_PORT: "0", EMBEDDED_KAFKA_PORT: "0", DATA_DIR: dataDir },
      stdio: ["ignore", "ignore", "pipe"],
    },
  );
  try {
    await run(platform);
  } finally {
    platform.kill("SIGTERM");
    await once(platform, "exit");
    rmSync(dataDir, { recursive: true });
  }
}

async function run(platform: ChildProcess): Promise<void> {
  const { url, brokers } = await addressesOf(platform);
  const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: TOPIC, numPartitions: PARTITIONS }] });
  await admin.disconnect();
  await untilKnown(url);
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();

  const pid = platform.pid!;
  const rows: [string, string][] = [["server RSS before", mib(rssOf(pid))]];
  const pages = spawn(
    process.execPath,
    ["--import", "tsx", import.meta.filename, "follow", url, String(clients)],
    {
      stdio: ["pipe", "pipe", "inherit"],
    },
  );
  const lines = createInterface({ input: pages.stdout! })[Symbol.asyncIterator]();
  await lines.next();
  rows.push([`server RSS with ${clients} clients, no load`, mib(rssOf(pid))]);

  const load = { produced: 0, latencies: [] as number[], rss: [] as number[] };
  const cpu = cpuOf(pid);
  const began = performance.now();
  const over = (): boolean => performance.now() - began >= seconds * 1_000;
  const produce = async (): Promise<void> => {
    while (!over()) {
      const due = Math.floor(((performance.now() - began) * perSecond) / 1_000) - load.produced;
      const messages = Array.from({ length: due }, (_, i) => toMessage(load.produced + i));
      if (due > 0) await producer.send({ topic: TOPIC, messages, acks: 1 });
      load.produced += due;
      await pause(BURST_MS);
    }
  };
  const ask = async (): Promise<void> => {
    while (!over()) {
      const asked = performance.now();
      await (await fetch(`${url}/api/stats`)).arrayBuffer();
      load.latencies.push(performance.now() - asked);
      load.rss.push(rssOf(pid));
      await pause(STATS_MS);
    }
  };
  await Promise.all([produce(), ask()]);
  const took = (performance.now() - began) / 1_000;
  const used = (cpuOf(pid) - cpu) / TICKS_PER_SECOND;
  pages.stdin!.end();
  const seen = JSON.parse((await lines.next()).value) as Record<
    "messages" | "sampled" | "slow" | "bytes",
    number
  >;
  await once(pages, "exit");
  await producer.disconnect();

  const latencies = load.latencies.sort((a, b) => a - b);
  const at = (share: number): string =>
    `${latencies[Math.floor((latencies.length - 1) * share)]!.toFixed(1)} ms`;
  const each = (n: number): string => `${(n / clients / took).toFixed(1)}/s a client`;
  rows.push(
    ["server RSS, median of the run", mib(load.rss.toSorted((a, b) => a - b)[load.rss.length >> 1]!)],
    ["server RSS, peak", mib(Math.max(...load.rss))],
    ["server CPU", `${((used / took) * 100).toFixed(0)} % of a core`],
    ["records produced", `${(load.produced / took).toFixed(0)}/s`],
    ["messages delivered", each(seen.messages)],
    ["told as dropped: sampled", each(seen.sampled)],
    ["told as dropped: slow", each(seen.slow)],
    [
      "accounted for",
      `${(((seen.messages + seen.sampled + seen.slow) / clients / load.produced) * 100).toFixed(1)} %`,
    ],
    ["sent", `${(seen.bytes / took / 2 ** 20).toFixed(1)} MiB/s`],
    [`/api/stats p50 of ${latencies.length}`, at(0.5)],
    ["/api/stats p99", at(0.99)],
    ["/api/stats worst", at(1)],
  );
  process.stdout.write(`\n${clients} clients, ${perSecond} records/s, ${took.toFixed(0)} s\n`);
  for (const [what, value] of rows) process.stdout.write(`${what.padEnd(44)}${value.padStart(18)}\n`);
}

function toMessage(n: number) {
  const value = {
    n,
    event_type: "view",
    user_id: `user_${n % 1_000}`,
    page: "/products/1234",
    note: "x".repeat(150),
  };
  return { key: `user_${n % 1_000}`, value: JSON.stringify(value) };
}

/** From the log: where the API and the broker are. */
async function addressesOf(platform: ChildProcess): Promise<{ url: string; brokers: string[] }> {
  let brokers: string[] | null = null;
  for await (const line of createInterface({ input: platform.stderr! })) {
    brokers ??= /started on Kafka at ([\d.:, ]+)/.exec(line)?.[1]?.split(", ") ?? null;
    const [, url] = /web page and API: (http:[\w./:]+)/.exec(line) ?? [];
    if (url !== undefined && brokers !== null) {
      platform.stderr!.resume();
      return { url, brokers };
    }
  }
  throw new Error("Expected the platform to start, but it ended");
}

async function untilKnown(url: string): Promise<void> {
  while ((await fetch(`${url}/api/messages/${TOPIC}`)).status !== 200) await pause(200);
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const mib = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
const rssOf = (pid: number): number =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]) * 1024;

/** User and system time so far, in ticks. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

if (process.argv[2] === "follow") await follow(process.argv[3]!, Number(process.argv[4]));
else await measure();
