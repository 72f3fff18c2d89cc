import { array, int16, int32, int64, nullableString, string, struct } from "../../wire/schema.ts";
import { defineApi } from "../define-api.ts";
import { ErrorCode } from "../errors.ts";

/*
 * 61 DescribeProducers: the idempotent and transactional producers that a partition remembers, with the first offset of
 * the transaction that each has open there (−1: none). The coordinator's epoch is not kept (−1).
 */
const request = struct({ topics: array(struct({ name: string, partitions: array(int32) })) });

const response = struct({
  throttleTimeMs: int32,
  topics: array(
    struct({
      name: string,
      partitions: array(
        struct({
          index: int32,
          errorCode: int16,
          errorMessage: nullableString,
          producers: array(
            struct({
              producerId: int64,
              producerEpoch: int32,
              lastSequence: int32,
              lastTimestamp: int64,
              coordinatorEpoch: int32,
              currentTxnStartOffset: int64,
            }),
          ),
        }),
      ),
    }),
  ),
});

export const describeProducers = defineApi({
  key: 61,
  name: "DescribeProducers",
  versions: [0, 0],
  flexibleFrom: 0,
  request,
  response,
  handle({ topics }, { broker }) {
    return {
      throttleTimeMs: 0,
      topics: topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map((index) => {
          const partition = broker.topics.partition(name, index);
          if (!partition) {
            const errorMessage = `There is no partition ${index} of topic ${name}`;
            return { index, errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, errorMessage, producers: [] };
          }
          const producers = partition.producers.list().map((producer) => ({
            producerId: producer.producerId,
            producerEpoch: producer.epoch,
            lastSequence: producer.lastSequence,
            lastTimestamp: producer.lastUsedMs,
            coordinatorEpoch: -1,
            currentTxnStartOffset: producer.openFrom,
          }));
          return { index, errorCode: ErrorCode.NONE, errorMessage: null, producers };
        }),
      })),
    };
  },
});
