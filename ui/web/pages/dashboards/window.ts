/** The records of the last minutes, as they come in from history and live, in any order, some twice. Pure. */
import { idOf, type Message } from "../../data/message.ts";
import { timeOf } from "./fields.ts";

/** More than these are not kept: the newest count. */
export const MOST = 10_000;

export interface Kept<T> {
  readonly id: string;
  readonly at: number;
  readonly record: T;
}

export interface RecordWindow<T> {
  /** In the order of their times. */
  readonly kept: readonly Kept<T>[];
  /** Those of the time that are not of the shape that is charted, by id, with their times. */
  readonly skipped: ReadonlyMap<string, number>;
  /** Since when all are here, ms since 1970: the start of the time, or later where there were too many. */
  readonly since: number;
}

export const emptyWindow: RecordWindow<never> = { kept: [], skipped: new Map(), since: 0 };

/** The window with more records in it, and without those from before `from` (ms since 1970). */
export function addTo<T>(
  before: RecordWindow<T>,
  messages: readonly Message[],
  read: (message: Message) => T | null,
  from: number,
): RecordWindow<T> {
  const known = new Set(before.kept.map(({ id }) => id));
  const skipped = new Map([...before.skipped].filter(([, at]) => at >= from));
  const added: Kept<T>[] = [];
  for (const message of messages) {
    const id = idOf(message);
    const at = timeOf(message);
    if (at === null || at < from || known.has(id)) continue;
    known.add(id);
    const record = read(message);
    if (record === null) skipped.set(id, at);
    else added.push({ id, at, record });
  }
  const all = [...before.kept.filter(({ at }) => at >= from), ...added].sort((a, b) => a.at - b.at);
  const kept = all.slice(-MOST);
  const since = Math.max(before.since, from, all.length > MOST ? kept[0]!.at : from);
  return { kept, skipped, since };
}
