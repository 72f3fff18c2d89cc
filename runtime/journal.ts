/** The last invocations of each function, and whoever follows them. Capture and the UI listen here. */
import { headerValues, type RawKafkaRecord } from "./codec.ts";
import type { Invocation } from "./invoke.ts";
import type { CapturedInvocation, RawRecord } from "./view.ts";

export interface Journal {
  /** `raw` are the records that the input's were decoded from; others among them are left out. */
  add(invocation: Invocation, raw?: readonly RawKafkaRecord[]): void;
  /** The last ones, oldest first. */
  last(name: string): readonly CapturedInvocation[];
  follow(name: string, listener: (invocation: CapturedInvocation) => void): () => void;
  /** Tells each invocation of every function, without its bytes, until the returned function is called. */
  listen(listener: (invocation: Invocation) => void): () => void;
}

interface Entry {
  readonly invocation: Invocation;
  readonly raw: readonly RawKafkaRecord[] | undefined;
  readonly weight: number;
}

/**
 * Keeps at most `keep` invocations and about `keepRecords` records a function; a large record counts as one for each
 * KiB of its value, so that what is kept is bounded in bytes as well.
 */
export function createJournal(keep = 100, keepRecords = 2_000): Journal {
  const entries = new Map<string, Entry[]>();
  const watchers = new Set<(invocation: Invocation) => void>();
  const followers = new Map<string, Set<(invocation: CapturedInvocation) => void>>();
  return {
    add(invocation, raw) {
      const entry: Entry = { invocation, raw, weight: weightOf(invocation, raw) };
      for (const watcher of watchers) watcher(invocation);
      const kept = entries.get(invocation.function) ?? [];
      entries.set(invocation.function, kept);
      kept.push(entry);
      let weight = kept.reduce((sum, one) => sum + one.weight, 0);
      while (kept.length > keep || (kept.length > 1 && weight > keepRecords)) weight -= kept.shift()!.weight;
      const listeners = followers.get(invocation.function);
      if (!listeners?.size) return;
      const captured = toCaptured(entry);
      for (const listener of listeners) listener(captured);
    },
    last: (name) => (entries.get(name) ?? []).map(toCaptured),
    follow(name, listener) {
      const listeners = followers.get(name) ?? new Set();
      followers.set(name, listeners);
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    listen(listener) {
      watchers.add(listener);
      return () => watchers.delete(listener);
    },
  };
}

function weightOf({ input }: Invocation, raw: readonly RawKafkaRecord[] = []): number {
  const records = input.kind === "batch" ? input.records.length : 1;
  return raw.reduce((sum, { value }) => sum + Math.floor((value?.length ?? 0) / 1024), records);
}

function toCaptured({ invocation, raw }: Entry): CapturedInvocation {
  if (!raw || invocation.input.kind !== "batch") return invocation;
  const offsets = new Set(invocation.input.records.map((record) => record.offset));
  return { ...invocation, raw: raw.filter((record) => offsets.has(record.offset)).map(toRawRecord) };
}

/** Headers that occur several times come as several entries. */
export function toRawRecord(record: RawKafkaRecord): RawRecord {
  const base64 = (bytes: Buffer | string): string => Buffer.from(bytes).toString("base64");
  return {
    offset: record.offset,
    key: record.key && base64(record.key),
    value: record.value && base64(record.value),
    headers: Object.entries(record.headers ?? {}).flatMap(([name, given]) =>
      headerValues(given).map((value) => [name, base64(value)] as const),
    ),
  };
}
