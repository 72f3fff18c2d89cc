import { Appender } from "./appender.ts";
import { type CompactionResult, compact, type Decided } from "./compaction.ts";
import type { CompactionPolicy } from "./compaction-plan.ts";
import type { Appended } from "./group-commit.ts";
import type { LogConfig } from "./log-config.ts";
import { LogClosedError, LogWriteError } from "./log-errors.ts";
import { type LogFs, nodeFs, syncDirSync } from "./log-fs.ts";
import { readCompactedTo, readStartOffset, writeStartOffset } from "./offset-file.ts";
import type { LogObserver, PartitionLogOptions } from "./partition-log-options.ts";
import { openSegments } from "./recovery.ts";
import { countExpired } from "./retention.ts";
import { type BatchPlace, Segment } from "./segment.ts";
import { bytesBetween, readFromDisk } from "./segments.ts";
import { Tail } from "./tail.ts";
import { findTimestamp, type TimestampedOffset } from "./timestamp-lookup.ts";

const DEFAULT_TAIL_BYTES = 1024 * 1024;

/**
 * The durable log of one partition: segments on disk, the newest batches in memory. Appends of one turn of the event
 * loop become one write, and are acknowledged together after it. All else is synchronous.
 */
export class PartitionLog {
  readonly #fs: LogFs;
  readonly #dir: string;
  readonly #now: () => number;
  #config: LogConfig;
  readonly #segments: Segment[];
  readonly #tail: Tail;
  #startOffset: number;
  readonly #appender: Appender;
  #closed = false;
  readonly #listeners = new Set<() => void>();
  #observer: LogObserver | null = null;
  /** The one that is running. */
  #compaction: Promise<CompactionResult | null> | null = null;
  /** Counts the swaps of compaction: who looks through the segments over several turns may have to look again. */
  #swaps = 0;

  /**
   * Opens the log in `dir`, cutting off what a crash tore (see recovery.ts). Throws LogDamagedError for other damage, and
   * the system's errors.
   */
  static open(options: PartitionLogOptions): PartitionLog {
    return new PartitionLog(options);
  }

  private constructor(options: PartitionLogOptions) {
    const { dir, config } = options;
    this.#fs = options.fs ?? nodeFs;
    this.#dir = dir;
    this.#now = options.now;
    this.#config = config;
    this.#tail = new Tail(options.tailBytes ?? DEFAULT_TAIL_BYTES);
    this.#fs.mkdirSync(dir, { recursive: true });
    const deletedBefore = readStartOffset(this.#fs, dir);
    this.#segments = openSegments(this.#fs, dir, {
      gaps: config.cleanup.startsWith("compact") || readCompactedTo(this.#fs, dir) !== null,
      onCut: options.onRecovery ?? (() => {}),
    });
    if (this.#segments.length === 0) this.#segments.push(new Segment(this.#fs, dir, deletedBefore, "wx+"));
    this.#appender = new Appender({
      fs: this.#fs,
      dir,
      config: () => this.#config,
      active: () => this.#active,
      roll: () => this.#roll(),
      admit: (segment, batches) => this.#admit(segment, batches),
    });
    if (config.flush === "always") {
      // What a killed process left written may be answered for as if it were on the disk.
      this.#active.syncNow();
      syncDirSync(this.#fs, dir);
    }
    for (const segment of this.#segments.slice(0, -1)) this.#seal(segment);
    this.#startOffset = Math.min(Math.max(this.#segments[0]!.baseOffset, deletedBefore), this.endOffset);
  }

  /** The first offset that can be read. */
  get startOffset(): number {
    return this.#startOffset;
  }

  /** The offset of the next record: on a single node the high watermark. */
  get endOffset(): number {
    return this.#active.nextOffset;
  }

  get sizeBytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.logBytes, 0);
  }

  get #active(): Segment {
    return this.#segments.at(-1)!;
  }

  /**
   * Appends one validated batch, which the log owns from here on: it patches the header in place. Resolves once the
   * write of this turn of the event loop is done, with flush `always` once it is on the disk. Rejects with LogWriteError (its `code` is the system's: ENOSPC, EIO …)
   * when nothing of the batch was kept; the log goes on when there is room again.
   */
  append(batch: Buffer, options: { logAppendTime?: number } = {}): Promise<Appended> {
    return this.#appender.append(batch, options.logAppendTime);
  }

  /**
   * Whole batches, from the one that holds `offset` up to the end, of `maxBytes` together at most; the first one in any
   * case if `minOneBatch`. Views into memory for the newest, one read of the file for older ones. At the end offset:
   * none. Throws RangeError outside start and end offset, LogDamagedError for bytes that are not what was written.
   */
  read(offset: number, maxBytes: number, minOneBatch: boolean): Buffer[] {
    if (this.#closed) throw new LogClosedError(this.#dir);
    if (!(offset >= this.#startOffset && offset <= this.endOffset)) {
      throw new RangeError(`Expected offset ${this.#startOffset}–${this.endOffset}, got ${offset}`);
    }
    const inMemory = this.#tail.read(offset, maxBytes, minOneBatch);
    return inMemory ?? readFromDisk(this.#segments, offset, maxBytes, minOneBatch);
  }

  /** See segments.ts. Throws LogDamagedError. */
  bytesBetween(from: number, to: number, enough?: number): number {
    return bytesBetween(this.#segments, from, to, enough);
  }

  /** The first record of that timestamp (ms) or a later one, also inside compressed batches; null if there is none. */
  async offsetForTimestamp(timestamp: number): Promise<TimestampedOffset | null> {
    for (;;) {
      const swaps = this.#swaps;
      const found = await findTimestamp([...this.#segments], this.#startOffset, timestamp);
      if (swaps === this.#swaps) return found;
    }
  }

  /** The first record with the largest timestamp; null for an empty log. */
  latestTimestamp(): Promise<TimestampedOffset | null> {
    const largest = Math.max(...this.#segments.map((segment) => segment.largestTimestamp));
    return largest === Number.NEGATIVE_INFINITY ? Promise.resolve(null) : this.offsetForTimestamp(largest);
  }

  /** Calls `listener` whenever appended records have become readable. Returns what ends that. */
  onAppend(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  observe(observer: LogObserver): void {
    this.#observer = observer;
  }

  /**
   * Makes `offset` the first that can be read, for good, and deletes the segments before it. A lower offset than the start
   * changes nothing. Throws RangeError above the end offset.
   */
  deleteRecordsBefore(offset: number): void {
    if (!(offset >= 0 && offset <= this.endOffset)) {
      throw new RangeError(`Expected offset 0–${this.endOffset}, got ${offset}`);
    }
    if (offset <= this.#startOffset) return;
    writeStartOffset(this.#fs, this.#dir, offset);
    this.#startOffset = offset;
    this.#deleteBeforeStart();
  }

  /** Deletes the segments that are due by time or size (see retention.ts). Returns the bytes freed. */
  enforceRetention(): number {
    const { cleanup } = this.#config;
    if (!cleanup.endsWith("delete") || this.#appender.stopped !== null || this.#compaction !== null) return 0;
    return this.#deleteOldest(countExpired(this.#used(), this.#config, this.#now()));
  }

  /**
   * Compacts what is due (see compaction.ts), in the background; a call meanwhile joins in. Segments are not deleted
   * until it has ended. Resolves with null when there was nothing to do; what fails leaves the log as it was, unless it
   * is a LogWriteError: then nothing is appended until a restart.
   */
  compact(policy: CompactionPolicy, decided: Decided): Promise<CompactionResult | null> {
    if (this.#appender.stopped !== null) return Promise.resolve(null);
    this.#compaction ??= compact(
      {
        fs: this.#fs,
        dir: this.#dir,
        segmentBytes: this.#config.segmentBytes,
        nowMs: this.#now(),
        closedSegments: this.#segments.slice(0, -1),
        isClosed: () => this.#closed,
        replace: (old, compacted) => this.#replace(old, compacted),
      },
      policy,
      decided,
    )
      .catch((error: unknown) => {
        if (error instanceof LogWriteError) this.#appender.stop(error);
        throw error;
      })
      .finally(() => {
        this.#compaction = null;
        if (!this.#closed) this.#deleteBeforeStart();
      });
    return this.#compaction;
  }

  setConfig(config: LogConfig): void {
    this.#config = config;
  }

  /** Writes what is pending, syncs, and seals all segments, so that the next opening scans nothing. */
  async close(): Promise<void> {
    if (this.#closed) return;
    const closed = new LogClosedError(this.#dir);
    await this.#appender.finish(closed);
    if (this.#closed) return;
    this.#closed = true;
    const failed = this.#appender.stopped !== null;
    this.#appender.stop(closed);
    await this.#compaction?.catch(() => {}); // whoever asked for it is told
    try {
      if (!failed) await Promise.all(this.#segments.map((segment) => segment.seal()));
    } finally {
      await Promise.all(this.#segments.map((segment) => segment.close()));
    }
  }

  /** Closes the log and removes its folder; under another name first, so that a crash leaves no half of it. */
  async delete(): Promise<void> {
    this.#closed = true;
    await this.#appender.abandon(new LogClosedError(this.#dir));
    await this.#compaction?.catch(() => {}); // whoever asked for it is told
    await Promise.all(this.#segments.map((segment) => segment.close()));
    const doomed = `${this.#dir}.deleted`;
    this.#fs.rmSync(doomed, { recursive: true, force: true });
    this.#fs.renameSync(this.#dir, doomed);
    this.#fs.rmSync(doomed, { recursive: true, force: true });
  }

  #admit(segment: Segment, batches: readonly { batch: Buffer; place: BatchPlace }[]): void {
    // Right after this turn: what a listener throws is not this write's failure.
    queueMicrotask(() => {
      for (const listener of this.#listeners) listener();
    });
    for (const { batch, place } of batches) {
      segment.note(place);
      this.#tail.add(batch, place.baseOffset, place.nextOffset);
      this.#observer?.onBatch(batch);
    }
  }

  /** Starts a new segment; the old one is synced meanwhile. A failed sync ends all appending: see Segment.seal. */
  #roll(): void {
    const old = this.#active;
    this.#observer?.onRoll();
    try {
      this.#segments.push(new Segment(this.#fs, this.#dir, old.nextOffset, "wx+"));
    } catch (error) {
      throw new LogWriteError(`Cannot start a new segment in ${this.#dir}`, error);
    }
    this.#seal(old);
  }

  #seal(segment: Segment): void {
    segment.seal().catch((error: unknown) => {
      this.#appender.stop(new LogWriteError(`Cannot sync ${segment.path}; restart the broker`, error));
    });
  }

  /** All segments but an empty newest one. */
  #used(): Segment[] {
    return this.#active.logBytes > 0 ? this.#segments : this.#segments.slice(0, -1);
  }

  #replace(old: readonly Segment[], compacted: Segment): void {
    const at = this.#segments.indexOf(old[0]!);
    this.#segments.splice(at, old.length, compacted);
    this.#tail.forgetBefore(this.#segments[at + 1]!.baseOffset);
    this.#swaps += 1;
    for (const segment of old) void segment.close();
  }

  #deleteBeforeStart(): void {
    if (this.#compaction !== null) return;
    const start = this.#startOffset;
    // One that is empty, since compaction dropped all of it, keeps where the log starts.
    const before = this.#used().filter(
      ({ baseOffset, nextOffset }) => baseOffset < start && nextOffset <= start,
    );
    this.#deleteOldest(before.length);
  }

  #deleteOldest(count: number): number {
    if (count === 0) return 0;
    if (count === this.#segments.length) {
      if (this.#appender.syncing) return this.#deleteOldest(count - 1);
      this.#roll();
    }
    const deleted = this.#segments.splice(0, count);
    this.#startOffset = Math.max(this.#startOffset, this.#segments[0]!.baseOffset);
    for (const segment of deleted) segment.delete();
    return deleted.reduce((freed, segment) => freed + segment.logBytes, 0);
  }
}
