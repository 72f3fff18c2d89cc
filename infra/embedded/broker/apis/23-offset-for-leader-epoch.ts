import { array, type Infer, int16, int32, int64, since, string, struct } from "../../wire/schema.ts";
import type { Broker } from "../broker.ts";
import { defineApi } from "../define-api.ts";
import { ErrorCode } from "../errors.ts";
import { LEADER_EPOCH, toLeaderEpochError } from "../leader-epoch.ts";

/*
 * 23 OffsetForLeaderEpoch: where a leader epoch ends. There is one epoch, so it ends at the high watermark; of any
 * other nothing is known (−1). Consumers ask after a reconnect, to see whether the log was cut. v4 is flexible.
 */
const request = struct({
  replicaId: since(3, int32, -2),
  topics: array(
    struct({
      name: string,
      partitions: array(struct({ index: int32, currentLeaderEpoch: int32, leaderEpoch: int32 })),
    }),
  ),
});

const partitionResponse = struct({ errorCode: int16, index: int32, leaderEpoch: int32, endOffset: int64 });
const response = struct({
  throttleTimeMs: int32,
  topics: array(struct({ name: string, partitions: array(partitionResponse) })),
});

type PartitionRequest = Infer<typeof request>["topics"][number]["partitions"][number];
type PartitionResponse = Infer<typeof partitionResponse>;

export const offsetForLeaderEpoch = defineApi({
  key: 23,
  name: "OffsetForLeaderEpoch",
  versions: [2, 4],
  flexibleFrom: 4,
  request,
  response,
  handle({ topics }, { broker }) {
    return {
      throttleTimeMs: 0,
      topics: topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map((partition) => lookUp(broker, name, partition)),
      })),
    };
  },
});

function lookUp(
  broker: Broker,
  name: string,
  { index, currentLeaderEpoch, leaderEpoch }: PartitionRequest,
): PartitionResponse {
  const partition = broker.topics.partition(name, index);
  const unknown = { index, leaderEpoch: -1, endOffset: -1 };
  if (!partition) return { ...unknown, errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION };
  const epochError = toLeaderEpochError(currentLeaderEpoch);
  if (epochError !== ErrorCode.NONE || leaderEpoch !== LEADER_EPOCH)
    return { ...unknown, errorCode: epochError };
  return { index, errorCode: ErrorCode.NONE, leaderEpoch: LEADER_EPOCH, endOffset: partition.log.endOffset };
}
