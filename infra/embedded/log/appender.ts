import { patchBaseOffset, patchLeaderEpoch, patchLogAppendTime } from "../wire/record-batch.ts";
import { type Appended, GroupCommit, type PendingAppend } from "./group-commit.ts";
import type { LogConfig } from "./log-config.ts";
import { LogWriteError } from "./log-errors.ts";
import { type LogFs, syncDir } from "./log-fs.ts";
import { type BatchPlace, placeOf, type Segment } from "./segment.ts";

/** Offsets in a segment are kept relative to its base, in 32 bits. */
const MAX_SEGMENT_OFFSETS = 0x7fffffff;
const LEADER_EPOCH = 0;

/** The log that is written to. */
export interface AppendedLog {
  readonly fs: LogFs;
  readonly dir: string;
  config(): LogConfig;
  /** The segment being written. */
  active(): Segment;
  /** Starts the next one. */
  roll(): void;
  /** Makes written batches part of the log: from here on they can be read. */
  admit(segment: Segment, batches: readonly { readonly batch: Buffer; readonly place: BatchPlace }[]): void;
}

/**
 * Writes to the newest segment of a log. Appends of one turn of the event loop become one write, and are acknowledged
 * together: right after it, or, with flush `always`, once the disk has it; until then nobody can read them, and what is
 * appended meanwhile waits for the next write and shares the next sync.
 */
export class Appender {
  readonly #log: AppendedLog;
  readonly #commits = new GroupCommit((group) => this.#commit(group, 0));
  /** Why nothing can be written any more. */
  #stopped: Error | null = null;
  #refusing: Error | null = null;
  /** The segment whose name is known to be on the disk. */
  #named: Segment | null = null;
  #syncTimer: NodeJS.Timeout | undefined;

  constructor(log: AppendedLog) {
    this.#log = log;
  }

  get stopped(): Error | null {
    return this.#stopped;
  }

  /** Whether a write waits for the disk: no other segment may be started. */
  get syncing(): boolean {
    return this.#commits.busy;
  }

  /** See PartitionLog.append. */
  append(batch: Buffer, logAppendTime: number | undefined): Promise<Appended> {
    const refusal = this.#stopped ?? this.#refusing;
    if (refusal !== null) return Promise.reject(refusal);
    patchLeaderEpoch(batch, LEADER_EPOCH);
    if (logAppendTime !== undefined) patchLogAppendTime(batch, logAppendTime);
    return new Promise((resolve, reject) => {
      this.#commits.add({ batch, logAppendTimeMs: logAppendTime ?? -1, resolve, reject });
    });
  }

  /** Ends all writing, for the first reason given. */
  stop(reason: Error): void {
    this.#stopped ??= reason;
  }

  /** Takes no more, and writes what waits. */
  async finish(reason: Error): Promise<void> {
    this.#refusing = reason;
    clearTimeout(this.#syncTimer);
    await this.#commits.flush();
  }

  /** Takes no more, and rejects what waits; resolves when no sync is under way. */
  async abandon(reason: Error): Promise<void> {
    this.stop(reason);
    clearTimeout(this.#syncTimer);
    this.#commits.rejectAll(reason);
    await this.#commits.flush();
  }

  /** Writes a group of appends from the one at `from` on, in one write a segment, and acknowledges them. */
  #commit(group: readonly PendingAppend[], from: number): void | Promise<void> {
    for (let at = from; at < group.length; ) {
      if (this.#stopped !== null) throw this.#stopped;
      const { flush } = this.#log.config();
      const { segment, places } = this.#place(group.slice(at));
      const appends = group.slice(at, at + places.length);
      this.#write(segment, appends);
      at += places.length;
      if (flush === "always") {
        const next = at;
        return this.#sync(segment).then(() => {
          if (this.#stopped !== null) throw this.#stopped;
          this.#acknowledge(segment, appends, places);
          return this.#commit(group, next);
        });
      }
      this.#acknowledge(segment, appends, places);
      if (flush !== "os") this.#syncLater(flush.everyMs);
    }
  }

  /** Gives the first of `appends` their offsets: as many as go to the same segment, which is a new one if need be. */
  #place(appends: readonly PendingAppend[]): { segment: Segment; places: BatchPlace[] } {
    const first = appends[0]!.batch;
    patchBaseOffset(first, this.#log.active().nextOffset);
    if (this.#isFullFor(placeOf(first, 0, this.#log.active().logBytes), this.#log.active())) this.#log.roll();
    const segment = this.#log.active();
    const places: BatchPlace[] = [];
    let end = { nextOffset: segment.nextOffset, position: segment.logBytes };
    for (const { batch } of appends) {
      patchBaseOffset(batch, end.nextOffset);
      const place = placeOf(batch, 0, end.position);
      if (places.length > 0 && this.#isFullFor(place, segment, places[0])) break;
      places.push(place);
      end = { nextOffset: place.nextOffset, position: place.position + place.sizeBytes };
    }
    return { segment, places };
  }

  /** Whether `batch` belongs into the next segment; `first` is the first batch to be written, perhaps to an empty one. */
  #isFullFor(batch: BatchPlace, segment: Segment, first = batch): boolean {
    if (batch.position === 0) return false;
    const { segmentBytes, segmentMs } = this.#log.config();
    const firstTimestamp = segment.logBytes > 0 ? segment.firstTimestamp : first.maxTimestamp;
    return (
      batch.position + batch.sizeBytes > segmentBytes ||
      batch.nextOffset - segment.baseOffset > MAX_SEGMENT_OFFSETS ||
      batch.maxTimestamp - firstTimestamp > segmentMs
    );
  }

  #write(segment: Segment, appends: readonly PendingAppend[]): void {
    try {
      segment.write(appends.map(({ batch }) => batch));
    } catch (error) {
      this.#undoWrite(segment);
      throw new LogWriteError(`Cannot append to ${segment.path}, nothing was kept`, error);
    }
  }

  /** What a failed write left must go, or the next start would find it in the middle of the file. */
  #undoWrite(segment: Segment): void {
    try {
      segment.truncate();
    } catch (error) {
      this.stop(
        new LogWriteError(`Cannot cut a failed write off ${segment.path}; restart the broker`, error),
      );
    }
  }

  #acknowledge(segment: Segment, appends: readonly PendingAppend[], places: readonly BatchPlace[]): void {
    this.#log.admit(
      segment,
      places.map((place, i) => ({ batch: appends[i]!.batch, place })),
    );
    for (const [i, { baseOffset }] of places.entries()) {
      const { logAppendTimeMs, resolve } = appends[i]!;
      resolve({ baseOffset, logAppendTimeMs });
    }
  }

  /** After a failed sync nobody knows what the disk holds, and asking again may say that all is well: it ends all writing. */
  async #sync(segment: Segment): Promise<void> {
    const { fs, dir } = this.#log;
    try {
      await segment.sync();
      if (this.#named === segment) return;
      await syncDir(fs, dir);
      this.#named = segment;
    } catch (error) {
      const failure = new LogWriteError(`Cannot sync ${segment.path}; restart the broker`, error);
      this.stop(failure);
      throw failure;
    }
  }

  #syncLater(ms: number): void {
    this.#syncTimer ??= setTimeout(() => {
      this.#syncTimer = undefined;
      // A failure is told to the next append. Segments that are full are synced for themselves.
      if (this.#stopped === null) void this.#sync(this.#log.active()).catch(() => {});
    }, ms).unref();
  }
}
