/** Sends a broker process what no client would, while another client checks that it is served as ever. */
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Kafka, logLevel } from "kafkajs";
import { FrameReader } from "../../infra/embedded/wire/frame.ts";
import { encodeBatch } from "../../infra/embedded/wire/record-batch.ts";
import { Code, fetch, produce } from "../broker/log-requests.ts";
import { connectRaw, type RawConnection } from "../broker/raw-connection.ts";
import { type BrokerProcess, bundleBroker, startBrokerProcess } from "../crash/broker-process.ts";
import { mutateBatch, mutateFrame } from "./mutate-frame.ts";
import { Random } from "./random.ts";
import { FUZZED_TOPIC, makeSeeds, type Seed } from "./seeds.ts";

const CONNECTIONS = 32;
/** Frames that are sent on one connection before their answers are waited for. */
const BURST = 16;
/** A request that waits for others (a join, a long poll) is left behind after this. */
const PATIENCE_MS = 50;
const MAX_RESPONSE_BYTES = 100_000_000;
const CANARY_TOPIC = "canary";
/** Making topics is what a client may do, as many as it likes: rarely, lest this measures the file system. */
const MAKES_TOPICS: ReadonlySet<number> = new Set([19, 37]);

export interface FuzzOutcome {
  readonly seed: number;
  readonly frames: number;
  /** Connections that the broker ended. */
  readonly closed: number;
  /** Frames that were answered. */
  readonly responses: number;
  /** The broker's largest resident memory. */
  readonly peakMiB: number;
  /** Round trips of the client that did nothing wrong, each checked. */
  readonly canaryTrips: number;
  readonly canaryMaxMs: number;
}

/** @throws Error when the broker dies, or answers the other client wrongly */
export async function fuzzBroker(options: { frames: number; seed: number }): Promise<FuzzOutcome> {
  const bundle = await bundleBroker();
  const dataDir = await mkdtemp(join(tmpdir(), "fuzz-"));
  const broker = await startBrokerProcess(bundle.entry, { port: 0, dataDir, logLevel: "fatal" });
  try {
    await createTopics(broker.port);
    const canary = startCanary(await connectRaw(`127.0.0.1:${broker.port}`));
    const random = new Random(options.seed);
    const seeds = makeSeeds();
    const left = { frames: options.frames };
    const counts = await Promise.race([
      Promise.all(Array.from({ length: CONNECTIONS }, () => sendFrames(broker.port, seeds, random, left))),
      broker.ended,
      canary.failed,
    ]);
    const { trips, maxMs } = await canary.stop();
    const total = (of: "closed" | "responses") => counts.reduce((sum, each) => sum + each[of], 0);
    return {
      ...options,
      closed: total("closed"),
      responses: total("responses"),
      peakMiB: peakMiB(broker),
      canaryTrips: trips,
      canaryMaxMs: maxMs,
    };
  } finally {
    await broker.kill();
    await bundle.remove();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function createTopics(port: number): Promise<void> {
  const admin = new Kafka({ brokers: [`127.0.0.1:${port}`], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: CANARY_TOPIC }, { topic: FUZZED_TOPIC }] });
  await admin.disconnect();
}

/** Sends frames in bursts until none are left. What the broker did not look at any more is sent again. */
async function sendFrames(port: number, seeds: readonly Seed[], random: Random, left: { frames: number }) {
  const batches = seeds.filter(({ batchAt }) => batchAt > 0);
  const next = (): Buffer => {
    for (;;) {
      if (random.below(2) === 0) return mutateBatch(random.pick(batches), random);
      const seed = random.pick(seeds);
      if (!MAKES_TOPICS.has(seed.key) || random.below(50) === 0) return mutateFrame(seed, random);
    }
  };
  const counts = { closed: 0, responses: 0 };
  while (left.frames > 0) {
    let burst = Array.from({ length: Math.min(BURST, left.frames) }, next);
    left.frames -= burst.length;
    while (burst.length > 0) {
      const { closed, responses } = await sendBurst(port, burst);
      counts.closed += closed ? 1 : 0;
      counts.responses += responses;
      burst = burst.slice(responses + 1); // behind the one that closed the connection, or that waits
    }
  }
  return counts;
}

function sendBurst(port: number, burst: readonly Buffer[]): Promise<{ closed: boolean; responses: number }> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const frames = new FrameReader(MAX_RESPONSE_BYTES);
    let responses = 0;
    let ended = false;
    const finish = (closed: boolean): void => {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      socket.resetAndDestroy();
      resolve({ closed, responses });
    };
    const timer = setTimeout(() => finish(false), PATIENCE_MS);
    socket.on("data", (chunk) => {
      frames.push(chunk);
      while (frames.next()) responses += 1;
      if (responses >= burst.length) finish(false);
      else timer.refresh();
    });
    socket.on("error", () => finish(true));
    socket.on("close", () => finish(true));
    socket.write(Buffer.concat(burst));
  });
}

/** Writes and reads one record after the other, and checks each. */
function startCanary(connection: RawConnection) {
  let stopped = false;
  let trips = 0;
  let maxMs = 0;
  const topic = { topic: CANARY_TOPIC };
  const run = async (): Promise<void> => {
    for (; !stopped; trips++) {
      const started = performance.now();
      const value = Buffer.from(`trip ${trips}`);
      const batch = encodeBatch({
        baseOffset: 0,
        records: [{ timestamp: Date.now(), key: null, value, headers: [] }],
      });
      const { error, baseOffset } = await produce(connection, topic, batch);
      if (error !== Code.NONE || baseOffset !== trips) {
        throw new Error(`Expected offset ${trips}, got ${baseOffset} (error ${error})`);
      }
      const { records } = await fetch(connection, topic, { offset: trips });
      if (!records.includes(value)) throw new Error(`Expected the record at ${trips} to be ${value}`);
      maxMs = Math.max(maxMs, performance.now() - started);
      await delay(5);
    }
  };
  connection.closed.catch(() => {}); // what it was asked last fails, and says so
  const running = run();
  const failed = new Promise<never>((_, reject) => running.catch(reject));
  failed.catch(() => {});
  const stop = async () => {
    stopped = true;
    await running;
    connection.close();
    return { trips, maxMs };
  };
  return { failed, stop };
}

/** Linux: the high-water mark of its resident memory. */
function peakMiB({ child }: BrokerProcess): number {
  const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)![1]) / 1024);
}
