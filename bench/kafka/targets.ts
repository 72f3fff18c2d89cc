/** The two brokers that are compared, each started as it is delivered, and what their processes use. Linux: from /proc. */
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { startApacheKafka } from "../../infra/apache-kafka/start.ts";
import { type BrokerProcess, bundleBroker, startBrokerProcess } from "../../test/crash/broker-process.ts";

/** As Kafka's own kafka-server-start.sh runs the JVM; what is run in tests starts faster and serves slower. */
const JVM_AS_SHIPPED = [
  ...["-Xms1g", "-Xmx1g", "-XX:TieredStopAtLevel=4", "-XX:-UseSerialGC", "-XX:+UseG1GC"],
  ...["-XX:MaxGCPauseMillis=20", "-XX:InitiatingHeapOccupancyPercent=35", "-XX:+ExplicitGCInvokesConcurrent"],
];
const CLOCK_TICKS_PER_SECOND = 100;
/** What a broker does right after its start is not idleness. */
const SETTLE_MS = 2_000;

export interface Target {
  readonly name: string;
  /** `host:port` */
  readonly brokers: string;
  readonly pid: number;
  /** From the start of the process on data that is there until it serves, of each start. */
  readonly startsMs: readonly number[];
  /** Resident right after the last start. */
  readonly idleMiB: number;
  stop(): Promise<void>;
}

/** Starts it `starts` times and leaves the last one running. */
export async function startEmbedded(starts: number): Promise<Target> {
  const bundle = await bundleBroker();
  const dataDir = await mkdtemp(join(tmpdir(), "bench-kafka-"));
  const start = () => startBrokerProcess(bundle.entry, { port: 0, dataDir });
  let broker: BrokerProcess = await start(); // makes the folder
  const startsMs: number[] = [];
  for (let i = 0; i < starts; i++) {
    await broker.kill();
    broker = await start();
    startsMs.push(broker.startMs);
  }
  await delay(SETTLE_MS);
  const { port, child, kill } = broker;
  const pid = child.pid!;
  return {
    name: "embedded",
    brokers: `127.0.0.1:${port}`,
    pid,
    startsMs,
    idleMiB: residentMiB(pid),
    async stop() {
      await kill();
      await bundle.remove();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** As `startEmbedded`, of Apache Kafka 4.4.0 with KRaft. */
export async function startApache(starts: number): Promise<Target> {
  const kafka = await startApacheKafka({ jvmArgs: JVM_AS_SHIPPED }); // formats the folder
  const [node] = kafka.nodes as [(typeof kafka.nodes)[number]];
  const startsMs: number[] = [];
  for (let i = 0; i < starts; i++) {
    await node.stop();
    const started = performance.now();
    await node.start();
    startsMs.push(performance.now() - started);
  }
  await delay(SETTLE_MS);
  const { pid, address } = node;
  return {
    name: "Apache",
    brokers: address,
    pid,
    startsMs,
    idleMiB: residentMiB(pid),
    stop: () => kafka.stop(),
  };
}

/** Seconds of CPU that a process has used. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name, second, may hold blanks.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_PER_SECOND;
}

export function residentMiB(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]) / 1024;
}
