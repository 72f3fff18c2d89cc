/** One broker of a cluster, which can be ended and started again on its data. */
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Java, type JavaProcess, logTail, makeFolder, runJava, startJava } from "./java-process.ts";
import { type BrokerPlace, serverProperties } from "./server-properties.ts";
import { untilReady } from "./until-ready.ts";
import { untilForgotten } from "./zookeeper.ts";

export interface KafkaNode {
  /** Its id in the cluster, from 1: what metadata calls a leader. */
  readonly id: number;
  /** `host:port` of its plain listener. */
  readonly address: string;
  /** URL of its metrics for Prometheus; null if it was started without. */
  readonly metrics: string | null;
  /** Holds one folder a partition, as Kafka lays them out. */
  readonly logDir: string;
  /** Of the process that runs, or ran last: for the faults that a test sends it. */
  readonly pid: number;
  /** Settles when that process has ended, whoever ended it. */
  readonly exited: Promise<void>;
  /** Starts it again on its data and its ports; resolves when it answers. */
  start(): Promise<void>;
  /** Shuts it down cleanly; resolves when it is gone. */
  stop(): Promise<void>;
  /** Ends it at once, as a crash would (SIGKILL); resolves when it is gone. */
  kill(): Promise<void>;
}

export interface NodeOptions {
  readonly place: BrokerPlace;
  /** Of its configuration and logs; `place.logDir` lies in it. */
  readonly dir: string;
  /** The same for all nodes. */
  readonly clusterId: string;
  readonly java: Java;
  readonly jvmArgs: readonly string[];
  /** The jmx_prometheus_javaagent and the port of its own; null: no metrics. */
  readonly agent: { readonly jar: string; readonly port: number } | null;
  readonly format: readonly string[];
  readonly properties: Readonly<Record<string, string>>;
}

const START_MS = 90_000;
const AGENT_RULES = fileURLToPath(new URL("../monitoring/kafka-jmx.yml", import.meta.url));

/** Starts a node, with its data folder made first if it has none; resolves at once, its process being on its way. */
export async function createNode(options: NodeOptions): Promise<KafkaNode & { ready(): Promise<void> }> {
  const { place, dir, java, agent } = options;
  const config = join(await makeFolder(dir), "server.properties");
  await writeFile(config, serverProperties(place, options.properties));
  if (!("zookeeper" in place.coordination) && !existsSync(join(place.logDir, "meta.properties"))) {
    // It may begin with a dash, so it is no argument of its own.
    const format = ["kafka.tools.StorageTool", "format", `--cluster-id=${options.clusterId}`, "-c", config];
    await runJava(java, dir, [...format, ...options.format]);
  }
  const address = `127.0.0.1:${place.port}`;
  const metricsAddress = agent && `127.0.0.1:${agent.port}`;
  const jvmArgs = [
    place.brokers === 1 ? "-Xmx512m" : "-Xmx384m",
    ...(agent ? [`-javaagent:${agent.jar}=${metricsAddress}:${AGENT_RULES}`] : []),
    ...options.jvmArgs,
  ];

  const launch = async (): Promise<JavaProcess> => {
    if ("zookeeper" in place.coordination)
      await untilForgotten(place.coordination.zookeeper, place.id, START_MS);
    return startJava(java, dir, jvmArgs, ["kafka.Kafka", config]);
  };
  let current = await launch();
  const ready = (): Promise<void> =>
    untilReady(address, current.exited, START_MS).catch(async (error: Error) => {
      await kill();
      throw new Error(`Apache Kafka did not start: ${error.message}. Its log ends:\n${await logTail(dir)}`);
    });
  const kill = async (): Promise<void> => {
    current.kill();
    await current.exited;
  };
  return {
    id: place.id,
    address,
    metrics: metricsAddress && `http://${metricsAddress}/metrics`,
    logDir: place.logDir,
    get pid() {
      return current.pid;
    },
    get exited() {
      return current.exited;
    },
    ready,
    kill,
    stop: () => current.stop(),
    async start() {
      current = await launch();
      await ready();
    },
  };
}
