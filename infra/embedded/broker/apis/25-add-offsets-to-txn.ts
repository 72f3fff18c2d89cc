import { int16, int32, int64, string, struct } from "../../wire/schema.ts";
import { defineApi } from "../define-api.ts";
import { OFFSETS_TOPIC } from "../topics.ts";
import { toFencedError } from "../transactions/fenced-error.ts";
import { toPartitionName } from "../transactions/transaction-records.ts";

/*
 * 25 AddOffsetsToTxn: the producer is about to commit a group's offsets in its transaction (TxnOffsetCommit). What is added
 * is the partition of `__consumer_offsets` that holds the group's: there is one for all.
 * A fenced producer is told 47, from v2 on 90. v3 is flexible.
 */
const FENCED_SINCE = 2;

export const addOffsetsToTxn = defineApi({
  key: 25,
  name: "AddOffsetsToTxn",
  versions: [0, 3],
  flexibleFrom: 3,
  request: struct({ transactionalId: string, producerId: int64, producerEpoch: int16, groupId: string }),
  response: struct({ throttleTimeMs: int32, errorCode: int16 }),
  async handle({ transactionalId, producerId, producerEpoch }, { broker, apiVersion }) {
    const partitions = [toPartitionName(OFFSETS_TOPIC, 0)];
    const added = await broker.transactions.add(transactionalId, { producerId, producerEpoch, partitions });
    return { throttleTimeMs: 0, errorCode: toFencedError(added, apiVersion, FENCED_SINCE) };
  },
});
