/**
 * `npx tsx infra/apache-kafka/main.ts start [--version 4.4.0] [--brokers 3] [--port 19092] [--data-dir d]
 * [--metrics]`: a real Apache Kafka in the foreground until Ctrl-C. Prints `KAFKA_BROKERS=…` on stdout when it answers.
 */
import { Command, Option } from "commander";
import { KAFKA_VERSIONS, type KafkaVersion } from "./jars.ts";
import { type ApacheKafka, startApacheKafka } from "./start.ts";

interface Flags {
  readonly version: KafkaVersion;
  readonly brokers: "1" | "3";
  readonly port?: number;
  readonly dataDir?: string;
  readonly metrics: boolean;
}

async function start({ version, brokers, port, dataDir, metrics }: Flags): Promise<void> {
  const starting = new AbortController();
  let kafka: ApacheKafka | null = null;
  let asked = false;
  const stop = () => {
    if (asked) {
      if (kafka === null) process.exit(1);
      kafka.kill(); // a second signal does not wait
    }
    asked = true;
    starting.abort(new Error("Stopped before Apache Kafka answered"));
    void kafka?.stop();
  };
  process.on("SIGINT", stop).on("SIGTERM", stop);
  kafka = await startApacheKafka({
    version,
    nodes: brokers === "3" ? 3 : 1,
    metrics,
    signal: starting.signal,
    ...(port !== undefined && { port }),
    ...(dataDir !== undefined && { dataDir }),
  });
  process.stdout.write(`KAFKA_BROKERS=${kafka.brokers}\n`);
  for (const { id, address, pid, logDir, metrics: url } of kafka.nodes) {
    const told = url === null ? "" : `, its metrics at ${url}`;
    process.stderr.write(`Broker ${id} at ${address}: process ${pid}, its partitions in ${logDir}${told}\n`);
  }
  process.stderr.write(`Apache Kafka ${version} runs; Ctrl-C stops it.\n`);
  await kafka.exited;
  if (asked) return;
  await kafka.stop();
  throw new Error("Apache Kafka ended by itself");
}

function toPort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new Error(`Expected --port to be 1–65535, got ${text}`);
  }
  return port;
}

const program = new Command("apache-kafka").description("Apache Kafka from Maven Central, without Docker");
program
  .command("start")
  .description("start it on 127.0.0.1 and run it until Ctrl-C; 3.6.2 brings its ZooKeeper")
  .addOption(new Option("--version <version>", "Kafka's version").choices(KAFKA_VERSIONS).default("4.4.0"))
  .addOption(
    new Option("--brokers <count>", "how many, 3 replicate everything").choices(["1", "3"]).default("1"),
  )
  .option("--port <port>", "the port of the first broker, the others' follow (default: free ones)", toPort)
  .option("--data-dir <folder>", "where data are kept (default: a temporary folder, removed at the end)")
  .option("--metrics", "tell each broker's request metrics to Prometheus", false)
  .action(start);

program.parseAsync().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
