/** A topic's records as batches of one partition each, read without a group. */
import type { CapturedBatch } from "./capture/format.ts";
import type { Bound } from "./cli/deps.ts";
import { type Cluster, EARLIEST, LATEST, type TopicMetadata } from "./cluster.ts";
import { decodeHeaders, decodeKey, type RawKafkaRecord } from "./codec.ts";
import { toRawRecord } from "./journal.ts";
import type { Serde } from "./serde.ts";
import { advanceStreamTime } from "./state.ts";

export interface ReadTopicRequest {
  readonly topic: string;
  /** Null: the earliest. */
  readonly from: Bound | null;
  /** Exclusive. Null: the end as it is now. */
  readonly to: Bound | null;
  readonly now: number;
  readonly serde: Serde;
  readonly signal: AbortSignal;
}

const BATCH_RECORDS = 500;
const LIMITS = { maxWaitMs: 500, maxBytesPerPartition: 1024 * 1024 };

/** Rejects when the topic does not exist or Kafka cannot be reached. */
export async function* readTopic(cluster: Cluster, request: ReadTopicRequest): AsyncGenerator<CapturedBatch> {
  const { topic, signal } = request;
  const partitions = (await cluster.metadata()).get(topic);
  if (!partitions) throw new Error(`expected a topic of the cluster, got "${topic}"`);
  for (const { partition, leader } of partitions) {
    if (leader < 0)
      throw new Error(`partition ${partition} of ${topic} has no leader at the moment: try again later`);
  }
  const only: TopicMetadata = new Map([[topic, partitions]]);
  const starts = (await cluster.offsets(only, EARLIEST)).get(topic)!;
  const ends = (await cluster.offsets(only, LATEST)).get(topic)!;

  const resolve = async (
    bound: Bound | null,
    missing: ReadonlyMap<number, bigint>,
  ): Promise<Map<number, bigint>> => {
    const times =
      bound?.kind === "time" ? (await cluster.offsets(only, bound.timestampMs)).get(topic)! : null;
    return new Map(
      partitions.map(({ partition }) => {
        const [start, end] = [starts.get(partition)!, ends.get(partition)!];
        if (bound === null) return [partition, missing.get(partition)!];
        // No record at or after the time: the end.
        const at = times ? times.get(partition)! : BigInt(bound.kind === "offset" ? bound.offset : 0);
        const offset = times && at < 0n ? end : at;
        return [partition, offset < start ? start : offset > end ? end : offset];
      }),
    );
  };

  const from = await resolve(request.from, starts);
  const to = await resolve(request.to, ends);
  for (const { partition, leader } of partitions) {
    const end = to.get(partition)!;
    let offset = from.get(partition)!;
    let streamTimeMs = 0;
    while (offset < end && !signal.aborted) {
      const [fetched] = await cluster.fetch(leader, [{ topic, partition, offset }], LIMITS);
      if (!fetched || fetched.nextOffset === offset) continue;
      const records = fetched.records.filter((record) => BigInt(record.offset) < end);
      for (let i = 0; i < records.length; i += BATCH_RECORDS) {
        const slice = records.slice(i, i + BATCH_RECORDS);
        await request.serde.prepare(slice.map(({ value }) => value));
        const batch = toBatch(topic, partition, slice, request.serde, streamTimeMs, request.now);
        streamTimeMs = batch.input.records[batch.input.records.length - 1]?.streamTimeMs ?? streamTimeMs;
        yield batch;
      }
      offset = fetched.nextOffset;
    }
  }
}

/** `since` is the stream time before these records. */
export function toBatch(
  topic: string,
  partition: number,
  raw: readonly RawKafkaRecord[],
  serde: Serde,
  since: number,
  now: number,
): CapturedBatch {
  let streamTimeMs = since;
  const records = raw.map((record) => {
    const timestamp = Number(record.timestamp);
    streamTimeMs = advanceStreamTime(streamTimeMs, timestamp, now);
    const decoded = serde.decode(record.value);
    return {
      offset: record.offset,
      timestamp,
      streamTimeMs,
      key: decodeKey(record.key),
      headers: decodeHeaders(record.headers),
      // What cannot be decoded stands as text: a function's schema will say what is wrong with it.
      value: "value" in decoded ? decoded.value : record.value!.toString("utf8"),
    };
  });
  return { input: { kind: "batch", topic, partition, records, state: {} }, raw: raw.map(toRawRecord) };
}
