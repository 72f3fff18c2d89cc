import type { TopicPartition } from "./committed-offsets.ts";
import type { CommittedOffset } from "./offset-records.ts";

/** An offset that counts once its transaction is committed. */
export interface PendingOffset extends TopicPartition {
  readonly group: string;
  readonly value: CommittedOffset;
  /** Where it stands in the offsets log. */
  readonly logOffset: number;
}

/** The offsets of open transactions, by producer: one producer has one transaction at a time. */
export class PendingOffsets {
  private readonly producers = new Map<number, PendingOffset[]>();

  add(producerId: number, offset: PendingOffset): void {
    const offsets = this.producers.get(producerId);
    if (offsets) offsets.push(offset);
    else this.producers.set(producerId, [offset]);
  }

  /** Takes those of a transaction that has ended, in the order of the log. */
  take(producerId: number): PendingOffset[] {
    const offsets = this.producers.get(producerId) ?? [];
    this.producers.delete(producerId);
    return offsets;
  }

  /** Whether a transaction is open that has offsets of this group: for one partition, or for any. */
  has(groupId: string, of?: TopicPartition): boolean {
    for (const offsets of this.producers.values()) {
      for (const { group, topic, partition } of offsets) {
        if (group === groupId && (!of || (of.topic === topic && of.partition === partition))) return true;
      }
    }
    return false;
  }
}
