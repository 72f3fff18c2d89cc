import { LogClosedError } from "../../log/log-errors.ts";
import { encodeBatch } from "../../wire/record-batch.ts";
import type { GroupCoordinator } from "../groups/coordinator.ts";
import type { Logger } from "../logger.ts";
import { OFFSETS_TOPIC, type Topics } from "../topics.ts";
import { isCommit, type PartitionName, type Transaction } from "./transaction.ts";
import { fromPartitionName, toPartitionName } from "./transaction-records.ts";

const COORDINATOR_EPOCH = 0;

export interface MarkerTargets {
  readonly topics: Topics;
  readonly groups: GroupCoordinator;
  readonly now: () => number;
}

/**
 * Tells one partition how the transaction ended, unless it knows: its records become visible, or are never seen. For
 * offsets it also tells the groups. A partition that is gone has nothing to be told. Rejects when it cannot be written.
 */
export async function writeMarker(
  { topics, groups, now }: MarkerTargets,
  name: PartitionName,
  transaction: Transaction,
): Promise<void> {
  const { topic, partition: index } = fromPartitionName(name);
  const { producerId, producerEpoch } = transaction;
  const partition = topics.partition(topic, index);
  if (!partition?.producers.hasOpenTransaction(producerId)) return;
  const committed = isCommit(transaction);
  try {
    await partition.log.append(encodeMarker({ producerId, producerEpoch, committed, timestamp: now() }));
  } catch (error) {
    if (!(error instanceof LogClosedError) || topics.partition(topic, index) === partition) throw error;
  }
  if (topic === OFFSETS_TOPIC) await groups.endTransaction(producerId, committed);
}

/**
 * Aborts transactions that are open on a partition and that the coordinator knows nothing of (`isKnown`): a power failure
 * has taken what it had written about them. Nobody else would ever end them, and readers would wait for ever.
 */
export async function abortOrphans(
  targets: MarkerTargets,
  isKnown: (producerId: number, name: PartitionName) => boolean,
  logger: Logger,
): Promise<void> {
  for (const { name: topic, partitions } of targets.topics.list()) {
    for (const { index, log, producers } of partitions) {
      for (const producer of producers.openTransactions()) {
        const { producerId } = producer;
        if (isKnown(producerId, toPartitionName(topic, index))) continue;
        logger.warn(
          { topic, partition: index, producerId },
          "aborting a transaction that nobody knows any more",
        );
        try {
          await log.append(encodeMarker({ ...producer, committed: false, timestamp: targets.now() }));
          if (topic === OFFSETS_TOPIC) await targets.groups.endTransaction(producerId, false);
        } catch (error) {
          logger.error(
            { err: error, topic, partition: index },
            "could not abort it: trying again at the next start",
          );
        }
      }
    }
  }
}

/** A control batch of one record: key `version:int16 type:int16` (0 abort, 1 commit), value `version:int16 coordinatorEpoch:int32`. */
function encodeMarker(marker: {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly committed: boolean;
  /** Ms since 1970. */
  readonly timestamp: number;
}): Buffer {
  const { producerId, producerEpoch, committed, timestamp } = marker;
  const key = Buffer.alloc(4);
  key.writeInt16BE(committed ? 1 : 0, 2);
  const value = Buffer.alloc(6);
  value.writeInt32BE(COORDINATOR_EPOCH, 2);
  const records = [{ timestamp, key, value, headers: [] }];
  return encodeBatch({
    baseOffset: 0,
    records,
    producerId,
    producerEpoch,
    transactional: true,
    control: true,
  });
}
