import { BATCH_HEADER_BYTES, BATCH_OVERHEAD_BYTES, hasValidCrc, readInt64 } from "../wire/record-batch.ts";
import { encodeIndexFile, type SegmentSummary } from "./index-file.ts";
import { LogDamagedError } from "./log-errors.ts";
import { type LogFs, unlinkIfThere } from "./log-fs.ts";
import { INDEX_INTERVAL_BYTES, SparseIndex } from "./sparse-index.ts";

/** A stored batch, as far as its header tells. */
export interface BatchPlace {
  readonly position: number;
  readonly sizeBytes: number;
  readonly baseOffset: number;
  /** The offset after the batch's last one. */
  readonly nextOffset: number;
  readonly maxTimestamp: number;
}

/** Reads the place of the batch at `at` of `buffer`, which begins at `position` of the file; 61 bytes must be there. */
export function placeOf(buffer: Buffer, at: number, position: number): BatchPlace {
  const baseOffset = readInt64(buffer, at);
  return {
    position,
    sizeBytes: buffer.readInt32BE(at + 8) + BATCH_OVERHEAD_BYTES,
    baseOffset,
    nextOffset: baseOffset + buffer.readInt32BE(at + 23) + 1,
    maxTimestamp: readInt64(buffer, at + 35),
  };
}

/** The name of the file of the segment that begins at `baseOffset`. */
export function logName(baseOffset: number): string {
  return `${String(baseOffset).padStart(20, "0")}.log`;
}

/** One file of whole batches, `<base offset, 20 digits>.log`, and what is known of it. Not aware of other segments. */
export class Segment implements SegmentSummary {
  readonly baseOffset: number;
  path: string;
  nextOffset: number;
  logBytes = 0;
  largestTimestamp = Number.NEGATIVE_INFINITY;
  firstTimestamp = Number.NEGATIVE_INFINITY;
  index = new SparseIndex();
  readonly #fs: LogFs;
  readonly #fd: number;
  #closed = false;
  /** What the index file stands for, or will once `#sealing` is done. */
  #sealedBytes = 0;
  #sealing: Promise<void> = Promise.resolve();
  /** Where the last read ended: a reader that goes through the log goes on right there. */
  #cursor = { offset: -1, position: -1 };

  /** Opens the segment's file; `flags` "wx+" makes a new one, "r+" takes the one that is there, "w+" empties it. */
  constructor(
    fs: LogFs,
    dir: string,
    baseOffset: number,
    flags: "wx+" | "r+" | "w+",
    name = logName(baseOffset),
  ) {
    this.#fs = fs;
    this.baseOffset = baseOffset;
    this.nextOffset = baseOffset;
    this.path = `${dir}/${name}`;
    this.#fd = fs.openSync(this.path, flags);
  }

  get indexPath(): string {
    return this.path.replace(/log$/, "index");
  }

  get closed(): boolean {
    return this.#closed;
  }

  fileBytes(): number {
    return this.#fs.fstatSync(this.#fd).size;
  }

  /** Ms since 1970 by which retention judges the segment: its largest timestamp, or the file's if it has none. */
  newestMs(): number {
    return this.largestTimestamp >= 0 ? this.largestTimestamp : this.#fs.fstatSync(this.#fd).mtimeMs;
  }

  /** Takes over what the index file vouches for. */
  adopt(summary: SegmentSummary): void {
    this.nextOffset = summary.nextOffset;
    this.logBytes = summary.logBytes;
    this.largestTimestamp = summary.largestTimestamp;
    this.firstTimestamp = summary.firstTimestamp;
    this.index = summary.index;
    this.#sealedBytes = summary.logBytes;
  }

  /** Counts a batch that stands whole in the file, right behind those counted before. */
  note(batch: BatchPlace): void {
    this.index.note(batch.baseOffset - this.baseOffset, batch.position, this.largestTimestamp);
    if (batch.position === 0) this.firstTimestamp = batch.maxTimestamp;
    this.largestTimestamp = Math.max(this.largestTimestamp, batch.maxTimestamp);
    this.nextOffset = batch.nextOffset;
    this.logBytes = batch.position + batch.sizeBytes;
  }

  /** Writes behind the last counted batch, however many calls it takes. Counts nothing. Throws the system's error. */
  write(batches: readonly Buffer[]): void {
    let rest = [...batches];
    let position = this.logBytes;
    while (rest.length > 0) {
      const written = this.#fs.writevSync(this.#fd, rest, position);
      if (written <= 0) throw new Error(`Expected ${this.path} to take bytes, it took none`);
      position += written;
      rest = withoutFirst(rest, written);
    }
  }

  /** Appends, unsynced, and counts one whole batch, whose offsets are set. */
  append(batch: Buffer): void {
    this.write([batch]);
    this.note(placeOf(batch, 0, this.logBytes));
  }

  /** Off the event loop. */
  sync(): Promise<void> {
    return this.#fs.fdatasync(this.#fd);
  }

  syncNow(): void {
    this.#fs.fsyncSync(this.#fd);
  }

  rename(path: string): void {
    this.#fs.renameSync(this.path, path);
    this.path = path;
  }

  /** Cuts off everything behind the last counted batch. */
  truncate(): void {
    this.#fs.ftruncateSync(this.#fd, this.logBytes);
  }

  /** Fills `target` from `position`; returns the part that the file could fill. */
  readInto(target: Buffer, position: number): Buffer {
    let filled = 0;
    while (filled < target.length) {
      const read = this.#fs.readSync(this.#fd, target, filled, target.length - filled, position + filled);
      if (read === 0) break;
      filled += read;
    }
    return target.subarray(0, filled);
  }

  /** The batches from the one at `position` on, by their headers. Ends early when the segment is deleted meanwhile. */
  *batchesFrom(position: number): Generator<BatchPlace> {
    const window = Buffer.allocUnsafe(INDEX_INTERVAL_BYTES + BATCH_HEADER_BYTES);
    let windowAt = 0;
    let windowBytes = 0;
    for (let at = position; at < this.logBytes && !this.#closed; ) {
      if (at < windowAt || at + BATCH_HEADER_BYTES > windowAt + windowBytes) {
        windowAt = at;
        windowBytes = this.readInto(window, at).length;
      }
      if (windowBytes < BATCH_HEADER_BYTES) throw this.#damaged(at, "the file ends there");
      const batch = placeOf(window, at - windowAt, at);
      if (batch.sizeBytes < BATCH_HEADER_BYTES || at + batch.sizeBytes > this.logBytes) {
        throw this.#damaged(at, `a batch of ${batch.sizeBytes} bytes`);
      }
      yield batch;
      at += batch.sizeBytes;
    }
  }

  /**
   * Whole batches, CRC checked, from the one that holds `offset`: as many as fit `maxBytes`, the first in any case if
   * `minOneBatch`. Null when the segment has none at or behind that offset. Throws LogDamagedError.
   */
  read(offset: number, maxBytes: number, minOneBatch: boolean): Buffer | null {
    const position = this.#positionOf(offset);
    if (position === null) return null;
    const rest = this.logBytes - position;
    let span = this.readInto(
      Buffer.allocUnsafeSlow(Math.min(Math.max(maxBytes, BATCH_HEADER_BYTES), rest)),
      position,
    );
    const first = placeOf(span, 0, position);
    if (first.sizeBytes > maxBytes && !minOneBatch) return span.subarray(0, 0);
    if (first.sizeBytes > span.length && first.sizeBytes <= rest) {
      span = this.readInto(Buffer.allocUnsafeSlow(first.sizeBytes), position);
    }
    let at = 0;
    while (at + BATCH_HEADER_BYTES <= span.length) {
      const batch = placeOf(span, at, position + at);
      if (batch.sizeBytes < BATCH_HEADER_BYTES)
        throw this.#damaged(position + at, `${batch.sizeBytes} bytes`);
      if (at + batch.sizeBytes > span.length) break;
      if (!hasValidCrc(span, at, batch.sizeBytes))
        throw this.#damaged(position + at, "a batch with a wrong CRC");
      at += batch.sizeBytes;
      this.#cursor = { offset: batch.nextOffset, position: position + at };
    }
    if (at === 0) throw this.#damaged(position, `a batch of ${first.sizeBytes} bytes`);
    return span.subarray(0, at);
  }

  /** Where the batch that holds the offset begins; 0 for one before the segment, its end for one behind. */
  positionAt(offset: number): number {
    return offset <= this.baseOffset ? 0 : (this.#positionOf(offset) ?? this.logBytes);
  }

  #positionOf(offset: number): number | null {
    // One that compaction has left nothing of is empty.
    if (offset >= this.nextOffset || this.logBytes === 0) return null;
    if (offset === this.#cursor.offset) return this.#cursor.position;
    for (const batch of this.batchesFrom(this.index.positionForOffset(offset - this.baseOffset))) {
      if (batch.nextOffset > offset) return batch.position;
    }
    throw this.#damaged(this.logBytes, "no batch");
  }

  #damaged(position: number, found: string): LogDamagedError {
    return new LogDamagedError(`Expected a whole batch at byte ${position} of ${this.path}, got ${found}`);
  }

  /**
   * Once nothing more is written here: syncs the file, off the event loop, then writes the index file that vouches for it,
   * unless it does already. Rejects when the sync fails: what the disk holds is unknown then. An index file is
   * neither synced nor missed: should it be torn or impossible to write, the next start scans instead.
   */
  seal(): Promise<void> {
    if (this.#sealedBytes === this.logBytes) return this.#sealing;
    this.#sealedBytes = this.logBytes;
    this.#sealing = this.#fs.fsync(this.#fd).then(() => {
      if (this.#closed) return;
      try {
        this.#fs.writeFileSync(this.indexPath, encodeIndexFile(this));
      } catch {
        unlinkIfThere(this.#fs, this.indexPath);
      }
    });
    return this.#sealing;
  }

  /** Closes the file, after a sync under way. The segment reads as ended from here on. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#sealing.catch(() => {}); // whoever asked for the sync is told
    this.#fs.closeSync(this.#fd);
  }

  /** Deletes the files at once; the descriptor goes as in `close`. */
  delete(): void {
    void this.close();
    unlinkIfThere(this.#fs, this.indexPath);
    unlinkIfThere(this.#fs, this.path);
  }
}

function withoutFirst(buffers: Buffer[], bytes: number): Buffer[] {
  let left = bytes;
  let whole = 0;
  while (whole < buffers.length && left >= buffers[whole]!.length) left -= buffers[whole++]!.length;
  const rest = buffers.slice(whole);
  if (left > 0) rest[0] = rest[0]!.subarray(left);
  return rest;
}
