import { ErrorCode } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { CommittedOffsets, type TopicPartition } from "./committed-offsets.ts";
import { emptyGroup, fromSnapshot, type Group } from "./group.ts";
import { decodeOffsetRecord, encodeOffsetRecord, type OffsetRecord } from "./offset-records.ts";

/** The log behind the coordinator: `__consumer_offsets`. */
export interface OffsetsLog {
  /** Resolves once the records are in the log, in the order of the calls; rejects when they could not be written. */
  append(records: { key: Buffer; value: Buffer | null }[]): Promise<void>;
  replay(each: (key: Buffer, value: Buffer | null, timestamp: number) => void): void;
}

export interface GroupEntry {
  group: Group;
  readonly offsets: CommittedOffsets;
  /** Commits that are being checked or written. */
  commitsInFlight: number;
}

/** The groups in memory and the log they are kept in. Committed offsets are seen here once they are in the log. */
export class GroupStore {
  readonly entries = new Map<string, GroupEntry>();
  private readonly log: OffsetsLog;
  private readonly logger: Logger;
  private readonly now: () => number;
  private readonly writing = new Set<Promise<number>>();

  constructor(options: { log: OffsetsLog; logger: Logger; now: () => number }) {
    this.log = options.log;
    this.logger = options.logger;
    this.now = options.now;
  }

  /** Reads everything back. */
  replay(): void {
    this.log.replay((key, value) => {
      const record = decodeOffsetRecord(key, value);
      if (record?.kind === "offset") this.applyOffset(record);
      if (record?.kind === "group") this.applyGroup(record);
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

  private async append(records: OffsetRecord[]): Promise<number> {
    if (records.length === 0) return ErrorCode.NONE;
    try {
      await this.log.append(records.map(encodeOffsetRecord));
    } catch (error) {
      this.logger.error({ err: error, group: records[0]!.group }, "could not write to __consumer_offsets");
      return ErrorCode.COORDINATOR_NOT_AVAILABLE;
    }
    for (const record of records) if (record.kind === "offset") this.applyOffset(record);
    return ErrorCode.NONE;
  }

  private applyOffset({ group, topic, partition, value }: Extract<OffsetRecord, { kind: "offset" }>): void {
    if (value) this.open(group).offsets.set(topic, partition, value);
    else this.entries.get(group)?.offsets.delete(topic, partition);
  }

  private applyGroup({ group, value }: Extract<OffsetRecord, { kind: "group" }>): void {
    this.open(group).group = value ? fromSnapshot(value, this.now()) : emptyGroup(group, this.now());
  }
}

export function tombstones(group: string, partitions: readonly TopicPartition[]): OffsetRecord[] {
  return partitions.map(({ topic, partition }) => ({ kind: "offset", group, topic, partition, value: null }));
}
