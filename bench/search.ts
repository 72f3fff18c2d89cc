/**
 * Search on this machine: one planted record among a million in the embedded broker (a process of its own). Prints for
 * each kind of search the records looked through a second and the longest that the searching process was busy with it
 * at a time, which is how long everybody else waited. `npx tsx bench/search.ts [records]`
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { CompressionTypes, Partitioners } from "kafkajs";
import { createBrowse } from "../runtime/browse.ts";
import type { BrowseRequest, SearchEvent } from "../runtime/browse-view.ts";
import { createCluster } from "../runtime/cluster.ts";
import { startEmbedded } from "../runtime/embedded.ts";
import { createKafkaFactory } from "../runtime/kafka.ts";
import { createLogger } from "../runtime/log.ts";

const RECORDS = Number(process.argv[2] ?? 1_000_000);
const PARTITIONS = 3;
const BATCH = 1_000;
/** Where the planted record is: near the end of a search that goes forward. */
const PLANTED = Math.floor(RECORDS * 0.9);

const dataDir = mkdtempSync(join(tmpdir(), "ksp-bench-search-"));
const log = await createLogger("error");
const broker = await startEmbedded({
  entry: join(import.meta.dirname, "..", "infra", "embedded", "main.ts"),
  metricsPort: null,
  flush: "os",
  flushIntervalMs: 1_000,
  port: 0,
  dataDir,
  logLevel: "error",
  log,
});
const kafka = createKafkaFactory({ brokers: broker.brokers, clientId: "bench" }, log);

const toMessage = (i: number) => ({
  key: `user_${1000 + (i % 997)}`,
  partition: i % PARTITIONS,
  timestamp: String(Date.UTC(2026, 10, 22) + i),
  value: JSON.stringify({
    event_id: `event-${i}`,
    event_type: ["view", "click", "purchase"][i % 3],
    user_id: `user_${1000 + (i % 997)}`,
    amount: i === PLANTED ? -1 : (i % 10_000) / 100,
    note: i === PLANTED ? "planted-needle" : "nothing to see",
    page: "/products",
  }),
});

async function fill(topic: string, compression: CompressionTypes): Promise<void> {
  const admin = kafka("fill").admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: PARTITIONS, replicationFactor: 1 }] });
  await admin.disconnect();
  const producer = kafka("fill").producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  for (let from = 0; from < RECORDS; from += BATCH) {
    const messages = Array.from({ length: Math.min(BATCH, RECORDS - from) }, (_, i) => toMessage(from + i));
    await producer.send({ topic, messages, compression });
  }
  await producer.disconnect();
}

const browse = createBrowse(
  () => createCluster(kafka("browse")),
  () => performance.now(),
);

async function search(topic: string, given: Partial<BrowseRequest>) {
  const request: BrowseRequest = {
    topic,
    mode: "oldest",
    partitions: null,
    offset: null,
    timestamp: null,
    from: null,
    until: null,
    limit: 50,
    pageToken: null,
    q: null,
    regex: null,
    filter: null,
    ...given,
  };
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const start = performance.now();
  let last: SearchEvent | undefined;
  let progress = 0;
  for await (const event of await browse.search(request, new AbortController().signal)) {
    last = event;
    if (event.kind === "progress") progress += 1;
  }
  const ms = performance.now() - start;
  delay.disable();
  if (last?.kind !== "done" || last.matched !== 1)
    throw new Error(`Expected the planted record, got ${JSON.stringify(last)}`);
  return {
    "found after (s)": (ms / 1000).toFixed(2),
    "records/s": Math.round((last.scanned / ms) * 1000).toLocaleString("en"),
    "busy at most (ms)": (delay.max / 1e6).toFixed(1),
    "p99 (ms)": (delay.percentile(99) / 1e6).toFixed(1),
    progress,
  };
}

const SEARCHES: Record<string, Partial<BrowseRequest>> = {
  "text, any case": { q: "PLANTED-needle" },
  "text, backward": { q: "PLANTED-needle", mode: "newest" },
  "regular expression": { regex: 'planted-[a-z]{6}"' },
  CEL: { filter: "value.amount < 0" },
};

try {
  const rows: Record<string, object> = {};
  for (const [name, compression] of [
    ["plain", CompressionTypes.None],
    ["gzip", CompressionTypes.GZIP],
  ] as const) {
    await fill(name, compression);
    for (const [kind, given] of Object.entries(SEARCHES))
      rows[`${name}: ${kind}`] = await search(name, given);
  }
  // biome-ignore lint/suspicious/noConsole: a table is what this prints
  console.table(rows);
} finally {
  browse.stop();
  await broker.stop();
  rmSync(dataDir, { recursive: true });
}
