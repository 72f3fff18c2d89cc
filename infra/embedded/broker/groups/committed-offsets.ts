import type { CommittedOffset } from "./offset-records.ts";

/** One partition's name. */
export interface TopicPartition {
  topic: string;
  partition: number;
}

interface Entry {
  readonly committed: CommittedOffset;
  /** Where it stands in the offsets log. */
  readonly logOffset: number;
}

/** The offsets one group has committed, by topic and partition. */
export class CommittedOffsets {
  private readonly topics = new Map<string, Map<number, Entry>>();

  get isEmpty(): boolean {
    return this.topics.size === 0;
  }

  get(topic: string, partition: number): CommittedOffset | undefined {
    return this.topics.get(topic)?.get(partition)?.committed;
  }

  /** Unless there is one that stands further on in the log: an offset of a transaction counts only once that is over. */
  set(topic: string, partition: number, committed: CommittedOffset, logOffset: number): void {
    let partitions = this.topics.get(topic);
    if (!partitions) {
      partitions = new Map();
      this.topics.set(topic, partitions);
    }
    const known = partitions.get(partition);
    if (!known || known.logOffset < logOffset) partitions.set(partition, { committed, logOffset });
  }

  delete(topic: string, partition: number): void {
    const partitions = this.topics.get(topic);
    partitions?.delete(partition);
    if (partitions?.size === 0) this.topics.delete(topic);
  }

  /** Topics with offsets, and the partitions that have one. */
  partitions(): { topic: string; partitions: number[] }[] {
    return [...this.topics].map(([topic, partitions]) => ({ topic, partitions: [...partitions.keys()] }));
  }

  /** All of them, or those of one topic. */
  list(only?: string): (TopicPartition & { committed: CommittedOffset })[] {
    const all = [];
    for (const [topic, partitions] of this.topics) {
      if (only !== undefined && topic !== only) continue;
      for (const [partition, { committed }] of partitions) all.push({ topic, partition, committed });
    }
    return all;
  }

  /** Those that were committed at `before` (ms) or earlier. */
  committedUpTo(before: number): TopicPartition[] {
    return this.list().filter(({ committed }) => committed.commitTimestamp <= before);
  }
}
