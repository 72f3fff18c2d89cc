import { decodeBatch, encodeBatch } from "../../wire/record-batch.ts";
import { readBatches } from "../read-batches.ts";
import { type Topics, TRANSACTIONS_TOPIC } from "../topics.ts";
import type { Transaction } from "./transaction.ts";
import {
  decodeTransaction,
  decodeTransactionKey,
  encodeTransaction,
  encodeTransactionKey,
} from "./transaction-records.ts";

/** Where the coordinator keeps its transactions. */
export interface TransactionLog {
  /** What is there for each transactional id. */
  replay(): Map<string, Transaction>;
  /** Resolves once it is in the log; null: the id is forgotten. Rejects when it could not be written. */
  append(transactionalId: string, transaction: Transaction | null): Promise<void>;
}

/** Over the one partition of the compacted topic `__transaction_state`, which is made when the first producer needs it. */
export function openTransactionLog(topics: Topics, now: () => number): TransactionLog {
  const configs = { "cleanup.policy": "compact" };
  return {
    replay() {
      const found = new Map<string, Transaction>();
      const log = topics.partition(TRANSACTIONS_TOPIC, 0)?.log;
      if (!log) return found;
      for (const { batch } of readBatches(log)) {
        for (const { key, value } of decodeBatch(batch).records) {
          if (!key) continue;
          const transactionalId = decodeTransactionKey(key);
          if (value) found.set(transactionalId, decodeTransaction(transactionalId, value));
          else found.delete(transactionalId);
        }
      }
      return found;
    },
    async append(transactionalId, transaction) {
      const topic =
        topics.get(TRANSACTIONS_TOPIC) ?? topics.create({ name: TRANSACTIONS_TOPIC, partitions: 1, configs });
      const key = encodeTransactionKey(transactionalId);
      const value = transaction && encodeTransaction(transaction);
      const records = [{ timestamp: now(), key, value, headers: [] }];
      await topic.partitions[0]!.log.append(encodeBatch({ baseOffset: 0, records }));
    },
  };
}
