/**
 * kill -9 of the embedded broker, again and again, while idempotent librdkafka producers write; then how long it takes
 * to start on a log of 1 GiB after one; beside the time of the process, what its own recovery took. `npx tsx bench/crash.ts [kills, default 200] [seed]`; needs kcat and
 * python3-confluent-kafka, and 1.2 GB in the system's temporary folder.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Kafka, logLevel } from "kafkajs";
import { encodeBatch } from "../infra/embedded/wire/record-batch.ts";
import { Code, produce } from "../test/broker/log-requests.ts";
import { connectRaw } from "../test/broker/raw-connection.ts";
import { bundleBroker, startBrokerProcess } from "../test/crash/broker-process.ts";
import { killUnderLoad } from "../test/crash/kill-under-load.ts";

const GIB = 1024 ** 3;
const RECORDS_PER_SECOND = 4_000;
const kills = Number(process.argv[2] ?? 200);
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000) || 1;

/** Park and Miller's generator: the same kills for the same seed, as far as a machine's own timing allows. */
function randomFrom(start: number): () => number {
  let state = start;
  return () => {
    state = (state * 48_271) % 0x7fffffff;
    return state / 0x7fffffff;
  };
}

/** Writes 1 GiB in batches of 256 KiB of 1 KiB records, kills the broker, and times its next start. */
async function recoverGibibyte(): Promise<{ startMs: number; recoveryMs: number }> {
  const bundle = await bundleBroker();
  const dataDir = await mkdtemp(join(tmpdir(), "recovery-"));
  try {
    const broker = await startBrokerProcess(bundle.entry, { port: 0, dataDir });
    const brokers = `127.0.0.1:${broker.port}`;
    const admin = new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: "big" }] });
    await admin.disconnect();
    const connection = await connectRaw(brokers);
    const record = { timestamp: Date.now(), key: null, value: Buffer.alloc(1016, "v"), headers: [] };
    const batch = encodeBatch({ baseOffset: 0, records: Array(256).fill(record) });
    for (let written = 0; written < GIB; written += batch.length) {
      const { error } = await produce(connection, { topic: "big" }, batch);
      if (error !== Code.NONE) throw new Error(`Expected the batch to be taken, got error ${error}`);
    }
    await broker.kill();
    connection.close();
    const again = await startBrokerProcess(bundle.entry, { port: 0, dataDir });
    const recoveryMs = await again.recoveryMs();
    await again.kill();
    return { startMs: again.startMs, recoveryMs };
  } finally {
    await bundle.remove();
    await rm(dataDir, { recursive: true, force: true });
  }
}

const { errors, maxStartMs, maxRecoveryMs, ...counts } = await killUnderLoad({
  kills,
  recordsPerSecond: RECORDS_PER_SECOND,
  random: randomFrom(seed),
});
const gibibyte = await recoverGibibyte();
const row = {
  seed,
  ...counts,
  refused: errors.length,
  "longest start ms": Math.round(maxStartMs),
  "longest recovery in it ms": Math.round(maxRecoveryMs),
  "start after a kill, 1 GiB, ms": Math.round(gibibyte.startMs),
  "recovery in it ms": Math.round(gibibyte.recoveryMs),
};
for (const [name, value] of Object.entries(row)) process.stdout.write(`${name.padEnd(30)} ${value}\n`);
if (counts.lost + counts.duplicated + counts.reordered + errors.length > 0) process.exitCode = 1;
