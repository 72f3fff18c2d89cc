/** Ports and folders of one broker; the rest of its configuration is the same for all. */
interface BrokerPlace {
  readonly port: number;
  readonly controllerPort: number;
  readonly logDir: string;
}

/**
 * The configuration of a single-node KRaft cluster on loopback: Kafka's defaults, but for what one node
 * cannot replicate, and for waits that only cost time in a test.
 */
export function serverProperties(place: BrokerPlace, overrides: Readonly<Record<string, string>>): string {
  const properties: Record<string, string> = {
    "process.roles": "broker,controller",
    "node.id": "1",
    // A static voter: unlike a dynamic one it may have another port at the next start on the same folder.
    "controller.quorum.voters": `1@127.0.0.1:${place.controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${place.port},CONTROLLER://127.0.0.1:${place.controllerPort}`,
    "advertised.listeners": `PLAINTEXT://127.0.0.1:${place.port}`,
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "inter.broker.listener.name": "PLAINTEXT",
    "controller.listener.names": "CONTROLLER",
    "log.dirs": place.logDir,
    // Topics come from their definitions, never from a misspelt name.
    "auto.create.topics.enable": "false",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "group.initial.rebalance.delay.ms": "0",
    "log.cleaner.dedupe.buffer.size": String(16 * 1024 * 1024),
    ...overrides,
  };
  return Object.entries(properties)
    .map(([key, value]) => `${key}=${value}\n`)
    .join("");
}
