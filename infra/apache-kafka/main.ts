/**
 * `npx tsx infra/apache-kafka/main.ts start [--version 4.4.0] [--port 19092] [--data-dir d]`: a real Apache Kafka
 * in the foreground until Ctrl-C. Prints `KAFKA_BROKERS=…` on stdout when it answers.
 */
import { Command, Option } from "commander";
import { KAFKA_VERSIONS, type KafkaVersion } from "./jars.ts";
import { startApacheKafka } from "./start.ts";

interface Flags {
  readonly version: KafkaVersion;
  readonly port?: number;
  readonly dataDir?: string;
}

async function start({ version, port, dataDir }: Flags): Promise<void> {
  const kafka = await startApacheKafka({
    version,
    ...(port !== undefined && { port }),
    ...(dataDir !== undefined && { dataDir }),
  });
  process.stdout.write(`KAFKA_BROKERS=${kafka.brokers}\n`);
  process.stderr.write(`Apache Kafka ${version} runs, its partitions in ${kafka.logDir}; Ctrl-C stops it.\n`);
  let asked = false;
  const stop = () => {
    if (asked) kafka.kill(); // a second signal does not wait
    asked = true;
    void kafka.stop();
  };
  process.on("SIGINT", stop).on("SIGTERM", stop);
  await kafka.exited;
  if (!asked) throw new Error("Apache Kafka ended by itself");
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
  .description("start a single-node broker on 127.0.0.1 and run it until Ctrl-C")
  .addOption(new Option("--version <version>", "Kafka's version").choices(KAFKA_VERSIONS).default("4.4.0"))
  .option("--port <port>", "the port clients connect to (default: a free one)", toPort)
  .option("--data-dir <folder>", "where data are kept (default: a temporary folder, removed at the end)")
  .action(start);

program.parseAsync().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
