/** Raw requests on topics and their logs, one topic and partition each, in the versions that kafkajs speaks. */
import type { RawConnection } from "./raw-connection.ts";
import { type BatchHeader, toBatchHeaders } from "./record-batch.ts";
import { type Reader, Writer } from "./wire.ts";

/** Error codes that the suite expects; 0 is none. */
export const Code = {
  NONE: 0,
  OFFSET_OUT_OF_RANGE: 1,
  CORRUPT_MESSAGE: 2,
  UNKNOWN_TOPIC_OR_PARTITION: 3,
  NOT_LEADER_OR_FOLLOWER: 6,
  MESSAGE_TOO_LARGE: 10,
  OFFSET_METADATA_TOO_LARGE: 12,
  INVALID_REQUIRED_ACKS: 21,
  ILLEGAL_GENERATION: 22,
  INCONSISTENT_GROUP_PROTOCOL: 23,
  UNKNOWN_MEMBER_ID: 25,
  INVALID_SESSION_TIMEOUT: 26,
  REBALANCE_IN_PROGRESS: 27,
  UNSUPPORTED_VERSION: 35,
  OUT_OF_ORDER_SEQUENCE_NUMBER: 45,
  INVALID_PRODUCER_EPOCH: 47,
  INVALID_TXN_STATE: 48,
  INVALID_PRODUCER_ID_MAPPING: 49,
  INVALID_TRANSACTION_TIMEOUT: 50,
  CONCURRENT_TRANSACTIONS: 51,
  OPERATION_NOT_ATTEMPTED: 55,
  MEMBER_ID_REQUIRED: 79,
  INVALID_RECORD: 87,
} as const;

export interface Target {
  readonly topic: string;
  readonly partition?: number;
}

/** The one partition of the one topic that was asked for. */
export function only<T>(items: T[][]): T {
  const [item, ...more] = items.flat();
  if (item === undefined || more.length > 0)
    throw new Error(`Expected 1 partition, got ${items.flat().length}`);
  return item;
}

function produceBody(
  { topic, partition = 0 }: Target,
  batch: Buffer,
  acks: number,
  transactionalId: string | null = null,
): Writer {
  const body = new Writer().string(transactionalId).int16(acks).int32(30_000);
  return body.array([topic], (name) =>
    body.string(name).array([partition], (p) => body.int32(p).bytes(batch)),
  );
}

/** Produce v7; with a transactional id for a batch of its transaction. */
export async function produce(
  connection: RawConnection,
  target: Target,
  batch: Buffer,
  acks = -1,
  transactionalId: string | null = null,
) {
  const response = await connection.request(0, 7, produceBody(target, batch, acks, transactionalId));
  return only(
    response.array(() => {
      response.string();
      return response.array(() => {
        response.int32();
        const [error, baseOffset] = [response.int16(), response.int64()];
        return { error, baseOffset, logAppendTime: response.int64(), logStartOffset: response.int64() };
      });
    }),
  );
}

/** Produce v7 with acks 0: a broker answers nothing. */
export function produceUnacknowledged(connection: RawConnection, target: Target, batch: Buffer): void {
  connection.send(0, 7, produceBody(target, batch, 0));
}

export interface FetchOptions {
  readonly offset: number;
  readonly maxWaitMs?: number;
  readonly minBytes?: number;
  readonly maxBytes?: number;
  readonly readCommitted?: boolean;
}

export interface Fetched {
  readonly error: number;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  readonly logStartOffset: number;
  readonly aborted: { readonly producerId: number; readonly firstOffset: number }[];
  readonly batches: BatchHeader[];
  /** The batches themselves. */
  readonly records: Buffer;
}

/** Fetch v11, outside any session. */
export async function fetch(
  connection: RawConnection,
  target: Target,
  options: FetchOptions,
): Promise<Fetched> {
  const { offset, maxWaitMs = 0, minBytes = 1, maxBytes = 10_000_000, readCommitted = false } = options;
  const body = new Writer()
    .int32(-1)
    .int32(maxWaitMs)
    .int32(minBytes)
    .int32(maxBytes)
    .int8(readCommitted ? 1 : 0)
    .int32(0)
    .int32(-1);
  body.array([target], ({ topic, partition = 0 }) =>
    body
      .string(topic)
      .array([partition], (p) => body.int32(p).int32(-1).int64(offset).int64(-1).int32(maxBytes)),
  );
  const response = await connection.request(1, 11, body.array([], () => {}).string(""));
  response.int32(); // throttle time
  const requestError = response.int16();
  if (requestError !== 0) throw new Error(`Expected a fetch without error, got ${requestError}`);
  response.int32(); // session id
  return only(
    response.array(() => {
      response.string();
      return response.array(() => readFetchedPartition(response));
    }),
  );
}

function readFetchedPartition(response: Reader): Fetched {
  response.int32(); // partition
  const [error, highWatermark] = [response.int16(), response.int64()];
  const [lastStableOffset, logStartOffset] = [response.int64(), response.int64()];
  const aborted = response.array(() => ({ producerId: response.int64(), firstOffset: response.int64() }));
  response.int32(); // preferred read replica
  const records = response.bytes() ?? Buffer.alloc(0);
  return {
    error,
    highWatermark,
    lastStableOffset,
    logStartOffset,
    aborted,
    batches: toBatchHeaders(records),
    records,
  };
}

export const LATEST = -1;
export const EARLIEST = -2;

/** ListOffsets v3; `timestamp` in milliseconds, or EARLIEST or LATEST. */
export async function listOffset(
  connection: RawConnection,
  target: Target,
  timestamp: number,
  readCommitted = false,
) {
  const body = new Writer().int32(-1).int8(readCommitted ? 1 : 0);
  body.array([target], ({ topic, partition = 0 }) =>
    body.string(topic).array([partition], (p) => body.int32(p).int64(timestamp)),
  );
  const response = await connection.request(2, 3, body);
  response.int32(); // throttle time
  return only(
    response.array(() => {
      response.string();
      return response.array(() => {
        response.int32();
        return { error: response.int16(), timestamp: response.int64(), offset: response.int64() };
      });
    }),
  );
}

/** DeleteTopics v1 of one topic: its error code. */
export async function deleteTopic(connection: RawConnection, topic: string): Promise<number> {
  const body = new Writer();
  const response = await connection.request(
    20,
    1,
    body.array([topic], (name) => body.string(name)).int32(30_000),
  );
  response.int32(); // throttle time
  return response.array(() => [response.string(), response.int16()] as const)[0]![1];
}

/** Metadata v6 without automatic creation: topics with their error and number of partitions. */
export async function metadata(connection: RawConnection, topics: readonly string[] | null) {
  const body = new Writer();
  const response = await connection.request(
    3,
    6,
    body.array(topics, (name) => body.string(name)).boolean(false),
  );
  response.int32(); // throttle time
  const brokers = response.array(() => {
    const broker = { nodeId: response.int32(), host: response.string(), port: response.int32() };
    response.string(); // rack
    return broker;
  });
  const [clusterId, controllerId] = [response.string(), response.int32()];
  const described = response.array(() => {
    const [error, name, internal] = [response.int16(), response.string(), response.boolean()];
    const partitions = response.array(() => {
      const [partitionError, partition, leader] = [response.int16(), response.int32(), response.int32()];
      const [replicas, isr, offline] = [0, 1, 2].map(() => response.array(() => response.int32()));
      return { error: partitionError, partition, leader, replicas, isr, offline };
    });
    return { error, name, internal, partitions };
  });
  return { brokers, clusterId, controllerId, topics: described, remaining: response.remaining };
}

/** InitProducerId v1 outside any transaction. */
export async function initProducerId(connection: RawConnection) {
  const response = await connection.request(22, 1, new Writer().string(null).int32(60_000));
  response.int32(); // throttle time
  return { error: response.int16(), producerId: response.int64(), producerEpoch: response.int16() };
}
