import { array, type Infer, int8, int16, int32, int64, since, string, struct } from "../../wire/schema.ts";
import type { Broker } from "../broker.ts";
import { defineApi } from "../define-api.ts";
import { ErrorCode } from "../errors.ts";
import { LEADER_EPOCH, toLeaderEpochError } from "../leader-epoch.ts";
import type { Partition } from "../partition.ts";

/*
 * 2 ListOffsets: the first offset whose record has a timestamp at or after the one asked for, also inside compressed
 * batches; offset −1 when there is none. Special timestamps: −1 the end, −2 the start, −3 (v7) the record with the
 * largest timestamp, −4 (v8) the start of what is local, which is all.
 * With isolation_level 1 (read_committed) the end is the last stable offset, and what lies behind it is not found.
 * v2 adds isolation_level, v4 leader epochs, v6 is flexible.
 */
const LATEST = -1;
const EARLIEST = -2;
const MAX_TIMESTAMP = -3;
const EARLIEST_LOCAL = -4;
const READ_COMMITTED = 1;

const request = struct({
  replicaId: int32,
  isolationLevel: since(2, int8),
  topics: array(
    struct({
      name: string,
      partitions: array(struct({ index: int32, currentLeaderEpoch: since(4, int32, -1), timestamp: int64 })),
    }),
  ),
});

type PartitionRequest = Infer<typeof request>["topics"][number]["partitions"][number];

const partitionResponse = struct({
  index: int32,
  errorCode: int16,
  timestamp: int64,
  offset: int64,
  leaderEpoch: since(4, int32, -1),
});

const response = struct({
  throttleTimeMs: since(2, int32),
  topics: array(struct({ name: string, partitions: array(partitionResponse) })),
});

type PartitionResponse = Infer<typeof partitionResponse>;

export const listOffsets = defineApi({
  key: 2,
  name: "ListOffsets",
  versions: [1, 8],
  flexibleFrom: 6,
  request,
  response,
  async handle({ topics, isolationLevel }, { broker, apiVersion }) {
    const answered = topics.map(async ({ name, partitions }) => {
      const lookUps = partitions.map((wanted) => find(broker, { apiVersion, isolationLevel }, name, wanted));
      return { name, partitions: await Promise.all(lookUps) };
    });
    return { throttleTimeMs: 0, topics: await Promise.all(answered) };
  },
});

async function find(
  broker: Broker,
  { apiVersion, isolationLevel }: { apiVersion: number; isolationLevel: number },
  name: string,
  { index, currentLeaderEpoch, timestamp }: PartitionRequest,
): Promise<PartitionResponse> {
  const partition = broker.topics.partition(name, index);
  const refuse = (errorCode: number): PartitionResponse => {
    return { index, errorCode, timestamp: -1, offset: -1, leaderEpoch: -1 };
  };
  if (!partition) return refuse(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
  const epochError = toLeaderEpochError(currentLeaderEpoch);
  if (epochError !== ErrorCode.NONE) return refuse(epochError);
  if (timestamp < 0 && !isKnown(timestamp, apiVersion)) return refuse(ErrorCode.UNSUPPORTED_VERSION);
  try {
    const { offset, timestamp: at } = await lookUp(partition, timestamp, isolationLevel === READ_COMMITTED);
    const leaderEpoch = offset === -1 ? -1 : LEADER_EPOCH;
    return { index, errorCode: ErrorCode.NONE, timestamp: at, offset, leaderEpoch };
  } catch (error) {
    broker.logger.error({ err: error, topic: name, partition: index }, "could not read a log");
    return refuse(ErrorCode.KAFKA_STORAGE_ERROR);
  }
}

function isKnown(timestamp: number, apiVersion: number): boolean {
  if (timestamp === LATEST || timestamp === EARLIEST) return true;
  return (
    (timestamp === MAX_TIMESTAMP && apiVersion >= 7) || (timestamp === EARLIEST_LOCAL && apiVersion >= 8)
  );
}

async function lookUp(
  { log, lastStableOffset }: Partition,
  timestamp: number,
  committedOnly: boolean,
): Promise<{ offset: number; timestamp: number }> {
  const end = committedOnly ? lastStableOffset : log.endOffset;
  if (timestamp === LATEST) return { offset: end, timestamp: -1 };
  if (timestamp === EARLIEST || timestamp === EARLIEST_LOCAL)
    return { offset: log.startOffset, timestamp: -1 };
  const record = timestamp === MAX_TIMESTAMP ? log.latestTimestamp() : log.offsetForTimestamp(timestamp);
  const found = await record;
  return found && found.offset < end ? found : { offset: -1, timestamp: -1 };
}
