/** How many bytes each partition's log takes, by DescribeLogDirs, which kafkajs does not have. */
import { createRequire } from "node:module";
import type { LogDirEntry } from "./admin-view.ts";
import type { InternalBroker, InternalCluster } from "./internal-cluster.ts";
import { describeError } from "./kafka.ts";

export interface LogDirs {
  readonly entries: readonly LogDirEntry[];
  /** Why some are missing, or null. */
  readonly trouble: string | null;
}

interface Decoder {
  readInt16(): number;
  readInt32(): number;
  readInt64(): { toString(): string };
  readString(): string;
  readBoolean(): boolean;
  readArray<T>(read: (decoder: Decoder) => T): T[];
}

const API_KEY = 35;
/** The last one that is not flexible: kafkajs writes no tagged fields. Brokers since 1.0 serve it. */
const API_VERSION = 1;
/** A null array. */
const ALL_TOPICS = -1;

const require = createRequire(import.meta.url);
const KafkaJsDecoder = require("kafkajs/src/protocol/decoder") as new (bytes: Buffer) => Decoder;
const KafkaJsEncoder = require("kafkajs/src/protocol/encoder") as new () => {
  writeInt32(value: number): unknown;
};

/** Asks every broker. What one does not tell is missing, and `trouble` says why. */
export async function readLogDirs(cluster: InternalCluster): Promise<LogDirs> {
  const asked = cluster.brokerPool.metadata.brokers.map(async ({ nodeId }): Promise<LogDirs> => {
    try {
      return { entries: await readLogDirsOf(await cluster.findBroker({ nodeId }), nodeId), trouble: null };
    } catch (error) {
      return { entries: [], trouble: `broker ${nodeId}: ${describeError(error)}` };
    }
  });
  const answers = await Promise.all(asked);
  const troubles = answers.flatMap(({ trouble }) => trouble ?? []);
  return {
    entries: answers.flatMap(({ entries }) => entries),
    trouble: troubles.length > 0 ? troubles.join("; ") : null,
  };
}

async function readLogDirsOf(broker: InternalBroker, nodeId: number): Promise<readonly LogDirEntry[]> {
  const served = broker.versions[API_KEY];
  if (!served || served.minVersion > API_VERSION || served.maxVersion < API_VERSION) {
    const got = served ? `versions ${served.minVersion}–${served.maxVersion}` : "none";
    throw new Error(
      `it does not tell log sizes: expected DescribeLogDirs version ${API_VERSION}, got ${got}`,
    );
  }
  const dirs = (await broker.connectionPool.send({
    request: {
      apiKey: API_KEY,
      apiVersion: API_VERSION,
      apiName: "DescribeLogDirs",
      encode: async () => new KafkaJsEncoder().writeInt32(ALL_TOPICS),
    },
    response: { decode: decodeLogDirs, parse: (dirs: unknown) => dirs },
  })) as LogDir[];
  const failed = dirs.find((dir) => dir.errorCode !== 0);
  if (failed) throw new Error(`it does not tell the sizes of ${failed.path} (error ${failed.errorCode})`);
  return dirs.flatMap((dir) =>
    // A future replica is a copy on its way to another folder of the same broker.
    dir.partitions
      .filter((p) => !p.isFuture)
      .map(({ topic, partition, sizeBytes }) => ({ broker: nodeId, topic, partition, sizeBytes })),
  );
}

export interface LogDir {
  /** Kafka's error code, 0 for none. */
  readonly errorCode: number;
  readonly path: string;
  readonly partitions: readonly {
    readonly topic: string;
    readonly partition: number;
    readonly sizeBytes: number;
    readonly isFuture: boolean;
  }[];
}

/*
 * DescribeLogDirs Response (Version: 1) => throttle_time_ms [results]
 *   throttle_time_ms => INT32
 *   results => error_code log_dir [topics]
 *     error_code => INT16
 *     log_dir => STRING
 *     topics => name [partitions]
 *       name => STRING
 *       partitions => partition_index partition_size offset_lag is_future_key
 *         partition_index => INT32
 *         partition_size => INT64
 *         offset_lag => INT64
 *         is_future_key => BOOLEAN
 */
export async function decodeLogDirs(bytes: Buffer): Promise<LogDir[]> {
  const decoder = new KafkaJsDecoder(bytes);
  decoder.readInt32();
  return decoder.readArray((dir) => ({
    errorCode: dir.readInt16(),
    path: dir.readString(),
    partitions: dir
      .readArray((topic) => {
        const name = topic.readString();
        return topic.readArray((p) => {
          const [partition, size] = [p.readInt32(), p.readInt64()];
          p.readInt64(); // how far a follower or a future replica is behind
          return { topic: name, partition, sizeBytes: Number(size.toString()), isFuture: p.readBoolean() };
        });
      })
      .flat(),
  }));
}
