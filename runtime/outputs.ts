/** Writes a function's outputs: chooses the partition, hands each record to its partition's lane. */
import kafkajs, { type PartitionMetadata, type Producer } from "kafkajs";
import { backoffMs, wait } from "./backoff.ts";
import type { Compression } from "./define.ts";
import { describeError, isRefusal, type KafkaFactory, kafkaErrorType } from "./kafka.ts";
import { AbortedError, createLane, type Lane, type LaneLimits, type OutRecord } from "./lane.ts";
import type { Logger } from "./log.ts";

/** How to write to a topic. */
export interface Delivery {
  readonly compression: Compression;
  readonly acks: "all" | "leader";
}

export interface OutputsOptions {
  /** The function whose outputs these are. */
  readonly name: string;
  readonly kafka: KafkaFactory;
  readonly limits: LaneLimits;
  delivery(topic: string): Delivery;
  /** How many partitions a topic has; rejects when Kafka cannot be asked, and is asked again. */
  partitionsOf(topic: string): Promise<number>;
  /** A topic that should be there is not: make it again. */
  recreate(topic: string): Promise<void>;
  /** Told of each failed try that will be repeated, and with null when one has worked and no other has failed. */
  onTrouble(reason: string | null): void;
  /** Aborts when waiting is over: what is not acknowledged by then is rejected with AbortedError. */
  readonly signal: AbortSignal;
  readonly log: Logger;
}

export interface Outputs {
  /**
   * Resolves when Kafka has acknowledged them all. Outages are waited out. Rejects with RefusedError when Kafka will
   * never take some of them, with AbortedError when `signal` aborts.
   */
  send(records: readonly OutRecord[]): Promise<void>;
  /** Waits for what is on its way, then closes. */
  stop(): Promise<void>;
}

/** Kafka will never take these records; `indexes` are their places in what was sent. */
export class RefusedError extends Error {
  override readonly name = "RefusedError";
  readonly refused: ReadonlyMap<number, string>;
  constructor(refused: ReadonlyMap<number, string>) {
    super(`Kafka refused ${refused.size} records: ${[...refused.values()][0]}`);
    this.refused = refused;
  }
}

const { CompressionTypes } = kafkajs;
const COMPRESSION: Record<Compression, kafkajs.CompressionTypes> = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
  snappy: CompressionTypes.Snappy,
  lz4: CompressionTypes.LZ4,
  zstd: CompressionTypes.ZSTD,
};

/** The Java client's partitioner: murmur2 of the key; records without a key go round. */
const choosePartition = kafkajs.Partitioners.DefaultPartitioner();

const metadataByCount = new Map<number, PartitionMetadata[]>();

/** What the partitioner wants to see of a topic with `count` partitions. */
function toPartitionMetadata(count: number): PartitionMetadata[] {
  const known = metadataByCount.get(count);
  if (known) return known;
  const made = Array.from({ length: count }, (_, partitionId) => ({
    partitionErrorCode: 0,
    partitionId,
    leader: 0,
    replicas: [],
    isr: [],
  }));
  metadataByCount.set(count, made);
  return made;
}

export function createOutputs(options: OutputsOptions): Outputs {
  const lanes = new Map<string, Lane>();
  const pending = new Set<Promise<void>>();
  /** Lanes whose last try has failed. */
  const troubled = new Set<string>();
  /** Records that were given up on, or others that were sent along with them were. */
  let undelivered = 0;
  let producer: Promise<Producer> | null = null;

  const connect = (): Promise<Producer> => {
    producer ??= (async () => {
      const created = options.kafka(options.name).producer({
        createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
        allowAutoTopicCreation: false,
        metadataMaxAge: 30_000,
        retry: { retries: 3, initialRetryTime: 100, maxRetryTime: 2_000 },
      });
      await created.connect();
      return created;
    })();
    return producer;
  };

  const discard = async (old: Promise<Producer> | null): Promise<void> => {
    if (producer === old) producer = null;
    await old?.then((p) => p.disconnect()).catch((error) => options.log.debug(describeError(error)));
  };

  const sendTo = async (topic: string, partition: number, records: readonly OutRecord[]): Promise<void> => {
    const { compression, acks } = options.delivery(topic);
    const client = connect();
    try {
      await (await client).send({
        topic,
        acks: acks === "all" ? -1 : 1,
        compression: COMPRESSION[compression],
        messages: records.map((record) => ({
          key: record.key,
          value: record.value,
          headers: { ...record.headers },
          timestamp: String(record.timestamp),
          partition,
        })),
      });
    } catch (error) {
      // A new client next time: kafkajs can hold on to a dead connection or to metadata of a topic that is gone. Only
      // this one goes: by the time that other lanes notice, there may be a new one already.
      if (!isRefusal(error)) void discard(client);
      throw error;
    }
    troubled.delete(`${topic}/${partition}`);
    if (troubled.size === 0) options.onTrouble(null);
  };

  const laneOf = (topic: string, partition: number): Lane => {
    const id = `${topic}/${partition}`;
    let lane = lanes.get(id);
    if (!lane) {
      lane = createLane(options.limits, {
        send: (records) => sendTo(topic, partition, records),
        isRefusal,
        signal: options.signal,
        random: Math.random,
        onRetry(error, failures) {
          const reason = `cannot write to ${topic}: ${describeError(error)}`;
          // What befalls one lane mostly befalls them all: it is told once.
          const level = troubled.size === 0 ? "warn" : "debug";
          troubled.add(id);
          options.onTrouble(reason);
          options.log[level]({ function: options.name, topic, partition, failures }, reason);
          if (kafkaErrorType(error) === "UNKNOWN_TOPIC_OR_PARTITION") {
            options
              .recreate(topic)
              .catch((e) => options.log.debug(`cannot create ${topic}: ${describeError(e)}`));
          }
        },
      });
      lanes.set(id, lane);
    }
    return lane;
  };

  const partitionsOf = async (topic: string): Promise<PartitionMetadata[]> => {
    for (let failures = 1; ; failures++) {
      try {
        return toPartitionMetadata(await options.partitionsOf(topic));
      } catch (error) {
        options.onTrouble(`cannot ask for the partitions of ${topic}: ${describeError(error)}`);
        await wait(backoffMs(options.limits.backoff, failures, Math.random()), options.signal);
        if (options.signal.aborted) throw new AbortedError();
      }
    }
  };

  const send = async (records: readonly OutRecord[]): Promise<void> => {
    const metadata = new Map<string, PartitionMetadata[]>();
    for (const { topic } of records) {
      if (!metadata.has(topic)) metadata.set(topic, await partitionsOf(topic));
    }
    const refused = new Map<number, string>();
    await new Promise<void>((resolve, reject) => {
      let left = records.length;
      records.forEach((record, i) => {
        const { topic, key, value } = record;
        const partitionMetadata = metadata.get(topic)!;
        const partition = choosePartition({ topic, partitionMetadata, message: { key, value } });
        record.trace?.chosen(partition);
        laneOf(topic, partition).write(record, (error) => {
          record.trace?.end(error);
          if (isRefusal(error)) refused.set(i, describeError(error));
          else if (error !== null) reject(error);
          left -= 1;
          if (left === 0) resolve();
        });
      });
    });
    if (refused.size > 0) throw new RefusedError(refused);
  };

  return {
    send(records) {
      if (records.length === 0) return Promise.resolve();
      const sent = send(records);
      const settled = sent.then(
        () => {},
        (error) => {
          // Whoever called send has the error; this is to know when all is over, and what is not.
          if (error instanceof AbortedError) undelivered += records.length;
        },
      );
      pending.add(settled);
      void settled.then(() => pending.delete(settled));
      return sent;
    },
    async stop() {
      await Promise.all(pending);
      await discard(producer);
      if (undelivered === 0) return;
      const { name, log } = options;
      log.warn(
        { function: name, records: undelivered },
        "stopped before Kafka acknowledged its last outputs",
      );
    },
  };
}
