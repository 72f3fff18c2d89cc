/** Kafka's own command line tools on the embedded broker: what people type, and what it answers. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fetchJars, fetchTools } from "../../infra/apache-kafka/jars.ts";
import { runTool } from "../../infra/apache-kafka/run-tool.ts";
import { type RunningBroker, startBroker } from "../../infra/embedded/start.ts";

const LOG4J = fileURLToPath(new URL("../../infra/apache-kafka/log4j2.properties", import.meta.url));
const TOOLS = "org.apache.kafka.tools";

const VERSIONS = [
  // Maven Central has no tools of 4.4.0: those before it run on its client, so that this is what asks.
  {
    name: "4.3.1 on the client of 4.4.0",
    tools: "4.3.1",
    client: "4.4.0",
    consoleProducer: `${TOOLS}.ConsoleProducer`,
    apiVersions: `${TOOLS}.BrokerApiVersionsCommand`,
    readerProperty: "--reader-property",
    formatterProperty: "--formatter-property",
  },
  {
    name: "3.9.2",
    tools: "3.9.2",
    client: null,
    consoleProducer: "kafka.tools.ConsoleProducer",
    apiVersions: "kafka.admin.BrokerApiVersionsCommand",
    readerProperty: "--property",
    formatterProperty: "--property",
  },
] as const;

describe.each(VERSIONS)("the tools of Apache Kafka $name", (version) => {
  let broker: RunningBroker;
  let dir: string;
  let toolsPath: string;
  let classPath: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "java-tools-"));
    broker = await startBroker({ port: 0, dataDir: join(dir, "data") });
    toolsPath = join(await fetchTools(version.tools, process.env), "*");
    const client = version.client && (await fetchJars(version.client, process.env));
    classPath = client ? `${join(client, `kafka-clients-${version.client}.jar`)}:${toolsPath}` : toolsPath;
  });
  afterAll(async () => {
    await broker.stop();
    await rm(dir, { recursive: true });
  });

  const run = (main: string, ...args: string[]): Promise<string> =>
    runTool("java", command(main, args), process.env, "");
  const command = (main: string, args: string[], path = classPath): string[] => [
    ...["-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", `-Dkafka.logs.dir=${dir}`],
    ...[`-Dlog4j2.configurationFile=${LOG4J}`, "-cp", path, main],
    ...["--bootstrap-server", `127.0.0.1:${broker.port}`, ...args],
  ];
  /** As `run`, with `lines` on its stdin. */
  async function feed(lines: readonly string[], main: string, ...args: string[]): Promise<void> {
    const input = join(dir, "input");
    await writeFile(input, lines.map((line) => `${line}\n`).join(""));
    await runTool("sh", ["-c", 'exec java "$@" < "$0"', input, ...command(main, args)], process.env, "");
  }
  const topics = (...args: string[]) => run(`${TOOLS}.TopicCommand`, ...args);
  const groups = (...args: string[]) => run(`${TOOLS}.consumer.group.ConsumerGroupCommand`, ...args);
  const configs = (...args: string[]) => run("kafka.admin.ConfigCommand", ...args);
  const offsets = async (...args: string[]) => lines(await run(`${TOOLS}.GetOffsetShell`, ...args));
  const consume = async (...args: string[]) =>
    lines(await run(`${TOOLS}.consumer.ConsoleConsumer`, "--timeout-ms", "20000", ...args)).sort();
  const lines = (printed: string) => printed.split("\n").filter((line) => line.trim() !== "");
  /** The rows of a table that begin with `first`, by column. */
  const rows = (printed: string, first: string) =>
    lines(printed)
      .map((line) => line.split(/\s+/))
      .filter(([cell]) => cell === first);

  it("kafka-topics creates, describes, lists, alters and deletes", async () => {
    await topics("--create", "--topic", "made", "--partitions", "2", "--config", "retention.ms=86400000");
    const described = await topics("--describe", "--topic", "made");
    expect(described).toMatch(/PartitionCount: 2\s+ReplicationFactor: 1\s+Configs: .*retention\.ms=86400000/);
    expect(described).toMatch(/Partition: 1\s+Leader: 1\s+Replicas: 1\s+Isr: 1/);
    await topics("--alter", "--topic", "made", "--partitions", "3");
    expect(await topics("--describe", "--topic", "made")).toContain("PartitionCount: 3");
    await expect(topics("--create", "--topic", "made")).rejects.toThrow("already exists");
    expect(lines(await topics("--list"))).toContain("made");
    await topics("--delete", "--topic", "made");
    expect(lines(await topics("--list"))).not.toContain("made");
  });

  it("kafka-configs sets, describes and takes back what a topic has of its own", async () => {
    await topics("--create", "--topic", "configured");
    const topic = ["--entity-type", "topics", "--entity-name", "configured"];
    await configs("--alter", ...topic, "--add-config", "max.message.bytes=2000000,cleanup.policy=compact");
    expect(await configs("--describe", ...topic)).toMatch(
      /max\.message\.bytes=2000000 .*DYNAMIC_TOPIC_CONFIG/,
    );
    await configs("--alter", ...topic, "--delete-config", "max.message.bytes");
    const all = await configs("--describe", "--all", ...topic);
    expect(all).toMatch(/max\.message\.bytes=1048588/);
    expect(all).toMatch(/cleanup\.policy=compact/);
    await expect(configs("--alter", ...topic, "--add-config", "retention.ms=soon")).rejects.toThrow(
      "retention.ms",
    );
    expect(await configs("--describe", "--all", "--entity-type", "brokers", "--entity-name", "1")).toContain(
      "=",
    );
  });

  it("what the console producer writes the console consumer reads, and the group's offsets are told, reset and deleted", async () => {
    await topics("--create", "--topic", "words", "--partitions", "2");
    const words = Array.from({ length: 40 }, (_, i) => `k${i}:word ${i}`);
    const { readerProperty, formatterProperty } = version;
    const parse = [readerProperty, "parse.key=true", readerProperty, "key.separator=:"];
    await feed(words, version.consoleProducer, "--topic", "words", ...parse, "--compression-codec", "zstd");
    expect((await offsets("--topic", "words")).map((line) => Number(line.split(":")[2]))).toSatisfy(
      ([a, b]: number[]) => a! + b! === 40,
    );
    const read = [
      "--topic",
      "words",
      formatterProperty,
      "print.key=true",
      formatterProperty,
      "key.separator=:",
    ];
    const group = ["--group", "readers"];
    const all = ["--from-beginning", "--max-messages", "40"];
    expect(await consume(...read, ...group, ...all)).toEqual([...words].sort());

    expect(lines(await groups("--list"))).toContain("readers");
    const lag = async () => {
      const lags = rows(await groups("--describe", ...group), "readers").map((row) => Number(row[5]));
      return lags.reduce((sum, each) => sum + each, 0);
    };
    expect(await lag()).toBe(0);
    expect(rows(await groups("--describe", ...group, "--state"), "readers")[0]).toContain("Empty");
    const reset = ["--reset-offsets", "--to-earliest", "--topic", "words", "--execute"];
    await groups(...group, ...reset);
    expect(await lag()).toBe(40);
    expect(await consume(...read, ...group, "--max-messages", "40")).toEqual([...words].sort());
    expect(await groups(...group, "--delete")).toContain("successful");
    expect(lines(await groups("--list"))).not.toContain("readers");
  });

  it("the performance tools write and read at full speed, each codec", async () => {
    await topics("--create", "--topic", "load", "--partitions", "3");
    for (const codec of ["none", "gzip", "snappy", "lz4", "zstd"]) {
      const config = join(dir, "producer.properties");
      await writeFile(config, `bootstrap.servers=127.0.0.1:${broker.port}\ncompression.type=${codec}\n`);
      const args = ["--topic", "load", "--num-records", "5000", "--record-size", "200", "--throughput", "-1"];
      const perf = command(`${TOOLS}.ProducerPerformance`, [...args, "--producer.config", config]);
      // This one takes its servers from the file only.
      const at = perf.indexOf("--bootstrap-server");
      const printed = await runTool("java", perf.toSpliced(at, 2), process.env, "");
      expect(printed).toContain("5000 records sent");
    }
    const printed = await run(`${TOOLS}.ConsumerPerformance`, "--topic", "load", "--messages", "25000");
    expect(lines(printed).at(-1)!.split(", ")[4]).toBe("25000");
  });

  it("the verifiable producer and consumer agree on what was written", async () => {
    await topics("--create", "--topic", "verified", "--partitions", "3");
    const events = (printed: string) => lines(printed).map((line) => JSON.parse(line));
    const written = events(
      await run(
        `${TOOLS}.VerifiableProducer`,
        "--topic",
        "verified",
        "--max-messages",
        "300",
        "--acks",
        "-1",
      ),
    );
    expect(written.filter(({ name }) => name === "producer_send_success")).toHaveLength(300);
    expect(written.filter(({ name }) => name === "producer_send_error")).toEqual([]);
    const args = [
      "--topic",
      "verified",
      "--group-id",
      "v",
      "--max-messages",
      "300",
      "--reset-policy",
      "earliest",
    ];
    const read = events(await run(`${TOOLS}.VerifiableConsumer`, ...args));
    const counts = read.filter(({ name }) => name === "records_consumed").map(({ count }) => count);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(300);
    const commits = read.filter(({ name }) => name === "offsets_committed");
    expect(commits.length).toBeGreaterThan(0);
    expect(commits.every(({ success }) => success)).toBe(true);
  });

  it("kafka-get-offsets, kafka-delete-records and kafka-log-dirs tell and move the log's bounds", async () => {
    await topics("--create", "--topic", "bounded");
    await feed(["a", "b", "c"], version.consoleProducer, "--topic", "bounded");
    const json = join(dir, "delete.json");
    await writeFile(
      json,
      JSON.stringify({ version: 1, partitions: [{ topic: "bounded", partition: 0, offset: 2 }] }),
    );
    const deleted = await run(`${TOOLS}.DeleteRecordsCommand`, "--offset-json-file", json);
    expect(deleted).toMatch(/bounded-0\s+low_watermark: 2/);
    expect(await offsets("--topic", "bounded", "--time", "-2")).toEqual(["bounded:0:2"]);
    expect(await offsets("--topic", "bounded", "--time", "latest")).toEqual(["bounded:0:3"]);
    expect(await offsets("--topic", "bounded", "--time", "max-timestamp")).toEqual([
      expect.stringMatching(/^bounded:0:[012]$/),
    ]);
    const dirs = await run(`${TOOLS}.LogDirsCommand`, "--describe", "--topic-list", "bounded");
    const { brokers } = JSON.parse(lines(dirs).at(-1)!);
    expect(brokers[0].logDirs[0].partitions).toMatchObject([{ partition: "bounded-0", offsetLag: 0 }]);
    expect(brokers[0].logDirs[0].partitions[0].size).toBeGreaterThan(0);
  });

  it("kafka-broker-api-versions finds a usable version of all that the broker serves", async () => {
    // It reaches into the client that it was made with.
    const printed = await runTool("java", command(version.apiVersions, [], toolsPath), process.env, "");
    expect(printed).toMatch(/Produce\(0\): 0 to 11 \[usable: 11\]/);
    expect(printed).toMatch(/Fetch\(1\): 4 to 13 \[usable: 13\]/);
    expect(lines(printed).filter((line) => /\d+ to \d+ \[usable: NONE\]/.test(line))).toEqual([]);
  });
});
