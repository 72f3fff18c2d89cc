import { expect, it } from "vitest";
import { encodeBatch, parseBatchHeader } from "../../wire/record-batch.ts";
import type { Broker } from "../broker.ts";
import type { RequestContext } from "../define-api.ts";
import { ErrorCode } from "../errors.ts";
import { ProducerState } from "../producer-state.ts";
import { describeProducers } from "./61-describe-producers.ts";

it("tells a partition's producers, with what they wrote last and where their open transaction begins", async () => {
  const producers = new ProducerState(86_400_000);
  const record = { timestamp: 0, key: null, value: null, headers: [] };
  const append = (producerId: number, baseOffset: number, transactional: boolean, now: number) => {
    const batch = encodeBatch({
      baseOffset,
      records: [record, record],
      producerId,
      producerEpoch: 3,
      baseSequence: 0,
      transactional,
    });
    producers.apply(batch, parseBatchHeader(batch), now);
  };
  append(7, 0, false, 1_000);
  append(8, 2, true, 2_000);
  const topics = {
    partition: (name: string, index: number) => (name === "t" && index === 1 ? { producers } : undefined),
  };
  const broker = { topics } as unknown as Broker;
  const request = { topics: [{ name: "t", partitions: [1, 2] }] };
  const answer = await describeProducers.handle(request, { broker } as RequestContext);
  const common = { producerEpoch: 3, lastSequence: 1, coordinatorEpoch: -1 };
  expect(answer!.topics).toEqual([
    {
      name: "t",
      partitions: [
        {
          index: 1,
          errorCode: ErrorCode.NONE,
          errorMessage: null,
          producers: [
            { ...common, producerId: 7, lastTimestamp: 1_000, currentTxnStartOffset: -1 },
            { ...common, producerId: 8, lastTimestamp: 2_000, currentTxnStartOffset: 2 },
          ],
        },
        {
          index: 2,
          errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
          errorMessage: "There is no partition 2 of topic t",
          producers: [],
        },
      ],
    },
  ]);
});
