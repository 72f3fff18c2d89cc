import { array, int16, int32, int64, string, struct } from "../../wire/schema.ts";
import { defineApi } from "../define-api.ts";
import { ErrorCode } from "../errors.ts";
import { toTopics } from "../transactions/transaction-records.ts";

/*
 * 65 DescribeTransactions: how each transactional id stands, as it is in the log; 105 for one that is not known.
 */
const request = struct({ transactionalIds: array(string) });

const response = struct({
  throttleTimeMs: int32,
  transactions: array(
    struct({
      errorCode: int16,
      transactionalId: string,
      state: string,
      timeoutMs: int32,
      startTimeMs: int64,
      producerId: int64,
      producerEpoch: int16,
      topics: array(struct({ topic: string, partitions: array(int32) })),
    }),
  ),
});

export const describeTransactions = defineApi({
  key: 65,
  name: "DescribeTransactions",
  versions: [0, 0],
  flexibleFrom: 0,
  request,
  response,
  handle({ transactionalIds }, { broker }) {
    const known = new Map(broker.transactions.list().map((each) => [each.transactionalId, each]));
    const transactions = transactionalIds.map((transactionalId) => {
      const transaction = known.get(transactionalId);
      if (!transaction) {
        const errorCode = ErrorCode.TRANSACTIONAL_ID_NOT_FOUND;
        const nothing = { timeoutMs: 0, startTimeMs: 0, producerId: 0, producerEpoch: 0, topics: [] };
        return { errorCode, transactionalId, state: "", ...nothing };
      }
      const { status, timeoutMs, startedMs, producerId, producerEpoch, partitions } = transaction;
      return {
        errorCode: ErrorCode.NONE,
        transactionalId,
        state: status,
        timeoutMs,
        startTimeMs: startedMs,
        producerId,
        producerEpoch,
        topics: toTopics(partitions),
      };
    });
    return { throttleTimeMs: 0, transactions };
  },
});
