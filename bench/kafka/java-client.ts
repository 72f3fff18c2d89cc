/** Kafka's own performance tools (4.3.1, on the client of 4.4.0) as a client. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fetchJars, fetchTools } from "../../infra/apache-kafka/jars.ts";
import { runTool } from "../../infra/apache-kafka/run-tool.ts";
import type { Load, LoadClient } from "./clients.ts";

const CLIENT = "4.4.0";
const LOG4J = fileURLToPath(new URL("../../infra/apache-kafka/log4j2.properties", import.meta.url));
/** Where the consumer's table has the records per second of fetching, without the time to join the group. */
const FETCHED_PER_SECOND_COLUMN = 9;
/** These programs count from their own start, so few records would only show how fast Java gets warm. */
const TIMES_THE_RECORDS = 4;

export interface JavaClient extends LoadClient {
  /** Milliseconds to the acknowledgement at a steady rate: the median and the 99th percentile. */
  latencies(load: Load, recordsPerSecond: number): Promise<[p50: number, p99: number]>;
}

/** @throws Error when there is no Java, or no Maven to fetch the jars with */
export async function createJavaClient(): Promise<JavaClient> {
  const [tools, client] = await Promise.all([
    fetchTools("4.3.1", process.env),
    fetchJars(CLIENT, process.env),
  ]);
  const classPath = `${join(client, `kafka-clients-${CLIENT}.jar`)}:${join(tools, "*")}`;

  async function run(program: string, args: readonly string[]): Promise<string> {
    const dir = await mkdtemp(join(tmpdir(), "bench-java-"));
    const jvm = ["-Xmx512m", `-Dkafka.logs.dir=${dir}`, `-Dlog4j2.configurationFile=${LOG4J}`];
    const main = `org.apache.kafka.tools.${program}`;
    try {
      return await runTool("java", [...jvm, "-cp", classPath, main, ...args], process.env, "It needs Java");
    } finally {
      await rm(dir, { recursive: true });
    }
  }

  async function perform({ brokers, topic, recordBytes }: Load, records: number, perSecond: number) {
    const dir = await mkdtemp(join(tmpdir(), "bench-java-"));
    const config = join(dir, "producer.properties");
    await writeFile(config, `bootstrap.servers=${brokers}\nacks=all\n`);
    try {
      const load = ["--topic", topic, "--num-records", String(records), "--record-size", String(recordBytes)];
      const how = ["--throughput", String(perSecond), "--producer.config", config];
      const printed = await run("ProducerPerformance", [...load, ...how]);
      // The last line sums up; those before it are of the way there.
      return printed.trim().split("\n").at(-1)!;
    } finally {
      await rm(dir, { recursive: true });
    }
  }

  const find = (pattern: RegExp, line: string): number => {
    const found = pattern.exec(line)?.[1];
    if (found === undefined) throw new Error(`Expected ${pattern} of the performance tool, got "${line}"`);
    return Number(found);
  };

  return {
    name: "Java's perf tools",
    timesTheRecords: TIMES_THE_RECORDS,
    async produce(load) {
      const line = await perform(load, load.records * TIMES_THE_RECORDS, -1);
      return find(/ sent, ([\d.]+) records\/sec/, line);
    },
    async consume({ brokers, topic, records }) {
      const count = String(records * TIMES_THE_RECORDS);
      const where = ["--bootstrap-server", brokers, "--topic", topic, "--group", topic];
      const printed = await run("ConsumerPerformance", [...where, "--messages", count]);
      return Number(printed.trim().split("\n").at(-1)!.split(", ")[FETCHED_PER_SECOND_COLUMN]);
    },
    async latencies(load, recordsPerSecond) {
      const line = await perform(load, load.records, recordsPerSecond);
      return [find(/ (\d+) ms 50th/, line), find(/ (\d+) ms 99th/, line)];
    },
  };
}
