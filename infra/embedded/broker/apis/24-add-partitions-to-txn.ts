import { array, int16, int32, int64, string, struct } from "../../wire/schema.ts";
import type { Broker } from "../broker.ts";
import { defineApi } from "../define-api.ts";
import { ErrorCode } from "../errors.ts";
import { toFencedError } from "../transactions/fenced-error.ts";
import { toPartitionName } from "../transactions/transaction-records.ts";

/*
 * 24 AddPartitionsToTxn: the partitions that the producer is about to write to; the first ones begin its transaction. All
 * are added, or none: if one cannot be, the others answer OPERATION_NOT_ATTEMPTED.
 * A fenced producer is told 47, from v2 on 90. v3 is flexible; v4 and later are for brokers among themselves.
 */
const FENCED_SINCE = 2;

const topicSchema = struct({ name: string, partitions: array(int32) });
const request = struct({
  transactionalId: string,
  producerId: int64,
  producerEpoch: int16,
  topics: array(topicSchema),
});

const response = struct({
  throttleTimeMs: int32,
  topics: array(struct({ name: string, partitions: array(struct({ index: int32, errorCode: int16 })) })),
});

export const addPartitionsToTxn = defineApi({
  key: 24,
  name: "AddPartitionsToTxn",
  versions: [0, 3],
  flexibleFrom: 3,
  request,
  response,
  async handle({ transactionalId, producerId, producerEpoch, topics }, { broker, apiVersion }) {
    const wanted = topics.flatMap(({ name, partitions }) => partitions.map((index) => ({ name, index })));
    const refusals = wanted.map(({ name, index }) => refuse(broker, name, index));
    let others: number = ErrorCode.OPERATION_NOT_ATTEMPTED;
    if (refusals.every((code) => code === ErrorCode.NONE)) {
      const partitions = wanted.map(({ name, index }) => toPartitionName(name, index));
      const added = await broker.transactions.add(transactionalId, { producerId, producerEpoch, partitions });
      others = toFencedError(added, apiVersion, FENCED_SINCE);
    }
    let next = 0;
    return {
      throttleTimeMs: 0,
      topics: topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map((index) => ({ index, errorCode: refusals[next++] || others })),
      })),
    };
  },
});

function refuse(broker: Broker, name: string, index: number): number {
  if (!broker.topics.partition(name, index)) return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
  return broker.topics.get(name)?.internal ? ErrorCode.TOPIC_AUTHORIZATION_FAILED : ErrorCode.NONE;
}
