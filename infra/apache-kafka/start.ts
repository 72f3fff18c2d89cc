/**
 * A real Apache Kafka as child processes: no Docker, all ports on loopback.
 */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { freePorts, requireFree } from "./free-ports.ts";
import { fetchAgent, fetchJars, type KafkaVersion } from "./jars.ts";
import type { JavaProcess } from "./java-process.ts";
import { createNode, type KafkaNode } from "./node.ts";
import { startZooKeeper } from "./zookeeper.ts";

const ZOOKEEPER_START_MS = 30_000;

export interface ApacheKafkaOptions {
  readonly version?: KafkaVersion;
  /** How many brokers: 1, or 3 that replicate everything. With KRaft each is a controller, too. */
  readonly nodes?: 1 | 3;
  /** The port of the first broker, the others' follow; free ones if left out. */
  readonly port?: number;
  /** Where data and logs are kept; a temporary folder, removed by `stop()`, if left out. */
  readonly dataDir?: string;
  /**
   * Added to each broker's server.properties, over our own. Listeners (`listeners`, `advertised.listeners`,
   * `listener.security.protocol.map`) come beside the one named INTERNAL, which is plain: clients that ask on it are
   * User:ANONYMOUS, whom an authorizer has to count among its super.users.
   */
  readonly properties?: Readonly<Record<string, string>>;
  /** Whether the brokers tell their request metrics to Prometheus: each at its node's `metrics`. */
  readonly metrics?: boolean;
  /** More arguments of the brokers' JVMs. */
  readonly jvmArgs?: readonly string[];
  /** More arguments for KRaft's first formatting of each broker's storage, such as `--add-scram`. */
  readonly format?: readonly string[];
  /** The environment in which `java` and `mvn` are looked for and run; this process's if left out. */
  readonly env?: NodeJS.ProcessEnv;
  /** Ends a start that is under way: it throws, with all that it began gone. */
  readonly signal?: AbortSignal;
}

export interface ApacheKafka {
  /** `host:port,…` of the plain listeners, as KAFKA_BROKERS has it. */
  readonly brokers: string;
  readonly nodes: readonly KafkaNode[];
  /** The first broker's folder of partitions. */
  readonly logDir: string;
  /** The first broker's process. */
  readonly pid: number;
  /** Settles when no broker runs, whoever ended them. */
  readonly exited: Promise<void>;
  /** Shuts everything down cleanly; resolves when it is gone. */
  stop(): Promise<void>;
  /** Ends everything at once, as a crash would (SIGKILL); the data stay. */
  kill(): void;
}

/**
 * Starts a cluster and resolves when all its brokers answer. The first start of a version fetches its jars.
 * Throws when Java or Maven is missing, a port is taken, or a broker does not come up (with the end of its log).
 */
export async function startApacheKafka(options: ApacheKafkaOptions = {}): Promise<ApacheKafka> {
  const { version = "4.4.0", nodes: count = 1, env = process.env } = options;
  const [zookeeperPort, ...free] = (await freePorts(1 + 3 * count)) as [number, ...number[]];
  const controllers = free.slice(0, count);
  const metricsPorts = free.slice(count, 2 * count);
  const ports = free
    .slice(2 * count)
    .map((port, i) => (options.port === undefined ? port : options.port + i));
  if (options.port !== undefined) for (const port of ports) await requireFree(port);
  const java = { jars: await fetchJars(version, env), env };
  const agent = options.metrics ? await fetchAgent(env) : null;
  const dataDir = resolve(options.dataDir ?? (await mkdtemp(join(tmpdir(), "apache-kafka-"))));
  const removeTemporary = async (): Promise<void> => {
    if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
  };
  const clusterId = randomBytes(16).toString("base64url");
  let zookeeper: JavaProcess | null = null;
  const nodes: KafkaNode[] = [];
  let killed = false;
  const kill = (): void => {
    killed = true;
    for (const node of nodes) void node.kill();
    zookeeper?.kill();
  };
  const exited = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.exited));
    if (killed) await zookeeper?.exited;
  };
  options.signal?.addEventListener("abort", kill);
  try {
    options.signal?.throwIfAborted();
    const coordination = version.startsWith("3.") ? { zookeeper: zookeeperPort } : { controllers };
    if ("zookeeper" in coordination)
      zookeeper = await startZooKeeper(java, join(dataDir, "zookeeper"), zookeeperPort, ZOOKEEPER_START_MS);
    const starting = await Promise.allSettled(
      ports.map(async (port, i) => {
        const dir = count === 1 ? dataDir : join(dataDir, `node-${i + 1}`);
        const node = await createNode({
          place: { id: i + 1, port, logDir: join(dir, "partitions"), coordination, brokers: count },
          dir,
          clusterId,
          java,
          jvmArgs: options.jvmArgs ?? [],
          agent: agent === null ? null : { jar: agent, port: metricsPorts[i]! },
          format: options.format ?? [],
          properties: options.properties ?? {},
        });
        nodes.push(node);
        if (killed) await node.kill();
        await node.ready();
      }),
    );
    nodes.sort((a, b) => a.id - b.id);
    options.signal?.throwIfAborted();
    for (const one of starting) if (one.status === "rejected") throw one.reason;
  } catch (error) {
    kill();
    await exited();
    await removeTemporary();
    throw error;
  } finally {
    options.signal?.removeEventListener("abort", kill);
  }
  const [first] = nodes as [KafkaNode];
  return {
    brokers: nodes.map(({ address }) => address).join(),
    nodes,
    logDir: first.logDir,
    get pid() {
      return first.pid;
    },
    get exited() {
      return exited();
    },
    kill,
    async stop() {
      // A controller that is the last of its quorum waits for the others before it ends: all at once.
      await Promise.all(nodes.map((node) => node.stop()));
      await zookeeper?.stop();
      await removeTemporary();
    },
  };
}
