import type { CommittedOffset } from "./offset-records.ts";

/** One partition's name. */
export interface TopicPartition {
  topic: string;
  partition: number;
}

/** The offsets one group has committed, by topic and partition. */
export class CommittedOffsets {
  private readonly topics = new Map<string, Map<number, CommittedOffset>>();

  get isEmpty(): boolean {
    return this.topics.size === 0;
  }

  get(topic: string, partition: number): CommittedOffset | undefined {
    return this.topics.get(topic)?.get(partition);
  }

  set(topic: string, partition: number, offset: CommittedOffset): void {
    let partitions = this.topics.get(topic);
    if (!partitions) {
      partitions = new Map();
      this.topics.set(topic, partitions);
    }
    partitions.set(partition, offset);
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
      for (const [partition, committed] of partitions) all.push({ topic, partition, committed });
    }
    return all;
  }

  /** Those that were committed at `before` (ms) or earlier. */
  committedUpTo(before: number): TopicPartition[] {
    return this.list().filter(({ committed }) => committed.commitTimestamp <= before);
  }
}
