/** Where one broker of a cluster is, and who else there is; the rest of the configuration is the same for all. */
export interface BrokerPlace {
  /** From 1. */
  readonly id: number;
  /** The port on 127.0.0.1 that clients connect to. */
  readonly port: number;
  readonly logDir: string;
  /** ZooKeeper's port, or the controllers' ports of all nodes, that of node 1 first. */
  readonly coordination: { readonly zookeeper: number } | { readonly controllers: readonly number[] };
  /** How many brokers the cluster has. */
  readonly brokers: number;
}

/**
 * These are lists of listeners: those given are added to ours, or come in the place of one of the same name, so that
 * brokers can always be reached in plain text.
 */
const LISTS = ["listeners", "advertised.listeners", "listener.security.protocol.map"];

/**
 * The server.properties of one broker on loopback: Kafka's defaults, but for what one node cannot replicate, and for
 * waits that only cost time in a test. Three nodes replicate everything three times and need two to acknowledge.
 */
export function serverProperties(place: BrokerPlace, overrides: Readonly<Record<string, string>>): string {
  const properties: Record<string, string> = {
    ...("zookeeper" in place.coordination
      ? withZooKeeper(place, place.coordination.zookeeper)
      : withControllers(place, place.coordination.controllers)),
    ...replication(place.brokers),
    "advertised.listeners": `INTERNAL://127.0.0.1:${place.port}`,
    "inter.broker.listener.name": "INTERNAL",
    "log.dirs": place.logDir,
    // Topics come from their definitions, never from a misspelt name.
    "auto.create.topics.enable": "false",
    "group.initial.rebalance.delay.ms": "0",
    "log.cleaner.dedupe.buffer.size": String(16 * 1024 * 1024),
  };
  for (const [key, value] of Object.entries(overrides)) {
    properties[key] = LISTS.includes(key) ? withListeners(properties[key]!, value) : value;
  }
  return Object.entries(properties)
    .map(([key, value]) => `${key}=${value}\n`)
    .join("");
}

function withListeners(ours: string, given: string): string {
  const nameOf = (listener: string): string => listener.split(":")[0]!;
  const names = new Set(given.split(",").map(nameOf));
  return [...ours.split(",").filter((listener) => !names.has(nameOf(listener))), given].join();
}

function withControllers({ id, port }: BrokerPlace, controllers: readonly number[]): Record<string, string> {
  return {
    "process.roles": "broker,controller",
    "node.id": String(id),
    // Static voters: unlike dynamic ones they may have other ports at the next start on the same folders.
    "controller.quorum.voters": controllers.map((at, i) => `${i + 1}@127.0.0.1:${at}`).join(),
    "controller.listener.names": "CONTROLLER",
    listeners: `INTERNAL://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllers[id - 1]}`,
    "listener.security.protocol.map": "INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT",
    // How long a broker that is silent keeps its partitions: 9000 by default.
    "broker.session.timeout.ms": "6000",
  };
}

function withZooKeeper({ id, port }: BrokerPlace, zookeeper: number): Record<string, string> {
  return {
    "broker.id": String(id),
    "zookeeper.connect": `127.0.0.1:${zookeeper}`,
    "zookeeper.session.timeout.ms": "6000",
    listeners: `INTERNAL://127.0.0.1:${port}`,
    "listener.security.protocol.map": "INTERNAL:PLAINTEXT",
  };
}

function replication(brokers: number): Record<string, string> {
  const replicas = String(Math.min(3, brokers));
  const inSync = String(Math.min(2, brokers));
  return {
    "default.replication.factor": replicas,
    "min.insync.replicas": inSync,
    "offsets.topic.replication.factor": replicas,
    "transaction.state.log.replication.factor": replicas,
    "transaction.state.log.min.isr": inSync,
    "share.coordinator.state.topic.replication.factor": replicas,
    "share.coordinator.state.topic.min.isr": inSync,
    // One for each broker, not 50: each costs time at the first use of a group.
    "offsets.topic.num.partitions": String(brokers),
    "transaction.state.log.num.partitions": String(brokers),
  };
}
