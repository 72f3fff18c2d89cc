import { array, int16, int32, int64, since, string, struct } from "../../wire/schema.ts";
import { defineApi } from "../define-api.ts";
import { ErrorCode } from "../errors.ts";

/*
 * 66 ListTransactions: all transactional ids, or those in the states and of the producers asked for. v1 adds a filter
 * by how long the transaction has been open, ms (−1: none).
 */
const STATES = [
  "Empty",
  "Ongoing",
  "PrepareCommit",
  "PrepareAbort",
  "CompleteCommit",
  "CompleteAbort",
  "Dead",
  "PrepareEpochFence",
];

const request = struct({
  stateFilters: array(string),
  producerIdFilters: array(int64),
  durationFilterMs: since(1, int64, -1),
});

const response = struct({
  throttleTimeMs: int32,
  errorCode: int16,
  unknownStateFilters: array(string),
  transactions: array(struct({ transactionalId: string, producerId: int64, state: string })),
});

export const listTransactions = defineApi({
  key: 66,
  name: "ListTransactions",
  versions: [0, 1],
  flexibleFrom: 0,
  request,
  response,
  handle({ stateFilters, producerIdFilters, durationFilterMs }, { broker }) {
    const now = broker.now();
    const wanted = broker.transactions
      .list()
      .filter(({ status }) => stateFilters.length === 0 || stateFilters.includes(status))
      .filter(({ producerId }) => producerIdFilters.length === 0 || producerIdFilters.includes(producerId))
      .filter(({ startedMs }) => {
        return durationFilterMs < 0 || (startedMs >= 0 && now - startedMs > durationFilterMs);
      });
    return {
      throttleTimeMs: 0,
      errorCode: ErrorCode.NONE,
      unknownStateFilters: stateFilters.filter((state) => !STATES.includes(state)),
      transactions: wanted.map(({ transactionalId, producerId, status: state }) => ({
        transactionalId,
        producerId,
        state,
      })),
    };
  },
});
