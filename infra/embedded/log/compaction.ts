import { setTimeout as rest } from "node:timers/promises";
import type { RecordSlice } from "../wire/record.ts";
import { deleteHorizonOf, parseBatchHeader } from "../wire/record-batch.ts";
import { keepRecords, recordsOf } from "./compact-batch.ts";
import { type CompactionPolicy, planCompaction } from "./compaction-plan.ts";
import { LogClosedError } from "./log-errors.ts";
import { type LogFs, unlinkIfThere } from "./log-fs.ts";
import { readCompactedTo, writeCompactedTo } from "./offset-file.ts";
import { Segment } from "./segment.ts";
import { swapFileName, swapIn } from "./segment-swap.ts";

/** Keys of new records that are looked at together; more are left for the next time. Some 100 MB. */
const MAX_KEYS = 1_000_000;
const READ_BYTES = 256 * 1024;
/** Offsets in a segment are kept relative to its base, in 32 bits. */
const MAX_SEGMENT_OFFSETS = 0x7fffffff;
/** Never longer at a stretch, then a rest: at most a third of the event loop's time. */
const WORK_MS = 2;
const REST_MS = 4;

/** What is decided of the transactions in a log. */
export interface Decided {
  /** Everything before it is. */
  readonly lastStableOffset: number;
  /** Whether the batch at that offset belongs to a transaction that was aborted. */
  isAborted(producerId: number, offset: number): boolean;
}

/** What compaction needs of the log. */
export interface CompactedLog {
  readonly fs: LogFs;
  readonly dir: string;
  readonly segmentBytes: number;
  readonly nowMs: number;
  /** All but the segment being written. */
  readonly closedSegments: readonly Segment[];
  readonly isClosed: () => boolean;
  /** Puts `compacted` where `old` was. */
  replace(old: readonly Segment[], compacted: Segment): void;
}

export interface CompactionResult {
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  /** Records without a key: there since before the topic was compacted, and dropped, as Kafka does. */
  readonly recordsWithoutKey: number;
}

/**
 * Keeps, of the closed segments, the last record of each key, at its offset; drops what was aborted, tombstones and commit
 * markers whose time has come. Null when nothing is due. Rests often, so that it never holds up the event loop.
 * Rejects with LogClosedError when the log closes meanwhile; what was swapped in by then stays.
 */
export async function compact(
  log: CompactedLog,
  policy: CompactionPolicy,
  decided: Decided,
): Promise<CompactionResult | null> {
  const { fs, dir, closedSegments, nowMs } = log;
  const compactedTo = readCompactedTo(fs, dir);
  const plan = planCompaction(closedSegments, compactedTo ?? 0, decided.lastStableOffset, policy, nowMs);
  if (plan === null) return null;
  // From the first swap on the log has gaps: this file says that they are meant.
  if (compactedTo === null) writeCompactedTo(fs, dir, 0);
  const run = new Compaction(log, policy, decided);
  const covered = await run.readKeys(plan.dirty);
  const sources = [...plan.clean, ...plan.dirty.slice(0, covered)];
  await run.rewrite(sources);
  const following = closedSegments[sources.length];
  writeCompactedTo(fs, dir, following?.baseOffset ?? sources.at(-1)!.baseOffset + 1);
  return run.result;
}

class Compaction {
  readonly #log: CompactedLog;
  readonly #policy: CompactionPolicy;
  readonly #decided: Decided;
  /** Key (its bytes as characters) → its last offset. */
  readonly #latest = new Map<string, number>();
  /** Producers of which records were kept whose marker is still to come. */
  readonly #unmarked = new Set<number>();
  #workingSince = performance.now();
  result = { bytesBefore: 0, bytesAfter: 0, recordsWithoutKey: 0 };

  constructor(log: CompactedLog, policy: CompactionPolicy, decided: Decided) {
    this.#log = log;
    this.#policy = policy;
    this.#decided = decided;
  }

  /** Notes the last offset of each key in as many of the segments as there is room for. Returns how many. */
  async readKeys(segments: readonly Segment[]): Promise<number> {
    for (const [i, segment] of segments.entries()) {
      if (this.#latest.size >= MAX_KEYS) return i;
      for await (const { header, batch } of this.#batches(segment)) {
        if (header.control || this.#isAborted(header)) continue;
        for (const { keyText, offsetDelta } of await recordsOf(batch, header)) {
          if (keyText !== null) this.#latest.set(keyText, header.baseOffset + offsetDelta);
        }
      }
    }
    return segments.length;
  }

  /** Rewrites the segments, oldest first, neighbours together as long as they fit one. */
  async rewrite(sources: readonly Segment[]): Promise<void> {
    // An index that is still being written would outlive the log it stands for.
    await Promise.all(sources.map((segment) => segment.seal()));
    for (let from = 0; from < sources.length; ) {
      const group = [sources[from]!];
      let bytes = group[0]!.logBytes;
      for (const next of sources.slice(from + 1)) {
        bytes += next.logBytes;
        if (bytes > this.#log.segmentBytes) break;
        if (next.nextOffset - group[0]!.baseOffset > MAX_SEGMENT_OFFSETS) break;
        group.push(next);
      }
      await this.#rewriteGroup(group);
      from += group.length;
    }
  }

  async #rewriteGroup(group: readonly Segment[]): Promise<void> {
    const { fs, dir } = this.#log;
    const first = group[0]!;
    const target = new Segment(fs, dir, first.baseOffset, "w+", swapFileName(first, group.at(-1)!));
    let changed = group.length > 1;
    try {
      for (const source of group) {
        this.result.bytesBefore += source.logBytes;
        for await (const { header, batch } of this.#batches(source)) {
          const kept = header.control
            ? await this.#keepMarker(batch, header)
            : await this.#keep(batch, header);
          changed ||= kept !== batch;
          if (kept !== null) target.append(kept);
        }
      }
      if (changed) await target.sync();
      this.#requireOpen();
    } catch (error) {
      await this.#discard(target);
      throw error;
    }
    this.result.bytesAfter += target.logBytes;
    if (!changed) return this.#discard(target);
    await swapIn(fs, dir, target, group, () => this.#log.replace(group, target));
    await target.seal();
  }

  async #keep(batch: Buffer, header: Header): Promise<Buffer | null> {
    if (this.#isAborted(header)) return null;
    const horizon = deleteHorizonOf(header);
    const mayDropTombstones = horizon !== null && horizon < this.#log.nowMs;
    const records = await recordsOf(batch, header);
    const isKept = ({ keyText, tombstone, offsetDelta }: RecordSlice): boolean => {
      if (keyText === null) {
        this.result.recordsWithoutKey += 1;
        return false;
      }
      const latest = this.#latest.get(keyText) ?? -1;
      return latest <= header.baseOffset + offsetDelta && !(tombstone && mayDropTombstones);
    };
    const kept = records.filter(isKept);
    if (kept.length > 0 && header.transactional) this.#unmarked.add(header.producerId);
    const newHorizon = kept.some(({ tombstone }) => tombstone) ? this.#horizon() : null;
    return keepRecords(batch, header, records, kept, newHorizon);
  }

  /**
   * A marker stays as long as records of its transaction do: without it they would count as undecided. An abort marker stays in
   * any case: readers are told of aborted transactions by offset, and wait for it.
   */
  async #keepMarker(batch: Buffer, header: Header): Promise<Buffer | null> {
    if (this.#unmarked.delete(header.producerId)) return batch;
    const records = await recordsOf(batch, header);
    const isCommit = records[0]?.key?.readInt16BE(2) === 1;
    if (!isCommit) return batch;
    const horizon = deleteHorizonOf(header);
    if (horizon !== null && horizon < this.#log.nowMs) return null;
    return keepRecords(batch, header, records, records, this.#horizon());
  }

  #horizon(): number {
    return this.#log.nowMs + this.#policy.deleteRetentionMs;
  }

  #isAborted({ transactional, producerId, baseOffset }: Header): boolean {
    return transactional && this.#decided.isAborted(producerId, baseOffset);
  }

  async *#batches(segment: Segment): AsyncGenerator<{ header: Header; batch: Buffer }> {
    for (let offset = segment.baseOffset; ; ) {
      const span = segment.read(offset, READ_BYTES, true);
      if (span === null) return;
      for (let at = 0; at < span.length; ) {
        const header = parseBatchHeader(span, at);
        yield { header, batch: span.subarray(at, at + header.sizeBytes) };
        at += header.sizeBytes;
        offset = header.baseOffset + header.lastOffsetDelta + 1;
        await this.#pause();
      }
    }
  }

  async #pause(): Promise<void> {
    if (performance.now() - this.#workingSince < WORK_MS) return;
    await rest(REST_MS);
    this.#requireOpen();
    this.#workingSince = performance.now();
  }

  #requireOpen(): void {
    if (this.#log.isClosed()) throw new LogClosedError(this.#log.dir);
  }

  async #discard(target: Segment): Promise<void> {
    await target.close();
    unlinkIfThere(this.#log.fs, target.path);
  }
}

type Header = ReturnType<typeof parseBatchHeader>;
