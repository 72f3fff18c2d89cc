/** What a behaviour's test needs of the broker it runs on; what it opens is closed when the test ends. */
import { randomUUID } from "node:crypto";
import {
  type Admin,
  type Consumer,
  type ConsumerConfig,
  Kafka,
  logLevel,
  Partitioners,
  type Producer,
  type ProducerConfig,
} from "kafkajs";
import { onTestFinished } from "vitest";
import { registerCodecs } from "../../runtime/codecs.ts";
import { Code, LATEST, listOffset } from "./log-requests.ts";
import { connectRaw, type RawConnection } from "./raw-connection.ts";

/** A name that no other test uses, nor an earlier run on the same broker. */
export const unique = (what: string): string => `${what}-${randomUUID().slice(0, 13)}`;

const NOT_YET: ReadonlySet<number> = new Set([Code.UNKNOWN_TOPIC_OR_PARTITION, Code.NOT_LEADER_OR_FOLLOWER]);

interface TopicOptions {
  readonly partitions?: number;
  readonly configs?: Readonly<Record<string, string>>;
}

/** What not every broker can do, and the reason why this one cannot: its tests then hold it to what it does instead. */
export type Lacks = Readonly<
  Partial<Record<"names free once deleted" | "offsets of known transactions only", string>>
>;

export interface BrokerUnderTest {
  readonly lacks: Lacks;
  admin(): Promise<Admin>;
  producer(config?: ProducerConfig): Promise<Producer>;
  consumer(groupId: string, config?: Partial<ConsumerConfig>): Promise<Consumer>;
  connect(): Promise<RawConnection>;
  /** Creates a topic with a new name and returns it once all its partitions answer. */
  createTopic(options?: TopicOptions): Promise<string>;
  /** Resolves when partitions 0 to `partitions` − 1 answer: a cluster tells of them before their leader leads. */
  untilServed(topic: string, partitions: number): Promise<void>;
}

/** @param brokers `host:port` of the running broker, asked for in each test */
export function createBrokerUnderTest(brokers: () => string, lacks: Lacks = {}): BrokerUnderTest {
  registerCodecs();
  // One client a use: kafkajs shares committed offsets between the consumers of one client.
  const kafka = () =>
    new Kafka({
      brokers: [brokers()],
      clientId: "broker-suite",
      logLevel: logLevel.NOTHING,
      retry: { initialRetryTime: 50, retries: 10 },
    });

  const connected = async <T extends { connect(): Promise<void>; disconnect(): Promise<void> }>(
    client: T,
  ): Promise<T> => {
    await client.connect();
    onTestFinished(() => client.disconnect());
    return client;
  };

  const broker: BrokerUnderTest = {
    lacks,
    admin: () => connected(kafka().admin()),
    producer: (config) =>
      connected(kafka().producer({ createPartitioner: Partitioners.DefaultPartitioner, ...config })),
    consumer: (groupId, config) =>
      connected(
        kafka().consumer({
          groupId,
          heartbeatInterval: 250,
          sessionTimeout: 30_000,
          rebalanceTimeout: 30_000,
          maxWaitTimeInMs: 100,
          ...config,
        }),
      ),
    async connect() {
      const connection = await connectRaw(brokers());
      onTestFinished(() => connection.close());
      return connection;
    },
    async createTopic({ partitions = 1, configs = {} } = {}) {
      const topic = unique("topic");
      const admin = await broker.admin();
      const configEntries = Object.entries(configs).map(([name, value]) => ({ name, value }));
      await admin.createTopics({
        topics: [{ topic, numPartitions: partitions, replicationFactor: 1, configEntries }],
      });
      await broker.untilServed(topic, partitions);
      return topic;
    },
    async untilServed(topic, partitions) {
      const connection = await broker.connect();
      for (let partition = 0; partition < partitions; ) {
        const { error } = await listOffset(connection, { topic, partition }, LATEST);
        if (error === Code.NONE) partition++;
        else if (!NOT_YET.has(error))
          throw new Error(`Expected partition ${partition} to be led, got error ${error}`);
      }
    },
  };
  return broker;
}
