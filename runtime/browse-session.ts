/** One request's reading of a topic: over a connection of its own, from what the broker says of the topic at its start. */
import { wait } from "./backoff.ts";
import { boundsOf, choosePartitions, planSpans, type Span, type TopicOffsets } from "./browse-plan.ts";
import type { Fetch } from "./browse-read.ts";
import { BrowseRefusal } from "./browse-refusal.ts";
import type { Positions } from "./browse-token.ts";
import type { BrowseRequest } from "./browse-view.ts";
import { type Cluster, EARLIEST, LATEST, type PartitionMetadata, type TopicMetadata } from "./cluster.ts";
import { describeError, kafkaErrorType } from "./kafka.ts";

export interface Session {
  readonly spans: readonly Span[];
  readonly fetch: Fetch;
}

const MAX_WAIT_MS = 500;
const ATTEMPTS = 3;
const RETRY_MS = 200;

/** Asks the broker for what the request is about. Rejects with a refusal. */
export function openSession(
  cluster: Cluster,
  request: BrowseRequest,
  resume: Positions | null,
  signal: AbortSignal,
): Promise<Session> {
  const { topic } = request;
  return refusing(topic, async () => {
    const all = await partitionsOf(cluster, topic);
    const chosen = choosePartitions(
      request,
      all.map(({ partition }) => partition),
    );
    const partitions = all.filter(({ partition }) => chosen.includes(partition));
    const leaderless = partitions.find(({ leader }) => leader < 0);
    if (leaderless) {
      throw unavailable(
        `partition ${leaderless.partition} of ${topic} has no leader at the moment: try again`,
      );
    }
    const offsets = await readOffsets(cluster, new Map([[topic, partitions]]), request);
    return {
      spans: planSpans(request, offsets, resume),
      fetch: createFetch(cluster, topic, partitions, signal),
    };
  });
}

const unavailable = (message: string): BrowseRefusal => new BrowseRefusal(message, { kind: "unavailable" });

async function partitionsOf(cluster: Cluster, topic: string): Promise<readonly PartitionMetadata[]> {
  const partitions = (await cluster.metadata()).get(topic);
  if (partitions) return partitions;
  throw new BrowseRefusal(`Expected a topic of the cluster, got ${JSON.stringify(topic)}`, {
    kind: "missing",
  });
}

async function readOffsets(
  cluster: Cluster,
  only: TopicMetadata,
  request: BrowseRequest,
): Promise<TopicOffsets> {
  const ask = async (timestamp: number): Promise<Positions> =>
    (await cluster.offsets(only, timestamp)).get(request.topic) ?? new Map();
  const { first, after } = boundsOf(request);
  const at = new Map<number, Positions>();
  for (const time of [first, after]) if (time !== null) at.set(time, await ask(time));
  // The end comes last: what a time was found at is never beyond it.
  return { at, starts: await ask(EARLIEST), ends: await ask(LATEST) };
}

function createFetch(
  cluster: Cluster,
  topic: string,
  partitions: readonly PartitionMetadata[],
  signal: AbortSignal,
): Fetch {
  let leaders = new Map(partitions.map(({ partition, leader }) => [partition, leader]));

  /** Null where the broker had nothing to give. */
  const tryFetch = async (partition: number, offset: bigint, maxBytesPerPartition: number) => {
    const limits = { maxWaitMs: MAX_WAIT_MS, maxBytesPerPartition };
    const [got] = await cluster.fetch(leaders.get(partition)!, [{ topic, partition, offset }], limits);
    return got && got.nextOffset > offset ? got : null;
  };

  /** The log has been cut since the start: on with what it has left. */
  const skipToStart = async (partition: number, offset: bigint) => {
    const only: TopicMetadata = new Map([[topic, partitions.filter((one) => one.partition === partition)]]);
    const start = (await cluster.offsets(only, EARLIEST)).get(topic)?.get(partition) ?? 0n;
    if (start <= offset) throw unavailable(`${topic} was made anew while it was read: try again`);
    return { records: [], nextOffset: start };
  };

  return (partition, offset, maxBytes) =>
    refusing(topic, async () => {
      for (let attempt = 1; ; attempt++) {
        signal.throwIfAborted();
        try {
          const got = await tryFetch(partition, offset, maxBytes);
          if (got) return got;
          // Below the end and still nothing: a batch whose records were all compacted away.
          if (attempt === ATTEMPTS) return { records: [], nextOffset: offset + 1n };
        } catch (error) {
          signal.throwIfAborted();
          if (kafkaErrorType(error) === "OFFSET_OUT_OF_RANGE") return skipToStart(partition, offset);
          if (!isKafkaError(error) || attempt === ATTEMPTS) throw error;
          // The leader may have moved.
          await wait(RETRY_MS, signal);
          const now = await partitionsOf(cluster, topic);
          leaders = new Map(now.map((one) => [one.partition, one.leader]));
        }
      }
    });
}

const isKafkaError = (error: unknown): boolean => error instanceof Error && error.name.startsWith("KafkaJS");

/** What Kafka answers with is no fault of ours: it is told to who asked. */
async function refusing<T>(topic: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw isKafkaError(error) ? unavailable(`Kafka does not give ${topic}: ${describeError(error)}`) : error;
  }
}
