import { Reader } from "../../wire/reader.ts";
import { array, int8, int16, int32, int64, nullableArray, string, struct } from "../../wire/schema.ts";
import { Writer } from "../../wire/writer.ts";
import type { PartitionName, Transaction, TransactionStatus } from "./transaction.ts";

/**
 * The records of `__transaction_state`, in Kafka's own format, so that its tools can read them. A null value deletes.
 *
 *     key v0    version:int16 transactionalId
 *     value v0  version:int16 producerId:int64 producerEpoch:int16 timeoutMs:int32 status:int8
 *               [topic [partition:int32]]? updatedMs:int64 startedMs:int64
 */
const VERSION = 0;
/** By their number. Kafka has two more, Dead and PrepareEpochFence, which never reach the log. */
const STATUSES: readonly TransactionStatus[] = [
  "Empty",
  "Ongoing",
  "PrepareCommit",
  "PrepareAbort",
  "CompleteCommit",
  "CompleteAbort",
];

const keySchema = struct({ version: int16, transactionalId: string });
const valueSchema = struct({
  version: int16,
  producerId: int64,
  producerEpoch: int16,
  timeoutMs: int32,
  status: int8,
  topics: nullableArray(struct({ topic: string, partitions: array(int32) })),
  updatedMs: int64,
  startedMs: int64,
});

export function encodeTransactionKey(transactionalId: string): Buffer {
  const writer = new Writer(64);
  keySchema.write(writer, { version: VERSION, transactionalId }, 0, false);
  return Buffer.concat(writer.finish());
}

export function encodeTransaction(transaction: Transaction): Buffer {
  const writer = new Writer(128);
  const { producerId, producerEpoch, timeoutMs, updatedMs, startedMs } = transaction;
  const status = STATUSES.indexOf(transaction.status);
  const topics = toTopics(transaction.partitions);
  valueSchema.write(
    writer,
    { version: VERSION, producerId, producerEpoch, timeoutMs, status, topics, updatedMs, startedMs },
    0,
    false,
  );
  return Buffer.concat(writer.finish());
}

/** @throws ProtocolError for bytes that are cut short, RangeError for what this version does not know */
export function decodeTransactionKey(key: Buffer): string {
  return keySchema.read(versioned(key), 0, false).transactionalId;
}

/** @throws as decodeTransactionKey */
export function decodeTransaction(transactionalId: string, value: Buffer): Transaction {
  const { version: _, status: number, topics, ...fields } = valueSchema.read(versioned(value), 0, false);
  const status = STATUSES[number];
  if (status === undefined) {
    throw new RangeError(`Expected transaction status 0–${STATUSES.length - 1}, got ${number}`);
  }
  const names = (topics ?? []).flatMap(({ topic, partitions }) =>
    partitions.map((p) => toPartitionName(topic, p)),
  );
  return { transactionalId, ...fields, previousEpoch: -1, status, partitions: new Set(names) };
}

export function toPartitionName(topic: string, partition: number): PartitionName {
  return `${topic}-${partition}`;
}

export function fromPartitionName(name: PartitionName): { topic: string; partition: number } {
  const at = name.lastIndexOf("-");
  return { topic: name.slice(0, at), partition: Number(name.slice(at + 1)) };
}

/** Partition names by topic, as messages have them. */
export function toTopics(names: ReadonlySet<PartitionName>): { topic: string; partitions: number[] }[] {
  const topics = new Map<string, number[]>();
  for (const name of names) {
    const { topic, partition } = fromPartitionName(name);
    topics.set(topic, [...(topics.get(topic) ?? []), partition]);
  }
  return [...topics].map(([topic, partitions]) => ({ topic, partitions }));
}

function versioned(buffer: Buffer): Reader {
  const version = new Reader(buffer).int16();
  if (version !== VERSION) throw new RangeError(`Expected a transaction record of version 0, got ${version}`);
  return new Reader(buffer);
}
