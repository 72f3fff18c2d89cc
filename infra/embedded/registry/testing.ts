/** `_schemas` in memory, for tests: several registries can share it, and records can be slipped in. */
import type { SchemasTopic, TopicRecord } from "./schemas-topic.ts";
import type { KeyValue } from "./stored-records.ts";

export interface MemoryTopic {
  readonly records: readonly TopicRecord[];
  /** As another registry would write. */
  write(writer: string | null, record: KeyValue): void;
  /** The topic as the registry of that name reaches it; `beforeAppend` runs when it has decided what to write. */
  as(writer: string, beforeAppend?: () => void): SchemasTopic;
}

export function createMemoryTopic(): MemoryTopic {
  const records: TopicRecord[] = [];
  const waiting = new Set<() => void>();
  const write: MemoryTopic["write"] = (writer, { key, value }) => {
    records.push({ offset: BigInt(records.length), key, value, writer });
    for (const wake of waiting) wake();
  };
  return {
    records,
    write,
    as(writer, beforeAppend = () => {}) {
      let isOpen = true;
      return {
        writer,
        prepare: async () => {},
        bounds: async () => ({ start: 0n, end: BigInt(records.length) }),
        async fetch(offset) {
          if (offset >= records.length && isOpen) {
            await new Promise<void>((resolve) => {
              waiting.add(resolve);
            });
          }
          const found = records.slice(Number(offset));
          return { records: found, next: offset + BigInt(found.length) };
        },
        async append(added) {
          beforeAppend();
          for (const record of added) write(writer, record);
          return BigInt(records.length - 1);
        },
        async disconnect() {
          isOpen = false;
          for (const wake of waiting) wake();
        },
      };
    },
  };
}
