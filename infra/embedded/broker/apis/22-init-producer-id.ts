import { int16, int32, int64, nullableString, since, struct } from "../../wire/schema.ts";
import type { Broker } from "../broker.ts";
import { defineApi } from "../define-api.ts";
import { ErrorCode } from "../errors.ts";
import { toFencedError } from "../transactions/fenced-error.ts";

/*
 * 22 InitProducerId: a producer id that nobody had, with epoch 0, for an idempotent producer. One that asks again with
 * its old id (v3) gets a new one: it begins anew, and nothing is lost by it.
 * With a transactional id: the producer id that belongs to it, with a newer epoch, which fences whoever had the last one.
 * A transaction that is open is aborted first; Kafka answers 51 meanwhile. v3 adds the id and epoch that the producer
 * had: refused when somebody else has begun since.
 * A fenced producer is told 47, from v4 on 90. v2 is flexible.
 */
const FENCED_SINCE = 4;

const request = struct({
  transactionalId: nullableString,
  transactionTimeoutMs: int32,
  producerId: since(3, int64, -1),
  producerEpoch: since(3, int16, -1),
});

const response = struct({ throttleTimeMs: int32, errorCode: int16, producerId: int64, producerEpoch: int16 });

export const initProducerId = defineApi({
  key: 22,
  name: "InitProducerId",
  versions: [0, 4],
  flexibleFrom: 2,
  request,
  response,
  async handle({ transactionalId, transactionTimeoutMs, producerId, producerEpoch }, { broker, apiVersion }) {
    const newProducerId = allocate(broker);
    if (newProducerId === null) {
      const errorCode = ErrorCode.COORDINATOR_NOT_AVAILABLE;
      return { throttleTimeMs: 0, errorCode, producerId: -1, producerEpoch: -1 };
    }
    if (transactionalId === null) {
      return { throttleTimeMs: 0, errorCode: ErrorCode.NONE, producerId: newProducerId, producerEpoch: 0 };
    }
    const expected = producerId >= 0 ? { producerId, producerEpoch } : null;
    const timeoutMs = transactionTimeoutMs;
    const reply = await broker.transactions.init(transactionalId, { timeoutMs, expected, newProducerId });
    const errorCode = toFencedError(reply.errorCode, apiVersion, FENCED_SINCE);
    return { ...reply, throttleTimeMs: 0, errorCode };
  },
});

/** Null when the disk refuses. */
function allocate(broker: Broker): number | null {
  try {
    return broker.producerIds.allocate();
  } catch (error) {
    broker.storage.failed(error);
    return null;
  }
}
