import { randomUUID } from "node:crypto";
import type { BrokerConfig } from "../config.ts";
import { ErrorCode } from "../errors.ts";
import { type Logger, silentLogger } from "../logger.ts";
import type { TopicPartition } from "./committed-offsets.ts";
import { DeadlineTimer } from "./deadline-timer.ts";
import type {
  CommitEvent,
  Effect,
  GroupEvent,
  HeartbeatEvent,
  JoinEvent,
  JoinReply,
  LeaveEvent,
  LeaveReply,
  Reply,
  SyncEvent,
  SyncReply,
} from "./events.ts";
import { type Group, nextDeadline, type Token } from "./group.ts";
import { GroupStore, type OffsetsLog, type TransactionalProducer, tombstones } from "./group-store.ts";
import { step } from "./machine.ts";
import { expireOffsets } from "./offset-expiry.ts";
import type { CommittedOffset, OffsetRecord } from "./offset-records.ts";
import { subscribedTopics } from "./subscription.ts";
import type { GroupLimits } from "./transition.ts";

const EXPIRY_INTERVAL_MS = 600_000;

export interface GroupCoordinatorOptions {
  /** ms since 1970 */
  now: () => number;
  offsetsLog: OffsetsLog;
  config: Pick<
    BrokerConfig,
    "groupMinSessionTimeoutMs" | "groupMaxSessionTimeoutMs" | "groupMaxSize" | "offsetsRetentionMs"
  >;
  logger?: Logger;
}

/** A request, as the state machine wants it but for what is added here. */
type Request<E> = Omit<E, "type" | "token" | "newMemberId">;
type Committer = Omit<Request<CommitEvent>, "transactional">;
type OffsetToCommit = TopicPartition & Omit<CommittedOffset, "commitTimestamp">;
type EventOf<T extends Reply["to"]> = Omit<Extract<GroupEvent, { type: T }>, "token">;
type ReplyTo<T extends Reply["to"]> = Extract<Reply, { to: T }>;

/**
 * Runs the groups: hands requests to the state machine as events, parks those it does not answer yet, wakes it at its
 * deadlines and writes what it wants kept. Methods answer with Kafka's error codes; none of them throws.
 */
export class GroupCoordinator {
  private readonly now: () => number;
  private readonly limits: GroupLimits;
  private readonly offsetsRetentionMs: number;
  private readonly store: GroupStore;
  private readonly timer: DeadlineTimer;
  private readonly parked = new Map<Token, (reply: Reply) => void>();
  private lastToken = 0;
  private expiryTimer: NodeJS.Timeout | undefined;

  constructor({ now, offsetsLog, config, logger = silentLogger }: GroupCoordinatorOptions) {
    this.now = now;
    this.limits = {
      minSessionTimeoutMs: config.groupMinSessionTimeoutMs,
      maxSessionTimeoutMs: config.groupMaxSessionTimeoutMs,
      maxSize: config.groupMaxSize,
    };
    this.offsetsRetentionMs = config.offsetsRetentionMs;
    this.store = new GroupStore({ log: offsetsLog, logger, now });
    this.timer = new DeadlineTimer(now, () => this.tick());
  }

  /** Reads back offsets and groups; members that were in a group have a full session to be heard of again. */
  async start(): Promise<void> {
    this.store.replay();
    for (const { group } of this.store.entries.values()) this.timer.wakeAt(nextDeadline(group));
    this.expiryTimer = setInterval(() => void this.expireOffsets(), EXPIRY_INTERVAL_MS);
  }

  /** Sends away everybody who waits, and lets what is being written finish. */
  async stop(): Promise<void> {
    this.timer.stop();
    clearInterval(this.expiryTimer);
    for (const groupId of [...this.store.entries.keys()]) this.run(groupId, { type: "unload" });
    await this.store.flush();
  }

  /** Parked until the rebalance is through. Null when `signal` aborts first: the member stays, nobody is answered. */
  join(groupId: string, request: Request<JoinEvent>, signal: AbortSignal): Promise<JoinReply | null> {
    const newMemberId = `${request.groupInstanceId ?? request.clientId}-${randomUUID()}`;
    return unlessAborted(signal, this.ask(groupId, { type: "join", newMemberId, ...request }));
  }

  /** Parked until the leader's assignment is in the log; null as with `join`. */
  sync(groupId: string, request: Request<SyncEvent>, signal: AbortSignal): Promise<SyncReply | null> {
    return unlessAborted(signal, this.ask(groupId, { type: "sync", ...request }));
  }

  async heartbeat(groupId: string, request: Request<HeartbeatEvent>): Promise<number> {
    return (await this.ask(groupId, { type: "heartbeat", ...request })).errorCode;
  }

  async leave(groupId: string, members: LeaveEvent["members"]): Promise<LeaveReply["members"]> {
    return (await this.ask(groupId, { type: "leave", members })).members;
  }

  /** Whether the offsets are committed: 0 once all of them are in the log. */
  commitOffsets(groupId: string, member: Committer, offsets: readonly OffsetToCommit[]): Promise<number> {
    return this.commit(groupId, { ...member, transactional: false }, offsets, (records) =>
      this.store.write(records),
    );
  }

  /**
   * As `commitOffsets`, but the offsets count once the producer's transaction is committed. `check` is asked right before
   * they are written: 0 when the transaction takes them, otherwise the error code.
   */
  commitInTransaction(
    groupId: string,
    member: Committer,
    offsets: readonly OffsetToCommit[],
    producer: TransactionalProducer,
    check: () => number,
  ): Promise<number> {
    return this.commit(groupId, { ...member, transactional: true }, offsets, async (records) => {
      const errorCode = check();
      return errorCode === ErrorCode.NONE ? this.store.writePending(records, producer) : errorCode;
    });
  }

  /** The marker that ends the producer's transaction is in the offsets log. */
  endTransaction(producerId: number, committed: boolean): Promise<void> {
    return this.store.endTransaction(producerId, committed);
  }

  /** Whether an open transaction may yet change what the group has committed for a partition. */
  isUnstable(groupId: string, partition: TopicPartition): boolean {
    return this.store.pending.has(groupId, partition);
  }

  private async commit(
    groupId: string,
    member: Request<CommitEvent>,
    offsets: readonly OffsetToCommit[],
    write: (records: OffsetRecord[]) => Promise<number>,
  ): Promise<number> {
    const entry = this.store.open(groupId);
    entry.commitsInFlight += 1;
    try {
      const { errorCode } = await this.ask(groupId, { type: "commit", ...member });
      if (errorCode !== ErrorCode.NONE) return errorCode;
      const commitTimestamp = this.now();
      const records = offsets.map(({ topic, partition, ...committed }): OffsetRecord => {
        return { kind: "offset", group: groupId, topic, partition, value: { ...committed, commitTimestamp } };
      });
      return await write(records);
    } finally {
      entry.commitsInFlight -= 1;
      this.dropIfUnused(groupId);
    }
  }

  /** What the group has committed for a partition; undefined: nothing. */
  committedOffset(groupId: string, { topic, partition }: TopicPartition): CommittedOffset | undefined {
    return this.store.entries.get(groupId)?.offsets.get(topic, partition);
  }

  /** The partitions for which the group has committed offsets. */
  committedPartitions(groupId: string): { topic: string; partitions: number[] }[] {
    return this.store.entries.get(groupId)?.offsets.partitions() ?? [];
  }

  /** Joins and syncs that wait for the rest of their group. */
  get parkedRequests(): number {
    return this.parked.size;
  }

  /** All groups. Each is a value: the group that goes on is another object. */
  list(): Group[] {
    return [...this.store.entries.values()].map((entry) => entry.group);
  }

  describe(groupId: string): Group | undefined {
    return this.store.entries.get(groupId)?.group;
  }

  /** Deletes a group that nobody is in, with its offsets: 0, NON_EMPTY_GROUP or GROUP_ID_NOT_FOUND. */
  async deleteGroup(groupId: string): Promise<number> {
    const { entries } = this.store;
    const entry = entries.get(groupId);
    if (!entry) return ErrorCode.GROUP_ID_NOT_FOUND;
    if (entry.commitsInFlight > 0 || this.store.pending.has(groupId)) return ErrorCode.NON_EMPTY_GROUP;
    const before = entry.group;
    const { errorCode } = await this.ask(groupId, { type: "delete" });
    if (errorCode !== ErrorCode.NONE) return errorCode;
    const offsets = tombstones(groupId, entry.offsets.list());
    const written = await this.store.write([...offsets, { kind: "group", group: groupId, value: null }]);
    // Not written, so it would be back after a restart: then it had better be back now.
    if (written !== ErrorCode.NONE && !entries.has(groupId))
      entries.set(groupId, { ...entry, group: before });
    return written;
  }

  /**
   * Forgets offsets, but not those of topics that members are subscribed to. An error code for the whole, or, with 0,
   * one for each partition, in order.
   */
  async deleteOffsets(
    groupId: string,
    partitions: readonly TopicPartition[],
  ): Promise<{ errorCode: number; partitions: number[] }> {
    const group = this.describe(groupId);
    if (!group) return { errorCode: ErrorCode.GROUP_ID_NOT_FOUND, partitions: [] };
    if (group.state !== "Empty" && group.protocolType !== "consumer") {
      return { errorCode: ErrorCode.NON_EMPTY_GROUP, partitions: [] };
    }
    const subscribed = subscribedTopics(group);
    const isFree = ({ topic }: TopicPartition) => subscribed !== null && !subscribed.has(topic);
    const written = await this.store.write(tombstones(groupId, partitions.filter(isFree)));
    const codes = partitions.map((each) => (isFree(each) ? written : ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC));
    return { errorCode: ErrorCode.NONE, partitions: codes };
  }

  /** To be called when a topic is deleted, so that one created later under its name begins without offsets. */
  forgetTopic(topic: string): Promise<number> {
    const all = [...this.store.entries].flatMap(([id, { offsets }]) => tombstones(id, offsets.list(topic)));
    return this.store.write(all);
  }

  private expireOffsets(): Promise<void> {
    return expireOffsets(this.store, this.now() - this.offsetsRetentionMs);
  }

  private ask<T extends Reply["to"]>(groupId: string, event: EventOf<T> & { type: T }): Promise<ReplyTo<T>> {
    const token = ++this.lastToken;
    return new Promise((resolve) => {
      // The machine answers every event with its own kind of reply, and exactly once.
      this.parked.set(token, (reply) => resolve(reply as ReplyTo<T>));
      this.run(groupId, { ...event, token } as unknown as GroupEvent);
    });
  }

  private run(groupId: string, event: GroupEvent): void {
    const { entries } = this.store;
    const entry = this.store.open(groupId);
    const [group, effects] = step(entry.group, event, this.now(), this.limits);
    entry.group = group;
    if (group.state === "Dead") entries.delete(groupId);
    this.dropIfUnused(groupId);
    for (const effect of effects) this.perform(groupId, effect);
    this.timer.wakeAt(nextDeadline(group));
  }

  private perform(groupId: string, effect: Effect): void {
    if (effect.type === "respond") {
      this.parked.get(effect.token)?.(effect.reply);
      this.parked.delete(effect.token);
      return;
    }
    const { snapshot, reason } = effect;
    void this.store.write([{ kind: "group", group: groupId, value: snapshot }]).then((errorCode) => {
      this.run(groupId, { type: "stored", reason, errorCode });
    });
  }

  private tick(): void {
    for (const [groupId, { group }] of [...this.store.entries]) {
      if (nextDeadline(group) <= this.now()) this.run(groupId, { type: "tick" });
      else this.timer.wakeAt(nextDeadline(group));
    }
  }

  /** A group that only a refused request has named leaves no trace. */
  private dropIfUnused(groupId: string): void {
    const entry = this.store.entries.get(groupId);
    if (!entry || entry.commitsInFlight > 0 || !entry.offsets.isEmpty) return;
    const { generationId, members, pendingMembers } = entry.group;
    if (generationId === 0 && members.size === 0 && pendingMembers.size === 0)
      this.store.entries.delete(groupId);
  }
}

/** Null when nobody waits for the answer any more. */
function unlessAborted<T>(signal: AbortSignal, answer: Promise<T>): Promise<T | null> {
  if (signal.aborted) return Promise.resolve(null);
  return new Promise((resolve, reject) => {
    const giveUp = () => resolve(null);
    signal.addEventListener("abort", giveUp, { once: true });
    answer.then(resolve, reject).finally(() => signal.removeEventListener("abort", giveUp));
  });
}
