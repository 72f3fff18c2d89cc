/**
 * A group member that does not stop: a kafkajs consumer, watched, and built anew whenever it crashes or falls silent.
 * kafkajs can stop for good with nothing but an event, or hang with no event at all.
 */
import type { Consumer, Kafka } from "kafkajs";
import { backoffMs, wait } from "./backoff.ts";
import type { RawKafkaRecord } from "./codec.ts";
import { fetchCommitted } from "./committed-offsets.ts";
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
  /**
   * The member has joined: these are its partitions now, each with the offset that its group has committed, or null.
   * Fetching starts again from there.
   */
  onAssigned(committed: ReadonlyMap<number, bigint | null>): void;
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
  /** Whether it is a member that knows its partitions: only then there is something to commit. */
  readonly assigned: boolean;
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
  /** How often it has joined; settles when `onAssigned` was told of the last time. */
  joins: number;
  assigning: Promise<void>;
}

const UNREADABLE_BACKOFF = { firstMs: 200, mostMs: 2_000 };

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });

export function createConsumerClient(options: ConsumerClientOptions): ConsumerClient {
  const { topic, log } = options;
  const stopping = new AbortController();
  let current: Client | null = null;
  /** Whether `current` is a member of the group: before that it has nothing to pause or to commit. */
  let joined = false;
  /** From `onAssigned` until it joins anew: what it commits in between could be behind what others have committed. */
  let assigned = false;
  /** What a client was called in the group that is gone, until the group knows that it is. */
  let ghost: string | null = null;
  /** What tells the group so, while it does. */
  let laying: Kafka | null = null;
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
    const client: Client = { kafka, consumer, joining, commits: 0, joins: 0, assigning: Promise.resolve() };
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
        consumer.on(events.REQUEST, ({ payload }) => {
          if (current === client && payload.apiName === "JoinGroup") assigned = false;
        });
        consumer.on(events.GROUP_JOIN, ({ payload }) => {
          if (current !== client) return; // given up while it joined
          alive();
          joined = true;
          assigned = false;
          ghost = payload.memberId;
          client.assigning = assign(client, payload.memberAssignment[topic] ?? []).catch((error) =>
            resolve(`cannot read the committed offsets: ${describeError(error)}`),
          );
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

  const assign = async (client: Client, partitions: readonly number[]): Promise<void> => {
    client.joins += 1;
    const join = client.joins;
    const committed = await fetchCommitted(client.kafka, options.group, topic, partitions);
    if (current !== client || client.joins !== join) return; // others have been assigned since
    assigned = true;
    options.onTrouble(null);
    options.onAssigned(committed);
  };

  const run = async (consumer: Consumer): Promise<void> => {
    let failures = 0;
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: async ({ batch, resolveOffset }) => {
        const client = current;
        if (client?.consumer !== consumer) return; // given up: nobody waits for its records
        const { joins } = client;
        await client.assigning;
        // Not resolved, they are fetched again, by this member or another.
        if (current !== client || client.joins !== joins || !assigned) return;
        try {
          options.onRecords(batch.partition, {
            records: batch.messages,
            nextOffset: BigInt(batch.lastOffset()) + 1n,
            highWatermark: BigInt(batch.highWatermark),
          });
          const last = batch.messages[batch.messages.length - 1];
          if (last) resolveOffset(last.offset);
          failures = 0;
        } catch (error) {
          // Thrown on, a native error would stop this consumer for good; not resolved, it is fetched again.
          failures += 1;
          const where = { function: options.name, topic, partition: batch.partition, tries: failures };
          log[failures === 1 ? "error" : "debug"](where, describeError(error));
          await wait(backoffMs(UNREADABLE_BACKOFF, failures, Math.random()), stopping.signal);
        }
      },
    });
  };

  const supervise = async (): Promise<void> => {
    for (let failures = 1; !stopping.signal.aborted; failures++) {
      await layGhost();
      if (stopping.signal.aborted) return;
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
    laying = options.kafka(options.name);
    try {
      await leaveGroup(laying, options.group, ghost);
      ghost = null;
    } catch (error) {
      log.debug({ function: options.name }, `could not leave the group: ${describeError(error)}`);
    } finally {
      laying = null;
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
    assigned = false;
    if (!old) return;
    const gone = old.joining
      .then(() => old.consumer.disconnect())
      .catch((error) => log.debug({ function: options.name }, describeError(error)));
    await Promise.race([gone, aborted(deadline)]);
    closeConnections(old.kafka);
  };

  return {
    get assigned() {
      return assigned;
    },
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
      if (!assigned || !current) throw new Error("not a member of the group at the moment");
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
      await Promise.race([supervising, aborted(deadline)]);
      if (laying) closeConnections(laying);
    },
  };
}
