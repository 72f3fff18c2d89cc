import { LogClosedError } from "../log/log-errors.ts";
import { decompressBatch } from "../wire/compression.ts";
import { ProtocolError } from "../wire/protocol-error.ts";
import { type BatchHeader, decodeBatch, validateProduced } from "../wire/record-batch.ts";
import type { Broker } from "./broker.ts";
import { ErrorCode } from "./errors.ts";
import type { Partition } from "./partition.ts";
import type { AppendedBatch } from "./producer-state.ts";
import type { Topic } from "./topics.ts";
import { toFencedError } from "./transactions/fenced-error.ts";
import { toPartitionName } from "./transactions/transaction-records.ts";

export interface AppendOutcome {
  readonly errorCode: number;
  readonly errorMessage: string | null;
  /** −1 when nothing was appended. */
  readonly baseOffset: number;
  readonly logAppendTimeMs: number;
}

export function refuseAppend(errorCode: number, errorMessage: string): AppendOutcome {
  return { errorCode, errorMessage, baseOffset: -1, logAppendTimeMs: -1 };
}

/**
 * Appends what a client sent for one partition, if it is one sound batch that its producer has not sent before. The
 * buffer is the log's from here on: its base offset is patched in place.
 */
export async function appendProduced(
  broker: Broker,
  topic: Topic,
  partition: Partition,
  records: Buffer,
  { transactionalId, zstdAllowed }: { transactionalId: string | null; zstdAllowed: boolean },
): Promise<AppendOutcome> {
  const { config } = topic;
  const batch = validateProduced(records, { maxMessageBytes: config.maxMessageBytes, zstdAllowed });
  if (!batch.ok) return refuseAppend(batch.errorCode, batch.message);
  const { header } = batch;
  const keyProblem = config.compact ? await findKeyProblem(records) : null;
  if (keyProblem) return refuseAppend(ErrorCode.INVALID_RECORD, keyProblem);
  const now = broker.now();
  const timeProblem = config.logAppendTime ? null : findTimestampProblem(header, topic, now);
  if (timeProblem) return refuseAppend(ErrorCode.INVALID_TIMESTAMP, timeProblem);

  const idempotent = header.producerId >= 0;
  if (idempotent) {
    const check = partition.producers.check(header);
    if (check.kind === "refused") return refuseAppend(check.errorCode, check.message);
    if (check.kind === "duplicate") return toOutcome(broker, check.appended);
  }
  // From here to the append nothing may be awaited: the markers of this transaction come behind it.
  const refusal = header.transactional
    ? refuseTransactional(broker, partition, header, transactionalId)
    : null;
  if (refusal) return refusal;
  const appended = partition.log.append(records, config.logAppendTime ? { logAppendTime: now } : {});
  if (idempotent) partition.producers.begin(header, appended);
  const outcome = await toOutcome(broker, appended);
  if (outcome.errorCode === ErrorCode.NONE) broker.traffic.recordsIn += header.recordCount;
  return outcome;
}

/** Why this batch cannot be part of its producer's transaction; null: it can. */
function refuseTransactional(
  broker: Broker,
  { topic, index }: Partition,
  { producerId, producerEpoch }: BatchHeader,
  transactionalId: string | null,
): AppendOutcome | null {
  if (transactionalId === null) {
    const message = "Expected the transactional id that the batch is written under, got none";
    return refuseAppend(ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED, message);
  }
  const name = toPartitionName(topic, index);
  const errorCode = broker.transactions.check(transactionalId, { producerId, producerEpoch }, name);
  if (errorCode === ErrorCode.NONE) return null;
  const message = `Expected ${name} in an open transaction of producer ${producerId} with epoch ${producerEpoch} (${transactionalId}), it is not`;
  return refuseAppend(toFencedError(errorCode, 0, Number.POSITIVE_INFINITY), message);
}

async function toOutcome(broker: Broker, appended: Promise<AppendedBatch>): Promise<AppendOutcome> {
  try {
    const { baseOffset, logAppendTimeMs } = await appended;
    broker.storage.succeeded();
    return { errorCode: ErrorCode.NONE, errorMessage: null, baseOffset, logAppendTimeMs };
  } catch (error) {
    if (error instanceof LogClosedError) {
      return refuseAppend(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "The topic was deleted meanwhile");
    }
    broker.storage.failed(error);
    return refuseAppend(ErrorCode.KAFKA_STORAGE_ERROR, (error as Error).message);
  }
}

/** Compaction keeps the last record of each key, so one without a key is refused; so is what cannot be read. */
async function findKeyProblem(batch: Buffer): Promise<string | null> {
  try {
    const { records } = decodeBatch(await decompressBatch(batch));
    const without = records.findIndex(({ key }) => key === null);
    return without < 0
      ? null
      : `Expected a key on every record of a compacted topic, got none on record ${without}`;
  } catch (error) {
    if (error instanceof ProtocolError) return error.message;
    throw error;
  }
}

function findTimestampProblem({ maxTimestamp }: BatchHeader, { config }: Topic, now: number): string | null {
  // −1 is no timestamp at all.
  if (maxTimestamp === -1) return null;
  if (maxTimestamp - now > config.timestampAfterMaxMs) {
    return `Expected a timestamp at most ${config.timestampAfterMaxMs} ms ahead of the broker's (message.timestamp.after.max.ms), got ${maxTimestamp}`;
  }
  if (now - maxTimestamp > config.timestampBeforeMaxMs) {
    return `Expected a timestamp at most ${config.timestampBeforeMaxMs} ms behind the broker's (message.timestamp.before.max.ms), got ${maxTimestamp}`;
  }
  return null;
}
