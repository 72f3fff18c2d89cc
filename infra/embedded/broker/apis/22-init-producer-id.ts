import { int16, int32, int64, nullableString, since, struct } from "../../wire/schema.ts";
import { defineApi } from "../define-api.ts";
import { ErrorCode } from "../errors.ts";

/*
 * 22 InitProducerId: a producer id that nobody had before, with epoch 0, for an idempotent producer. One that asks
 * again with its old id (v3) gets a new one: without transactions nothing is lost by it.
 * A transactional id is refused: there are no transactions yet. v2 is flexible.
 */
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
  handle({ transactionalId }, { broker, clientId }) {
    const refuse = (errorCode: number) => ({
      throttleTimeMs: 0,
      errorCode,
      producerId: -1,
      producerEpoch: -1,
    });
    if (transactionalId !== null) {
      broker.logger.warn(
        { clientId, transactionalId },
        "the embedded broker has no transactions: use an idempotent producer without transactional.id, or Apache Kafka",
      );
      return refuse(ErrorCode.INVALID_REQUEST);
    }
    try {
      return { ...refuse(ErrorCode.NONE), producerId: broker.producerIds.allocate(), producerEpoch: 0 };
    } catch (error) {
      broker.storage.failed(error);
      return refuse(ErrorCode.COORDINATOR_NOT_AVAILABLE);
    }
  },
});
