import { boolean, int16, int32, int64, string, struct } from "../../wire/schema.ts";
import { defineApi } from "../define-api.ts";
import { toFencedError } from "../transactions/fenced-error.ts";

/*
 * 26 EndTxn: commits or aborts. Answered once every partition knows the outcome, so that the next transaction can begin at
 * once; Kafka answers as soon as it is decided, and has the producer try again (51) until then. Asked for again with
 * the same outcome: 0, with the other, or without a transaction: 48.
 * A fenced producer is told 47, from v2 on 90. v3 is flexible.
 */
const FENCED_SINCE = 2;

export const endTxn = defineApi({
  key: 26,
  name: "EndTxn",
  versions: [0, 3],
  flexibleFrom: 3,
  request: struct({ transactionalId: string, producerId: int64, producerEpoch: int16, committed: boolean }),
  response: struct({ throttleTimeMs: int32, errorCode: int16 }),
  async handle({ transactionalId, producerId, producerEpoch, committed }, { broker, apiVersion }) {
    const ended = await broker.transactions.end(transactionalId, { producerId, producerEpoch, committed });
    return { throttleTimeMs: 0, errorCode: toFencedError(ended, apiVersion, FENCED_SINCE) };
  },
});
