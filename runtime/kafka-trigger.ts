/** Invokes a consumer for the batches that Kafka delivers to its group. */

import type { RawKafkaRecord } from "./codec.ts";
import { createConsumerClient } from "./consumer-client.ts";
import type { ConsumerDefinition } from "./define.ts";
import { describeError, type KafkaFactory } from "./kafka.ts";
import { nextTurn } from "./next-turn.ts";
import { createPartitionWorker, type PartitionWorker } from "./partition-worker.ts";
import { type BatchProcessorOptions, createBatchProcessor } from "./process-until-done.ts";
import { createPartitionState, estimateStateBytes, type PartitionState } from "./state.ts";
import { setRunning, setState, setUnstuck } from "./status.ts";

export interface KafkaTriggerOptions extends BatchProcessorOptions {
  readonly kafka: KafkaFactory;
  /** The last known start and end of a partition, or null. */
  startOffset(topic: string, partition: number): bigint | null;
  endOffset(topic: string, partition: number): bigint | null;
}

export interface KafkaTrigger {
  start(): void;
  /** Finishes the batch at hand, commits, leaves the group; gives up when `deadline` aborts. */
  stop(deadline: AbortSignal): Promise<void>;
  /** Records of its partitions that are not done yet; null while it has none or their ends are not known. */
  lag(): number | null;
  stateKeys(): number;
  /** How far each assigned partition has come. */
  partitions(): readonly PartitionProgress[];
}

export interface PartitionProgress {
  readonly partition: number;
  /** Everything below is done, or was deleted before it could be; null: not known. */
  readonly position: bigint | null;
  /** The partition's end as last known. */
  readonly end: bigint | null;
  /** Fetched and not done yet. */
  readonly queuedRecords: number;
  /** As `estimateStateBytes` has it. */
  readonly stateBytes: number;
}

interface Owned {
  readonly worker: PartitionWorker;
  readonly state: PartitionState;
  /** Aborts when the partition is not ours any more, or not to be worked on any more. */
  readonly over: AbortController;
  /** As last known of the group. */
  committed: bigint | null;
  /** What was committed when the group was joined: fetching goes on from there or from later. */
  joinedAt: bigint | null;
  /** Where fetching goes on, and when it last moved: for the watchdog. */
  fetched: bigint | null;
  movedAt: number;
}

/**
 * Whether a topic was deleted and made anew, so that its offsets start over: a partition that ends before what was
 * done already, or that delivers what was committed already.
 */
function isAnotherLog(one: Owned, records: readonly RawKafkaRecord[], highWatermark: bigint): boolean {
  if (one.state.lastOffset >= highWatermark) return true;
  return one.joinedAt !== null && records.length > 0 && BigInt(records[0]!.offset) < one.joinedAt;
}

/** Whether the group has gone on without us: the partition was another member's meanwhile. */
const isOvertaken = ({ worker: { position } }: Owned, committed: bigint | null): boolean =>
  position !== null && committed !== null && committed > position;

/** A commit that fails now and then is nothing special; so many in a row are told. */
const TOLD_COMMITS = 5;
/** Records that are there but are not fetched for this long mean that the client is stuck. */
const STUCK_MS = 30_000;
/** Of records queued for one partition. */
const HIGH_WATERMARK_BYTES = 8 * 1024 * 1024;

export function createKafkaTrigger(options: KafkaTriggerOptions): KafkaTrigger {
  const { fn, status, log } = options;
  const definition = fn.definition as ConsumerDefinition;
  const topic: string = definition.topic.name;
  const owned = new Map<number, Owned>();
  let committing: Promise<void> = Promise.resolve();
  let commitTimer: NodeJS.Timeout | undefined;
  let stopping = false;
  /** In a row. */
  let failedCommits = 0;

  /** What each log line about the group has. */
  const member = { function: fn.name, topic, group: definition.group };

  const processUntilDone = createBatchProcessor(options);

  const client = createConsumerClient({
    name: fn.name,
    group: definition.group,
    topic,
    kafka: options.kafka,
    log,
    onAssigned(committed) {
      if (stopping) return;
      const before = [...owned.keys()];
      const partitions = [...committed.keys()];
      for (const [partition, one] of owned) {
        one.worker.reset();
        if (!committed.has(partition)) disown(partition, one);
        else if (isOvertaken(one, committed.get(partition) ?? null)) {
          const offset = String(committed.get(partition));
          log.warn(
            { ...member, partition, offset },
            "another member went on meanwhile: its state starts over",
          );
          disown(partition, one);
        }
      }
      for (const [partition, offset] of committed) {
        const one = owned.get(partition) ?? own(partition, offset);
        owned.set(partition, one);
        one.joinedAt = one.committed;
        one.movedAt = options.now();
      }
      status.assignment = partitions.sort((a, b) => a - b);
      setRunning(status);
      log.info(
        {
          ...member,
          partitions: status.assignment,
          assigned: status.assignment.filter((partition) => !before.includes(partition)),
          revoked: before.filter((partition) => !partitions.includes(partition)).sort((a, b) => a - b),
        },
        "partitions assigned",
      );
    },
    onRecords(partition, { records, nextOffset, highWatermark }) {
      let one = owned.get(partition);
      if (!one || stopping) return;
      if (isAnotherLog(one, records, highWatermark)) {
        log.warn({ function: fn.name, topic, partition }, "the topic was made anew: its state starts over");
        disown(partition, one);
        one = own(partition, null);
        owned.set(partition, one);
      }
      one.fetched = nextOffset;
      one.movedAt = options.now();
      one.worker.enqueue(records, nextOffset);
    },
    onRebalancing() {
      status.rebalances += 1;
      log.info({ ...member, partitions: status.assignment }, "group rebalances");
      void commit(); // while the group still takes commits: less is done twice
    },
    onTrouble(reason) {
      if (reason === null) return setRunning(status);
      status.restarts += 1;
      setState(status, "failing", `consumer is being restarted: ${reason}`);
    },
    stuck() {
      for (const [partition, one] of owned) {
        const end = options.endOffset(topic, partition);
        const idle = one.worker.queuedRecords === 0 && options.now() - one.movedAt > STUCK_MS;
        if (idle && end !== null && one.fetched !== null && end > one.fetched) {
          return `partition ${partition} holds ${end - one.fetched} records that were not fetched for ${STUCK_MS / 1000} s`;
        }
      }
      return null;
    },
  });

  const own = (partition: number, committed: bigint | null): Owned => {
    const over = new AbortController();
    const state = createPartitionState();
    const worker = createPartitionWorker({
      maxBatchRecords: definition.maxBatchRecords,
      highWatermarkBytes: HIGH_WATERMARK_BYTES,
      lowWatermarkBytes: HIGH_WATERMARK_BYTES / 2,
      pause: () => client.pause(partition),
      resume: () => client.resume(partition),
      async process(records) {
        // A slice without outputs waits for nothing: with many queued, heartbeats would wait for all of them.
        await nextTurn();
        await processUntilDone(partition, records, state, over.signal);
      },
    });
    return { worker, state, over, committed, joinedAt: committed, fetched: null, movedAt: options.now() };
  };

  const disown = (partition: number, one: Owned): void => {
    one.worker.reset();
    one.over.abort();
    owned.delete(partition);
    setUnstuck(status, partition);
  };

  const positionOf = (partition: number, { worker, committed }: Owned): bigint | null => {
    const start = options.startOffset(topic, partition);
    const done = worker.position ?? committed ?? start;
    return done !== null && start !== null && start > done ? start : done;
  };

  const commitNow = async (): Promise<void> => {
    const due = [...owned].flatMap(([partition, one]) => {
      const offset = one.worker.position;
      return offset !== null && (one.committed === null || offset > one.committed)
        ? [{ partition, offset, one }]
        : [];
    });
    // What cannot be committed stays due: the next round does, or the partition's next owner does the work again.
    if (due.length === 0 || !client.assigned) return;
    try {
      await client.commit(due);
      for (const { one, offset } of due) one.committed = offset;
      if (failedCommits >= TOLD_COMMITS) log.info({ ...member, tries: failedCommits + 1 }, "commits again");
      failedCommits = 0;
    } catch (error) {
      failedCommits += 1;
      log[failedCommits === TOLD_COMMITS ? "warn" : "debug"](
        { ...member, tries: failedCommits },
        `cannot commit: ${describeError(error)}`,
      );
    }
  };

  /** One commit at a time: an older one must not overtake a newer one. */
  const commit = (): Promise<void> => {
    committing = committing.then(commitNow);
    return committing;
  };

  return {
    start() {
      setState(status, "starting");
      commitTimer = setInterval(commit, definition.commitEveryMs);
      client.start();
    },
    async stop(deadline) {
      stopping = true;
      for (const { over } of owned.values()) over.abort();
      clearInterval(commitTimer);
      await Promise.all([...owned.values()].map(({ worker }) => worker.drain()));
      await commit();
      await client.stop(deadline);
      setState(status, "stopped");
    },
    lag() {
      if (owned.size === 0) return null;
      let lag = 0n;
      for (const [partition, one] of owned) {
        const [position, end] = [positionOf(partition, one), options.endOffset(topic, partition)];
        if (position === null || end === null) return null;
        if (end > position) lag += end - position;
      }
      return Number(lag);
    },
    partitions: () =>
      [...owned].map(([partition, one]) => ({
        partition,
        position: positionOf(partition, one),
        end: options.endOffset(topic, partition),
        queuedRecords: one.worker.queuedRecords,
        stateBytes: estimateStateBytes(one.state),
      })),
    stateKeys: () => [...owned.values()].reduce((sum, { state }) => sum + state.entries.size, 0),
  };
}
