import {
  array,
  type Infer,
  int8,
  int16,
  int32,
  int64,
  nullableArray,
  records,
  since,
  string,
  struct,
  uuid,
  versions,
} from "../../wire/schema.ts";
import type { Broker } from "../broker.ts";
import { cutBatches, endOfBatches, hasZstd, recordsInBatches } from "../cut-batches.ts";
import { defineApi } from "../define-api.ts";
import { ErrorCode } from "../errors.ts";
import { waitForPartitions } from "../fetch-wait.ts";
import { toLeaderEpochError } from "../leader-epoch.ts";
import type { Partition } from "../partition.ts";

/*
 * 1 Fetch: whole record batches from each partition named, in that order, beginning with the one that holds the
 * fetch offset, until max_bytes; the first batch found is sent even if it is larger. Waits up to max_wait_ms for
 * min_bytes; an error, and the deletion of a topic, is answered at once.
 * Fetch sessions are never opened (session_id 0 in every answer), so every request names all its partitions and gets
 * all of them back. No records: length 0, never null.
 * With isolation_level 1 (read_committed) only up to the last stable offset, with the aborted transactions that reach into
 * what is sent, sorted by first offset.
 * v5 adds log_start_offset, v7 sessions, v9 current_leader_epoch, v10 zstd (76 before, where a batch is), v11 rack_id, v12 is flexible (its tagged fields are
 * about replicas, and never filled), v13 names topics by their ids only.
 */
const READ_COMMITTED = 1;
const ZSTD_SINCE = 10;

const request = struct({
  replicaId: int32,
  maxWaitMs: int32,
  minBytes: int32,
  maxBytes: int32,
  isolationLevel: int8,
  sessionId: since(7, int32),
  sessionEpoch: since(7, int32, -1),
  topics: array(
    struct({
      name: versions(4, 12, string),
      topicId: since(13, uuid),
      partitions: array(
        struct({
          index: int32,
          currentLeaderEpoch: since(9, int32, -1),
          fetchOffset: int64,
          lastFetchedEpoch: since(12, int32, -1),
          logStartOffset: since(5, int64, -1),
          maxBytes: int32,
        }),
      ),
    }),
  ),
  forgottenTopics: since(
    7,
    array(struct({ name: versions(4, 12, string), topicId: since(13, uuid), partitions: array(int32) })),
  ),
  rackId: since(11, string),
});

const partitionResponse = struct({
  index: int32,
  errorCode: int16,
  highWatermark: int64,
  lastStableOffset: int64,
  logStartOffset: since(5, int64, -1),
  abortedTransactions: nullableArray(struct({ producerId: int64, firstOffset: int64 })),
  preferredReadReplica: since(11, int32, -1),
  records,
});

const response = struct({
  throttleTimeMs: int32,
  errorCode: since(7, int16),
  sessionId: since(7, int32),
  topics: array(
    struct({
      name: versions(4, 12, string),
      topicId: since(13, uuid),
      partitions: array(partitionResponse),
    }),
  ),
});

type FetchRequest = Infer<typeof request>;
type FetchTopic = FetchRequest["topics"][number];
type FetchPartition = FetchTopic["partitions"][number];
type PartitionResponse = Infer<typeof partitionResponse>;
type FetchResponse = Infer<typeof response>;

export const fetch = defineApi({
  key: 1,
  name: "Fetch",
  versions: [4, 13],
  flexibleFrom: 12,
  request,
  response,
  async handle(fetchRequest, { broker, signal, apiVersion }) {
    const { maxWaitMs } = fetchRequest;
    const isReady = (): boolean => hasEnough(broker, fetchRequest);
    if (maxWaitMs > 0 && !isReady()) {
      broker.traffic.fetchesParked += 1;
      try {
        await waitForPartitions({ partitions: watched(broker, fetchRequest), isReady, maxWaitMs, signal });
      } finally {
        broker.traffic.fetchesParked -= 1;
      }
    }
    const answer = readAll(broker, fetchRequest, apiVersion);
    broker.traffic.recordsOut += countRecords(answer);
    return answer;
  },
});

/**
 * Whether there are the bytes that the request waits for, or an error to tell. Nothing is read for this: it is asked
 * at each append. Who wants more bytes than an answer may have waits for a full one.
 */
function hasEnough(broker: Broker, { topics, minBytes, maxBytes, isolationLevel }: FetchRequest): boolean {
  let room = 0;
  for (const { partitions } of topics) for (const wanted of partitions) room += Math.max(wanted.maxBytes, 0);
  const enough = Math.min(minBytes, maxBytes, broker.config.fetchMaxBytes, room);
  let bytes = 0;
  for (const topic of topics) {
    for (const wanted of topic.partitions) {
      const partition = findPartition(broker, topic, wanted.index);
      if (!partition || findProblem(partition, wanted) !== ErrorCode.NONE) return true;
      const end = isolationLevel === READ_COMMITTED ? partition.lastStableOffset : partition.log.endOffset;
      try {
        const there = partition.log.bytesBetween(wanted.fetchOffset, end, enough - bytes);
        bytes += Math.min(there, wanted.maxBytes);
      } catch {
        return true; // reading it will say what is wrong
      }
    }
  }
  return bytes >= enough;
}

function readAll(
  broker: Broker,
  { topics, maxBytes, isolationLevel }: FetchRequest,
  apiVersion: number,
): FetchResponse {
  let left = Math.min(maxBytes, broker.config.fetchMaxBytes);
  let isFirst = true;
  const committedOnly = isolationLevel === READ_COMMITTED;
  const read = topics.map(({ name, topicId, partitions }) => ({
    name,
    topicId,
    partitions: partitions.map((wanted): PartitionResponse => {
      const partition = findPartition(broker, { name, topicId }, wanted.index);
      const result = partition
        ? readPartition(broker, partition, wanted, Math.min(wanted.maxBytes, left), isFirst, committedOnly)
        : refuse(name === "" ? ErrorCode.UNKNOWN_TOPIC_ID : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
      const told =
        apiVersion < ZSTD_SINCE && hasZstd(result.records)
          ? refuse(ErrorCode.UNSUPPORTED_COMPRESSION_TYPE)
          : result;
      for (const { length } of told.records) left -= length;
      isFirst &&= told.records.length === 0;
      return { ...told, index: wanted.index, preferredReadReplica: -1 };
    }),
  }));
  return { throttleTimeMs: 0, errorCode: ErrorCode.NONE, sessionId: 0, topics: read };
}

type PartitionRead = Omit<PartitionResponse, "index" | "preferredReadReplica">;

function refuse(errorCode: number): PartitionRead {
  const offsets = { highWatermark: -1, lastStableOffset: -1, logStartOffset: -1 };
  return { errorCode, ...offsets, abortedTransactions: null, records: [] };
}

/** Why the partition cannot be read at this offset. */
function findProblem({ log }: Partition, { currentLeaderEpoch, fetchOffset }: FetchPartition): number {
  const epochError = toLeaderEpochError(currentLeaderEpoch);
  if (epochError !== ErrorCode.NONE) return epochError;
  const inRange = fetchOffset >= log.startOffset && fetchOffset <= log.endOffset;
  return inRange ? ErrorCode.NONE : ErrorCode.OFFSET_OUT_OF_RANGE;
}

function readPartition(
  broker: Broker,
  partition: Partition,
  wanted: FetchPartition,
  maxBytes: number,
  minOneBatch: boolean,
  committedOnly: boolean,
): PartitionRead {
  const problem = findProblem(partition, wanted);
  if (problem !== ErrorCode.NONE) return refuse(problem);
  const { log, lastStableOffset } = partition;
  const { startOffset, endOffset } = log;
  const { fetchOffset } = wanted;
  const found = {
    errorCode: ErrorCode.NONE,
    highWatermark: endOffset,
    lastStableOffset,
    logStartOffset: startOffset,
    abortedTransactions: committedOnly ? [] : null,
  };
  const end = committedOnly ? lastStableOffset : endOffset;
  if (fetchOffset >= end || (maxBytes <= 0 && !minOneBatch)) return { ...found, records: [] };
  try {
    const all = log.read(fetchOffset, maxBytes, minOneBatch);
    if (!committedOnly) return { ...found, records: all };
    const { aborted } = partition.producers;
    const records = end < endOffset ? cutBatches(all, end) : all;
    if (aborted.isEmpty) return { ...found, records };
    const abortedTransactions = aborted.between(fetchOffset, endOfBatches(records, fetchOffset));
    return { ...found, records, abortedTransactions };
  } catch (error) {
    broker.logger.error(
      { err: error, topic: partition.topic, partition: partition.index },
      "could not read a log",
    );
    return refuse(ErrorCode.KAFKA_STORAGE_ERROR);
  }
}

function countRecords({ topics }: FetchResponse): number {
  let count = 0;
  for (const { partitions } of topics) {
    for (const { records } of partitions) count += recordsInBatches(records);
  }
  return count;
}

function watched(broker: Broker, { topics }: FetchRequest): Partition[] {
  return topics.flatMap((topic) =>
    topic.partitions.flatMap(({ index }) => findPartition(broker, topic, index) ?? []),
  );
}

type TopicReference = Pick<FetchTopic, "name" | "topicId">;

function findPartition(
  broker: Broker,
  { name, topicId }: TopicReference,
  index: number,
): Partition | undefined {
  const { topics } = broker;
  return (name === "" ? topics.byId(topicId) : topics.get(name))?.partitions[index];
}
