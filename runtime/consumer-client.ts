/**
 * A group member that does not stop: a kafkajs consumer, watched, and built anew whenever it crashes or falls silent.
 * kafkajs can stop for good with nothing but an event, or hang with no event at all.
 */
import type { Consumer, Kafka } from "kafkajs";
import { backoffMs, wait } from "./backoff.ts";
import type { RawKafkaRecord } from "./codec.ts";
import { closeConnections, describeError, type KafkaFactory } from "./kafka.ts";
import { leaveGroup } from "./leave-group.ts";
import type { Logger } from "./log.ts";

const SESSION_TIMEOUT_MS = 10_000;
const REBALANCE_TIMEOUT_MS = 30_000;
/** A live consumer fetches, heartbeats or rebalances; none of it for this long means that it hangs. */
const SILENCE_MS = REBALANCE_TIMEOUT_MS + 15_000;
const WATCH_EVERY_MS = 5_000;

/** What one fetch brought of a partition. */
export interface Fetched {
  readonly records: readonly RawKafkaRecord[];
  /** Where fetching goes on: past control records as well. */
  readonly nextOffset: bigint;
  /** The partition's end. */
  readonly highWatermark: bigint;
}

export interface ConsumerClientOptions {
  readonly name: string;
  readonly group: string;
  readonly topic: string;
  readonly kafka: KafkaFactory;
  /** The member has joined: these are its partitions now. Fetching starts again from the committed offsets. */
  onAssigned(partitions: readonly number[]): void;
  onRecords(partition: number, fetched: Fetched): void;
  onRebalancing(): void;
  /** The client is gone and another will be built; null: it has joined. */
  onTrouble(reason: string | null): void;
  /** Asked now and then: why the client should be replaced although it looks alive, or null. */
  stuck(): string | null;
  readonly log: Logger;
}

export interface ConsumerClient {
  start(): void;
  pause(partition: number): void;
  resume(partition: number): void;
  commit(offsets: readonly { partition: number; offset: bigint }[]): Promise<void>;
  /** Leaves the group. Gives up waiting when `deadline` aborts. */
  stop(deadline: AbortSignal): Promise<void>;
}

interface Client {
  readonly kafka: Kafka;
  readonly consumer: Consumer;
  /** Settles when it has joined, or has failed to. */
  readonly joining: Promise<unknown>;
  /** Commits that Kafka has acknowledged. */
  commits: number;
}

export function createConsumerClient(options: ConsumerClientOptions): ConsumerClient {
  const { topic, log } = options;
  const stopping = new AbortController();
  let current: Client | null = null;
  /** Whether `current` is a member of the group: before that it has nothing to pause or to commit. */
  let joined = false;
  /** What a client was called in the group that is gone, until the group knows that it is. */
  let ghost: string | null = null;
  let supervising: Promise<void> = Promise.resolve();

  /** Runs one client until it fails; resolves with why, or with null when stopping. */
  const runOnce = async (): Promise<string | null> => {
    let lastSign = Date.now();
    const alive = (): void => {
      lastSign = Date.now();
    };
    const kafka = options.kafka(options.name);
    const consumer = kafka.consumer({
      groupId: options.group,
      sessionTimeout: SESSION_TIMEOUT_MS,
      rebalanceTimeout: REBALANCE_TIMEOUT_MS,
      heartbeatInterval: 2_000,
      maxWaitTimeInMs: 500,
      metadataMaxAge: 30_000,
      allowAutoTopicCreation: false,
      // One path for every failure, retriable or not: this supervisor builds a new client.
      retry: { retries: 3, initialRetryTime: 200, maxRetryTime: 2_000, restartOnFailure: async () => false },
    });
    const joining = run(consumer).then(
      () => null,
      (error: unknown) => describeError(error),
    );
    const client: Client = { kafka, consumer, joining, commits: 0 };
    current = client;
    let watch: NodeJS.Timeout | undefined;
    try {
      return await new Promise<string | null>((resolve) => {
        const { events } = consumer;
        consumer.on(events.CRASH, ({ payload }) => resolve(describeError(payload.error)));
        consumer.on(events.FETCH, alive);
        consumer.on(events.HEARTBEAT, alive);
        consumer.on(events.REBALANCING, () => {
          alive();
          options.onRebalancing();
        });
        consumer.on(events.COMMIT_OFFSETS, () => {
          client.commits += 1;
        });
        consumer.on(events.GROUP_JOIN, ({ payload }) => {
          if (current !== client) return; // given up while it joined
          alive();
          joined = true;
          ghost = payload.memberId;
          options.onTrouble(null);
          options.onAssigned(payload.memberAssignment[topic] ?? []);
        });
        let lastLook = Date.now();
        watch = setInterval(() => {
          // While a handler computes for long nobody can look, nor read a sign: that time is not the client's silence.
          const late = Date.now() - lastLook - WATCH_EVERY_MS;
          if (late > WATCH_EVERY_MS) lastSign += late;
          lastLook = Date.now();
          if (Date.now() - lastSign > SILENCE_MS) resolve(`no sign of life for ${SILENCE_MS / 1000} s`);
          const stuck = joined ? options.stuck() : null;
          if (stuck !== null) resolve(stuck);
        }, WATCH_EVERY_MS);
        stopping.signal.addEventListener("abort", () => resolve(null), { once: true });
        void joining.then((failure) => {
          if (failure !== null) resolve(failure);
        });
      });
    } finally {
      clearInterval(watch);
    }
  };

  const run = async (consumer: Consumer): Promise<void> => {
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: async ({ batch, resolveOffset }) => {
        if (current?.consumer !== consumer) return; // given up: nobody waits for its records
        try {
          options.onRecords(batch.partition, {
            records: batch.messages,
            nextOffset: BigInt(batch.lastOffset()) + 1n,
            highWatermark: BigInt(batch.highWatermark),
          });
          const last = batch.messages[batch.messages.length - 1];
          if (last) resolveOffset(last.offset);
        } catch (error) {
          // Thrown on, a native error would stop this consumer for good; not resolved, it is fetched again.
          log.error({ function: options.name, topic, partition: batch.partition }, describeError(error));
        }
      },
    });
  };

  const supervise = async (): Promise<void> => {
    for (let failures = 1; !stopping.signal.aborted; failures++) {
      await layGhost();
      const startedAt = Date.now();
      const reason = await runOnce();
      if (reason === null) return;
      if (Date.now() - startedAt > 60_000) failures = 1;
      options.onTrouble(reason);
      log[failures === 1 ? "warn" : "debug"](
        { function: options.name, failures },
        `consumer stopped: ${reason}`,
      );
      await discard(AbortSignal.timeout(5_000));
      await wait(backoffMs({ firstMs: 200, mostMs: 5_000 }, failures, Math.random()), stopping.signal);
    }
  };

  /**
   * A client whose coordinator has died cannot leave its group, and nobody else gets its partitions until its session is
   * over: the new coordinator is told instead. Where there is none yet, joining fails as well, and this is tried again.
   */
  const layGhost = async (): Promise<void> => {
    if (ghost === null) return;
    try {
      await leaveGroup(options.kafka(options.name), options.group, ghost);
      ghost = null;
    } catch (error) {
      log.debug({ function: options.name }, `could not leave the group: ${describeError(error)}`);
    }
  };

  /**
   * kafkajs forgets a consumer that is told to disconnect while it joins, which then joins all the same and keeps
   * partitions that nobody works on: so it is let join first. It can also wait for ever: at the deadline it is left
   * behind, without connections.
   */
  const discard = async (deadline: AbortSignal): Promise<void> => {
    const old = current;
    current = null;
    joined = false;
    if (!old) return;
    const gone = old.joining
      .then(() => old.consumer.disconnect())
      .catch((error) => log.debug({ function: options.name }, describeError(error)));
    await Promise.race([
      gone,
      new Promise<void>((resolve) => {
        if (deadline.aborted) resolve();
        deadline.addEventListener("abort", () => resolve(), { once: true });
      }),
    ]);
    closeConnections(old.kafka);
  };

  return {
    start() {
      supervising = supervise();
    },
    pause(partition) {
      if (joined) current?.consumer.pause([{ topic, partitions: [partition] }]);
    },
    resume(partition) {
      if (joined) current?.consumer.resume([{ topic, partitions: [partition] }]);
    },
    async commit(offsets) {
      if (!joined || !current) throw new Error("not a member of the group at the moment");
      const client = current;
      const before = client.commits;
      await client.consumer.commitOffsets(
        offsets.map(({ partition, offset }) => ({ topic, partition, offset: String(offset) })),
      );
      // kafkajs says that all is well also when it did not commit, because it is being stopped.
      if (client.commits === before) throw new Error("the consumer stopped before it committed");
    },
    async stop(deadline) {
      stopping.abort();
      await discard(deadline);
      await supervising;
    },
  };
}
