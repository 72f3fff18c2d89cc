/** The Node clients that load a broker: each writes and reads a topic as fast as it can. */
import { Consumer as PlatformaticConsumer, Producer as PlatformaticProducer } from "@platformatic/kafka";
import { Kafka, logLevel, Partitioners } from "kafkajs";

export interface Load {
  /** `host:port` */
  readonly brokers: string;
  readonly topic: string;
  readonly partitions: number;
  readonly records: number;
  readonly recordBytes: number;
}

export interface LoadClient {
  readonly name: string;
  /** How many times the records of a load it writes and reads (1 if left out): one that starts slowly needs more. */
  readonly timesTheRecords?: number;
  /** Writes the records. Returns how many a second it did. */
  produce(load: Load): Promise<number>;
  /** Reads them all, in a group. Returns how many a second, from when it got its partitions. */
  consume(load: Load): Promise<number>;
}

const BATCH_RECORDS = 500;
const IN_FLIGHT = 5;
const MAX_WAIT_MS = 100;

const kafkajsOf = ({ brokers }: Load) => new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING });

/** Sends batch after batch, a few at a time. Returns the records per second. */
async function sendAll({ records }: Load, send: (batch: number) => Promise<unknown>): Promise<number> {
  const started = performance.now();
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < records / BATCH_RECORDS) await send(next++);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  return (records / (performance.now() - started)) * 1000;
}

export const kafkajs: LoadClient = {
  name: "kafkajs",
  async produce(load) {
    const { topic, partitions, recordBytes } = load;
    const producer = kafkajsOf(load).producer({ createPartitioner: Partitioners.DefaultPartitioner });
    await producer.connect();
    const value = Buffer.alloc(recordBytes, "v");
    const rate = await sendAll(load, (batch) =>
      producer.send({ topic, messages: Array(BATCH_RECORDS).fill({ value, partition: batch % partitions }) }),
    );
    await producer.disconnect();
    return rate;
  },
  async consume(load) {
    const { topic, records } = load;
    const consumer = kafkajsOf(load).consumer({ groupId: topic, maxWaitTimeInMs: MAX_WAIT_MS });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    let read = 0;
    let started = 0;
    consumer.on(consumer.events.GROUP_JOIN, () => {
      started = performance.now();
    });
    await new Promise<void>((resolve) => {
      void consumer.run({
        autoCommit: false,
        eachBatch: async ({ batch }) => {
          read += batch.messages.length;
          if (read >= records) resolve();
        },
      });
    });
    const rate = (records / (performance.now() - started)) * 1000;
    await consumer.disconnect();
    return rate;
  },
};

export const platformatic: LoadClient = {
  name: "@platformatic/kafka",
  async produce(load) {
    const { brokers, topic, partitions, recordBytes } = load;
    const producer = new PlatformaticProducer({ clientId: "bench", bootstrapBrokers: [brokers] });
    const value = Buffer.alloc(recordBytes, "v");
    const rate = await sendAll(load, (batch) =>
      producer.send({
        acks: -1,
        messages: Array(BATCH_RECORDS).fill({ topic, value, partition: batch % partitions }),
      }),
    );
    await producer.close();
    return rate;
  },
  async consume({ brokers, topic, records }) {
    const consumer = new PlatformaticConsumer({
      clientId: "bench",
      groupId: topic,
      bootstrapBrokers: [brokers],
      maxWaitTime: MAX_WAIT_MS,
    });
    // Resolves when the group has been joined.
    const stream = await consumer.consume({ autocommit: false, topics: [topic], mode: "earliest" });
    const started = performance.now();
    let read = 0;
    for await (const _ of stream) if (++read === records) break;
    const rate = (records / (performance.now() - started)) * 1000;
    await consumer.close(true);
    return rate;
  },
};
