/** Invokes a consumer for the batches that Kafka delivers to its group. */

import type { RawKafkaRecord } from "./codec.ts";
import { createConsumerClient } from "./consumer-client.ts";
import type { ConsumerDefinition } from "./define.ts";
import { describeError, type KafkaFactory } from "./kafka.ts";
import { nextTurn } from "./next-turn.ts";
import { createPartitionWorker, type PartitionWorker } from "./partition-worker.ts";
import { type BatchProcessorOptions, createBatchProcessor } from "./process-until-done.ts";
import { createPartitionState, estimateStateBytes, type PartitionState } from "./state.ts";
import { setState } from "./status.ts";

export interface KafkaTriggerOptions extends Omit<BatchProcessorOptions, "stopping"> {
  readonly kafka: KafkaFactory;
  /** The last known end of a partition, or null. */
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
  /** Everything below is done; null: nothing done yet. */
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
  const stopping = new AbortController();

  /** What each log line about the group has. */
  const member = { function: fn.name, topic, group: definition.group };

  const processUntilDone = createBatchProcessor({ ...options, stopping: stopping.signal });

  const client = createConsumerClient({
    name: fn.name,
    group: definition.group,
    topic,
    kafka: options.kafka,
    log,
    onAssigned(partitions) {
      const before = [...owned.keys()];
      for (const [partition, { worker }] of owned) {
        worker.reset();
        if (!partitions.includes(partition)) owned.delete(partition);
      }
      for (const partition of partitions) if (!owned.has(partition)) owned.set(partition, own(partition));
      for (const one of owned.values()) {
        one.joinedAt = one.committed;
        one.movedAt = options.now();
      }
      status.assignment = [...partitions].sort((a, b) => a - b);
      setState(status, "running");
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
      if (!one || stopping.signal.aborted) return;
      if (isAnotherLog(one, records, highWatermark)) {
        log.warn({ function: fn.name, topic, partition }, "the topic was made anew: its state starts over");
        one.worker.reset();
        one = own(partition);
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
      if (reason === null) return setState(status, "running");
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

  const own = (partition: number): Owned => {
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
        await processUntilDone(partition, records, state);
      },
    });
    return { worker, state, committed: null, joinedAt: null, fetched: null, movedAt: options.now() };
  };

  const commitNow = async (): Promise<void> => {
    const due = [...owned].flatMap(([partition, one]) => {
      const offset = one.worker.position;
      return offset !== null && offset !== one.committed ? [{ partition, offset, one }] : [];
    });
    if (due.length === 0) return;
    try {
      await client.commit(due);
      for (const { one, offset } of due) one.committed = offset;
    } catch (error) {
      // Stays due: the next round commits it, or the partition's next owner does the work again.
      log.debug({ function: fn.name }, `cannot commit: ${describeError(error)}`);
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
      stopping.abort();
      clearInterval(commitTimer);
      await Promise.all([...owned.values()].map(({ worker }) => worker.drain()));
      await commit();
      await client.stop(deadline);
      setState(status, "stopped");
    },
    lag() {
      if (owned.size === 0) return null;
      let lag = 0n;
      for (const [partition, { worker }] of owned) {
        const end = options.endOffset(topic, partition);
        if (end === null) return null;
        if (worker.position !== null && end > worker.position) lag += end - worker.position;
      }
      return Number(lag);
    },
    partitions: () =>
      [...owned].map(([partition, { worker, state }]) => ({
        partition,
        position: worker.position,
        end: options.endOffset(topic, partition),
        queuedRecords: worker.queuedRecords,
        stateBytes: estimateStateBytes(state),
      })),
    stateKeys: () => [...owned.values()].reduce((sum, { state }) => sum + state.entries.size, 0),
  };
}
