/**
 * Whether another registry writes to `_schemas` at the same time. Confluent's elect a leader; this one has no such
 * election, and two that write can give out one id for two schemas. So the one that finds a record of another's stops
 * writing, and takes back what it may have written at the same moment.
 */
import type { TopicRecord } from "./schemas-topic.ts";
import type { KeyValue } from "./stored-records.ts";

export interface OtherWriter {
  /** Records up to this offset are history: whoever wrote them may be gone. */
  startAt(offset: bigint): void;
  /** Looks at what is read. Returns what there is to say of the first record of another's, once. */
  see(records: readonly TopicRecord[]): string | null;
  /** What stands in the way of writing, or null. */
  trouble(): string | null;
  /** Whether another's record was found below this offset. */
  cameBefore(offset: bigint): boolean;
  /** What undoes these records, which are new, as far as the other has not written their keys itself. */
  undo(records: readonly KeyValue[]): readonly KeyValue[];
}

export function watchForOtherWriter(self: string): OtherWriter {
  let from = 0n;
  let first: TopicRecord | null = null;
  /** By key, what the others have written since. */
  const theirs = new Map<string | null, string | null>();

  const trouble = (): string | null =>
    first &&
    `Another schema registry writes to _schemas at the same time: ${first.writer ?? "one that does not name itself, such as Confluent's"}, at offset ${first.offset}. Ids could be given out twice, so this one no longer writes: stop either, and start the other again`;

  return {
    startAt(offset) {
      from = offset;
      first = null;
      theirs.clear();
    },
    see(records) {
      const before = first;
      for (const record of records) {
        if (record.offset < from || record.writer === self) continue;
        first ??= record;
        theirs.set(record.key, record.value);
      }
      return before === null ? trouble() : null;
    },
    trouble,
    cameBefore: (offset) => first !== null && first.offset < offset,
    undo: (records) => records.map(({ key }) => ({ key, value: theirs.get(key) ?? null })),
  };
}
