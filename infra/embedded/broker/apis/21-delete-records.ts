import { array, type Infer, int16, int32, int64, string, struct } from "../../wire/schema.ts";
import type { Broker } from "../broker.ts";
import { defineApi } from "../define-api.ts";
import { ErrorCode } from "../errors.ts";

/*
 * 21 DeleteRecords: moves the start of a partition up to an offset (−1: to its end); what lies before is gone for
 * readers at once. Refused with 44 for a topic that is only compacted. v2 is flexible.
 */
const TO_END = -1;

const request = struct({
  topics: array(struct({ name: string, partitions: array(struct({ index: int32, offset: int64 })) })),
  timeoutMs: int32,
});

const partitionResponse = struct({ index: int32, lowWatermark: int64, errorCode: int16 });
const response = struct({
  throttleTimeMs: int32,
  topics: array(struct({ name: string, partitions: array(partitionResponse) })),
});

type PartitionResponse = Infer<typeof partitionResponse>;

export const deleteRecords = defineApi({
  key: 21,
  name: "DeleteRecords",
  versions: [0, 2],
  flexibleFrom: 2,
  request,
  response,
  handle({ topics }, { broker }) {
    return {
      throttleTimeMs: 0,
      topics: topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ index, offset }) => deleteBefore(broker, name, index, offset)),
      })),
    };
  },
});

function deleteBefore(broker: Broker, name: string, index: number, wanted: number): PartitionResponse {
  const refuse = (errorCode: number): PartitionResponse => ({ index, lowWatermark: -1, errorCode });
  const topic = broker.topics.get(name);
  const partition = topic?.partitions[index];
  if (!topic || !partition) return refuse(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
  if (topic.config.log.cleanup !== "delete") return refuse(ErrorCode.POLICY_VIOLATION);
  const { log } = partition;
  const offset = wanted === TO_END ? log.endOffset : wanted;
  if (offset < 0 || offset > log.endOffset) return refuse(ErrorCode.OFFSET_OUT_OF_RANGE);
  try {
    if (offset > log.startOffset) partition.deleteRecordsBefore(offset);
    return { index, lowWatermark: log.startOffset, errorCode: ErrorCode.NONE };
  } catch (error) {
    broker.storage.failed(error);
    return refuse(ErrorCode.KAFKA_STORAGE_ERROR);
  }
}
