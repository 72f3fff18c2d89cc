import { ErrorCode } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { CommittedOffsets, type TopicPartition } from "./committed-offsets.ts";
import { emptyGroup, fromSnapshot, type Group } from "./group.ts";
import { decodeOffsetRecord, encodeOffsetRecord, type OffsetRecord } from "./offset-records.ts";
import { PendingOffsets } from "./pending-offsets.ts";

type OffsetOf = Extract<OffsetRecord, { kind: "offset" }>;

/** The producer whose transaction offsets are part of. */
export interface TransactionalProducer {
  readonly producerId: number;
  readonly producerEpoch: number;
}

/** The log behind the coordinator: `__consumer_offsets`. */
export interface OffsetsLog {
  /**
   * Resolves with the offset of the first record once they are in the log, in the order of the calls; rejects when they
   * could not be written. With a producer they are part of its transaction.
   */
  append(
    records: readonly { key: Buffer; value: Buffer | null }[],
    producer: TransactionalProducer | null,
  ): Promise<number>;
  replay(to: OffsetsReplay): void;
}

/** Who is told, in order, what the log holds. */
export interface OffsetsReplay {
  /** `producerId`: the record counts once that producer's transaction is committed; null: at once. */
  onRecord(record: { key: Buffer; value: Buffer | null; offset: number; producerId: number | null }): void;
  onEnd(producerId: number, committed: boolean): void;
}

export interface GroupEntry {
  group: Group;
  readonly offsets: CommittedOffsets;
  /** Commits that are being checked or written. */
  commitsInFlight: number;
}

/**
 * The groups in memory and the log they are kept in. Committed offsets are seen here once they are in the log, those of a
 * transaction once it is committed. Of two for the same partition the one further on in the log counts, so that it
 * does not matter whether compaction has removed the other.
 */
export class GroupStore {
  readonly entries = new Map<string, GroupEntry>();
  readonly pending = new PendingOffsets();
  private readonly log: OffsetsLog;
  private readonly logger: Logger;
  private readonly now: () => number;
  private readonly writing = new Set<Promise<number>>();
  /** The last write of each producer's transaction. */
  private readonly writingPending = new Map<number, Promise<number>>();

  constructor(options: { log: OffsetsLog; logger: Logger; now: () => number }) {
    this.log = options.log;
    this.logger = options.logger;
    this.now = options.now;
  }

  /** Reads everything back. */
  replay(): void {
    this.log.replay({
      onRecord: ({ key, value, offset, producerId }) => {
        const record = decodeOffsetRecord(key, value);
        if (record?.kind === "group") this.applyGroup(record);
        else if (record && producerId === null) this.applyOffset(record, offset);
        else if (record) this.addPending(producerId!, record, offset);
      },
      onEnd: (producerId, committed) => this.endPending(producerId, committed),
    });
    for (const [groupId, { group, offsets }] of this.entries) {
      if (group.generationId === 0 && offsets.isEmpty) this.entries.delete(groupId);
    }
  }

  /** The entry of a group, made when there is none. */
  open(groupId: string): GroupEntry {
    let entry = this.entries.get(groupId);
    if (!entry) {
      entry = { group: emptyGroup(groupId, this.now()), offsets: new CommittedOffsets(), commitsInFlight: 0 };
      this.entries.set(groupId, entry);
    }
    return entry;
  }

  /**
   * Appends the records and, once they are in the log, takes over the offsets among them. Returns an error code:
   * COORDINATOR_NOT_AVAILABLE, which clients answer by trying again, when they could not be written.
   */
  write(records: OffsetRecord[]): Promise<number> {
    const written = this.append(records);
    this.writing.add(written);
    void written.then(() => this.writing.delete(written));
    return written;
  }

  /** Waits for what is being written. */
  async flush(): Promise<void> {
    await Promise.all(this.writing);
  }

  /** As `write`, but the offsets count only once the producer's transaction is committed (`endTransaction`). */
  writePending(records: OffsetRecord[], producer: TransactionalProducer): Promise<number> {
    const { producerId } = producer;
    const written = this.append(records, producer);
    this.writing.add(written);
    this.writingPending.set(producerId, written);
    void written.then(() => {
      this.writing.delete(written);
      if (this.writingPending.get(producerId) === written) this.writingPending.delete(producerId);
    });
    return written;
  }

  /** The marker that ends the producer's transaction is in the log: its offsets count, or never will. */
  async endTransaction(producerId: number, committed: boolean): Promise<void> {
    // What was written before the marker is in the log by now, but perhaps not yet among the pending.
    await this.writingPending.get(producerId);
    this.endPending(producerId, committed);
  }

  private async append(
    records: OffsetRecord[],
    producer: TransactionalProducer | null = null,
  ): Promise<number> {
    if (records.length === 0) return ErrorCode.NONE;
    let baseOffset: number;
    try {
      baseOffset = await this.log.append(records.map(encodeOffsetRecord), producer);
    } catch (error) {
      this.logger.error({ err: error, group: records[0]!.group }, "could not write to __consumer_offsets");
      return ErrorCode.COORDINATOR_NOT_AVAILABLE;
    }
    for (const [i, record] of records.entries()) {
      if (record.kind !== "offset") continue;
      if (producer) this.addPending(producer.producerId, record, baseOffset + i);
      else this.applyOffset(record, baseOffset + i);
    }
    return ErrorCode.NONE;
  }

  private addPending(producerId: number, { value, ...record }: OffsetOf, logOffset: number): void {
    if (value) this.pending.add(producerId, { ...record, value, logOffset });
  }

  private endPending(producerId: number, committed: boolean): void {
    for (const { logOffset, ...offset } of this.pending.take(producerId)) {
      if (committed) this.applyOffset({ kind: "offset", ...offset }, logOffset);
    }
  }

  private applyOffset({ group, topic, partition, value }: OffsetOf, logOffset: number): void {
    if (value) this.open(group).offsets.set(topic, partition, value, logOffset);
    else this.entries.get(group)?.offsets.delete(topic, partition);
  }

  private applyGroup({ group, value }: Extract<OffsetRecord, { kind: "group" }>): void {
    this.open(group).group = value ? fromSnapshot(value, this.now()) : emptyGroup(group, this.now());
  }
}

export function tombstones(group: string, partitions: readonly TopicPartition[]): OffsetRecord[] {
  return partitions.map(({ topic, partition }) => ({ kind: "offset", group, topic, partition, value: null }));
}
