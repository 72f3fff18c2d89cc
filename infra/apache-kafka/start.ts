/**
 * A real Apache Kafka broker as a child process: no Docker, all ports on loopback.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { closeSync, existsSync, openSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { freePorts, requireFree } from "./free-ports.ts";
import { fetchJars, type KafkaVersion } from "./jars.ts";
import { runTool } from "./run-tool.ts";
import { serverProperties } from "./server-properties.ts";
import { untilReady } from "./until-ready.ts";

const LOG4J = fileURLToPath(new URL("log4j2.properties", import.meta.url));
const NO_JAVA =
  "Apache Kafka needs Java 17 or newer: install it (Debian: apt-get install default-jre-headless)";
const START_MS = 90_000;
const STOP_MS = 30_000;

export interface ApacheKafkaOptions {
  readonly version?: KafkaVersion;
  /** The port clients connect to; a free one if left out. */
  readonly port?: number;
  /** Where data and logs are kept; a temporary folder, removed by `stop()`, if left out. */
  readonly dataDir?: string;
  /** Added to the broker's server.properties, over our own. */
  readonly properties?: Readonly<Record<string, string>>;
  /** The environment in which `java` and `mvn` are looked for and run; this process's if left out. */
  readonly env?: NodeJS.ProcessEnv;
}

export interface ApacheKafka {
  /** `host:port`, as KAFKA_BROKERS has it. */
  readonly brokers: string;
  /** Holds one folder a partition, as Kafka lays them out. */
  readonly logDir: string;
  /** The broker's process: for the faults that a test sends it. */
  readonly pid: number;
  /** Settles when the process has ended, whoever ended it. */
  readonly exited: Promise<void>;
  /** Shuts the broker down cleanly; resolves when it is gone. */
  stop(): Promise<void>;
  /** Ends the broker at once, as a crash would (SIGKILL); its data stay. */
  kill(): void;
}

/**
 * Starts a single-node KRaft cluster and resolves when it answers. The first start of a version fetches its jars.
 * Throws when Java or Maven is missing, a port is taken, or the broker does not come up (with the end of its log).
 */
export async function startApacheKafka(options: ApacheKafkaOptions = {}): Promise<ApacheKafka> {
  const env = options.env ?? process.env;
  if (options.port !== undefined) await requireFree(options.port);
  const jars = await fetchJars(options.version ?? "4.4.0", env);
  const dataDir = resolve(options.dataDir ?? (await mkdtemp(join(tmpdir(), "apache-kafka-"))));
  const removeTemporary = async () => {
    if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
  };
  const java = env.JAVA_HOME ? join(env.JAVA_HOME, "bin", "java") : "java";
  const log = [`-Dkafka.logs.dir=${dataDir}`, `-Dlog4j2.configurationFile=${LOG4J}`];
  const command = [...log, "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", join(jars, "*")];
  try {
    const { config, ...place } = await prepare(dataDir, options);
    if (!existsSync(join(place.logDir, "meta.properties"))) {
      // May begin with a dash, so it is no argument of its own.
      const clusterId = randomBytes(16).toString("base64url");
      const format = ["kafka.tools.StorageTool", "format", `--cluster-id=${clusterId}`, "-c", config];
      await runTool(java, [...command, ...format], env, NO_JAVA);
    }
    const child = spawnLogged(java, [...command, "kafka.Kafka", config], env, join(dataDir, "stdout.log"));
    const { exited, kill, stop } = lifecycle(child);
    await untilReady(place.brokers, exited, START_MS).catch(async (error: Error) => {
      kill();
      await exited;
      throw new Error(
        `Apache Kafka did not start: ${error.message}. Its log ends:\n${await logTail(dataDir)}`,
      );
    });
    return { ...place, pid: child.pid!, exited, kill, stop: () => stop().then(removeTemporary) };
  } catch (error) {
    await removeTemporary();
    throw error;
  }
}

/** Makes the data folder and writes the broker's configuration into it. */
async function prepare(dataDir: string, options: ApacheKafkaOptions) {
  await mkdir(dataDir, { recursive: true });
  const [controllerPort, freePort] = (await freePorts(2)) as [number, number];
  const port = options.port ?? freePort;
  const logDir = join(dataDir, "kraft");
  const config = join(dataDir, "server.properties");
  await writeFile(config, serverProperties({ port, controllerPort, logDir }, options.properties ?? {}));
  return { config, logDir, brokers: `127.0.0.1:${port}` };
}

function lifecycle(child: ChildProcess) {
  const exited = once(child, "exit").then(() => {});
  const kill = () => {
    child.kill("SIGKILL");
  };
  process.once("exit", kill); // no broker outlives the process that started it
  void exited.then(() => process.off("exit", kill));
  const stop = async () => {
    child.kill("SIGTERM");
    const late = setTimeout(kill, STOP_MS);
    await exited;
    clearTimeout(late);
  };
  return { exited, kill, stop };
}

/** Spawns with stdout and stderr to a file: what the JVM itself has to say. */
function spawnLogged(tool: string, args: string[], env: NodeJS.ProcessEnv, file: string): ChildProcess {
  const out = openSync(file, "a");
  try {
    // A group of its own: Ctrl-C in a terminal is for us, and we stop the broker.
    return spawn(tool, args, { env, stdio: ["ignore", out, out], detached: true });
  } finally {
    closeSync(out);
  }
}

async function logTail(dataDir: string): Promise<string> {
  const logs = await Promise.all(
    ["stdout.log", "server.log"].map((name) => readFile(join(dataDir, name), "utf8").catch(() => "")),
  );
  return logs.join("").trim().split("\n").slice(-20).join("\n");
}
