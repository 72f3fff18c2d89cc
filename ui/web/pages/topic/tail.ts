/** The newest records of a topic as they come in: as many as can be looked through, none twice. Pure. */
import type { Message } from "../../data/message.ts";

/** How many records the browser keeps; with values cut to 16 KiB by the server this bounds its memory. */
export const KEPT = 2000;

export interface Tail {
  /** Newest first. */
  readonly rows: readonly Message[];
  /** All that have come since it began, with those no longer kept. */
  readonly received: number;
  /** What the server left out, because nobody could read it or this page was too slow. */
  readonly dropped: number;
  /** The newest offset seen of each partition. */
  readonly seen: ReadonlyMap<number, bigint>;
}

export const EMPTY_TAIL: Tail = { rows: [], received: 0, dropped: 0, seen: new Map() };

/** A tail that begins with records that were there already, oldest first by time: not always by offset. */
export function startTail(records: readonly Message[]): Tail {
  const seen = new Map<number, bigint>();
  for (const { partition, offset } of records) {
    const before = seen.get(partition) ?? -1n;
    seen.set(partition, before > BigInt(offset) ? before : BigInt(offset));
  }
  return { ...EMPTY_TAIL, rows: [...records].reverse(), seen };
}

/** The tail with records more, given oldest first. One that was there before (after a reconnect) is not taken again. */
export function addToTail(tail: Tail, batch: readonly Message[], kept = KEPT): Tail {
  const seen = new Map(tail.seen);
  const fresh: Message[] = [];
  for (const message of batch) {
    const offset = BigInt(message.offset);
    if (offset <= (seen.get(message.partition) ?? -1n)) continue;
    seen.set(message.partition, offset);
    fresh.push(message);
  }
  if (fresh.length === 0) return tail;
  const rows = [...fresh.slice(-kept).reverse(), ...tail.rows.slice(0, Math.max(0, kept - fresh.length))];
  return { ...tail, rows, seen, received: tail.received + fresh.length };
}

export const addDropped = (tail: Tail, count: number): Tail => ({ ...tail, dropped: tail.dropped + count });

/** Without its rows, to begin to look anew; what was seen is not shown again. */
export const clearTail = (tail: Tail): Tail => ({ ...tail, rows: [], received: 0, dropped: 0 });

/**
 * Whether a record contains a text in its key, value or headers, whatever its case; null where all do. The answer is
 * kept for each record, as the same records are asked for with every frame.
 */
export function textMatcher(text: string): ((message: Message) => boolean) | null {
  const wanted = text.trim().toLowerCase();
  if (wanted === "") return null;
  const known = new WeakMap<Message, boolean>();
  const has = (part: string | null): boolean => part?.toLowerCase().includes(wanted) ?? false;
  return (message) => {
    let answer = known.get(message);
    if (answer === undefined) {
      answer =
        has(message.key) ||
        has(message.valueJson) ||
        Object.entries(message.headers).some(([name, value]) => has(name) || has(value));
      known.set(message, answer);
    }
    return answer;
  };
}
