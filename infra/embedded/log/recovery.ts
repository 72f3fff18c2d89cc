import { BATCH_HEADER_BYTES, hasValidCrc } from "../wire/record-batch.ts";
import { decodeIndexFile, type SegmentSummary } from "./index-file.ts";
import { LogDamagedError } from "./log-errors.ts";
import { type LogFs, unlinkIfThere } from "./log-fs.ts";
import { type BatchPlace, placeOf, Segment } from "./segment.ts";
import { finishSwaps } from "./segment-swap.ts";

/** What recovery cut off: `bytes` of `file` from `position` on. */
export interface RecoveryCut {
  readonly file: string;
  readonly position: number;
  readonly bytes: number;
  /** What was found instead of a whole batch. */
  readonly reason: string;
}

const SCAN_BYTES = 4 * 1024 * 1024;

/**
 * Opens the segments of a partition's folder, oldest first. What a valid index file vouches for is trusted; the rest is
 * scanned: each batch whole, its CRC right, its offset the next one (with `gaps`: a later one). The first batch of
 * the newest segment that is not so is cut off with all behind it and told to `onCut`: a write that a crash tore.
 * Throws LogDamagedError when good batches follow the bad one, or a segment is missing: that is no torn write.
 */
export function openSegments(
  fs: LogFs,
  dir: string,
  options: { gaps: boolean; onCut: (cut: RecoveryCut) => void },
): Segment[] {
  finishSwaps(fs, dir);
  const names = fs.readdirSync(dir);
  const bases = names.filter((name) => /^\d{20}\.log$/.test(name)).map((name) => Number(name.slice(0, 20)));
  bases.sort((a, b) => a - b);
  removeOrphans(fs, dir, names, bases);
  const segments: Segment[] = [];
  try {
    for (const baseOffset of bases) segments.push(new Segment(fs, dir, baseOffset, "r+"));
    const lastUsed = segments.findLast((segment) => segment.fileBytes() > 0);
    for (const [i, segment] of segments.entries()) {
      const previous = segments[i - 1];
      if (previous !== undefined && segment.fileBytes() > 0) requireFollows(previous, segment, options.gaps);
      recover(fs, segment, options, segment === lastUsed);
    }
    // Empty files behind a cut begin at an offset that no longer exists. Where there may be gaps, such a name keeps the
    // offset: what compaction dropped may have been the last before it.
    return segments.filter((segment, i) => {
      const previous = segments[i - 1];
      if (previous === undefined || segment.logBytes > 0) return true;
      const { baseOffset } = segment;
      if (options.gaps ? baseOffset >= previous.nextOffset : baseOffset === previous.nextOffset) return true;
      segment.delete();
      return false;
    });
  } catch (error) {
    for (const segment of segments) void segment.close();
    throw error;
  }
}

function requireFollows(previous: Segment, segment: Segment, gaps: boolean): void {
  const expected = previous.nextOffset;
  if (segment.baseOffset === expected || (gaps && segment.baseOffset > expected)) return;
  throw new LogDamagedError(
    `Expected the segment after ${previous.path} to begin at offset ${expected}, got ${segment.baseOffset} (${segment.path})`,
  );
}

function recover(
  fs: LogFs,
  segment: Segment,
  options: { gaps: boolean; onCut: (cut: RecoveryCut) => void },
  mayBeTorn: boolean,
): void {
  const fileBytes = segment.fileBytes();
  const summary = readIndexFile(fs, segment);
  const missing = (summary?.logBytes ?? 0) - fileBytes;
  if (summary !== null && missing <= 0) segment.adopt(summary);
  const fault = scan(segment, fileBytes, options.gaps);
  if (missing > 0) {
    const reason = `a file ${missing} bytes shorter than when it was synced`;
    if (!mayBeTorn) throw damaged(segment, reason);
    options.onCut({ file: segment.path, position: fileBytes, bytes: missing, reason });
  }
  if (fault === null) return;
  if (!mayBeTorn || goodBatchFollows(segment, fileBytes)) throw damaged(segment, fault);
  options.onCut({
    file: segment.path,
    position: segment.logBytes,
    bytes: fileBytes - segment.logBytes,
    reason: fault,
  });
  segment.truncate();
}

function damaged(segment: Segment, found: string): LogDamagedError {
  return new LogDamagedError(
    `Expected a whole batch for offset ${segment.nextOffset} at byte ${segment.logBytes} of ${segment.path}, got ${found}, ` +
      `with good batches behind it. docs/formats.md says how to go on without the damaged part`,
  );
}

/** Counts the batches from `segment.logBytes` to the end of the file. Returns what is wrong with the first bad one. */
function scan(segment: Segment, fileBytes: number, gaps: boolean): string | null {
  let buffer = Buffer.allocUnsafeSlow(0);
  while (segment.logBytes < fileBytes) {
    const start = segment.logBytes;
    const rest = fileBytes - start;
    if (buffer.length === 0) buffer = Buffer.allocUnsafeSlow(Math.min(SCAN_BYTES, rest));
    const wanted = Math.min(buffer.length, rest);
    const span = segment.readInto(buffer.subarray(0, wanted), start);
    if (span.length < wanted) return `the end of the file after ${span.length} of ${wanted} bytes`;
    for (let at = 0; ; ) {
      if (span.length - at < BATCH_HEADER_BYTES) {
        if (span.length === rest && at < rest) return `${rest - at} bytes, fewer than a header`;
        break;
      }
      const batch = placeOf(span, at, start + at);
      const fault = faultOf(batch, segment.nextOffset, fileBytes, gaps);
      if (fault !== null) return fault;
      if (at + batch.sizeBytes > span.length) {
        // Only a batch larger than the buffer can be cut by it at the very start; it fits the file, so make room.
        if (at === 0) buffer = Buffer.allocUnsafeSlow(batch.sizeBytes);
        break;
      }
      if (span[at + 16] !== 2 || !hasValidCrc(span, at, batch.sizeBytes)) return "a batch with a wrong CRC";
      segment.note(batch);
      at += batch.sizeBytes;
    }
  }
  return null;
}

function faultOf(batch: BatchPlace, expectedOffset: number, fileBytes: number, gaps: boolean): string | null {
  const rest = fileBytes - batch.position;
  if (batch.sizeBytes < BATCH_HEADER_BYTES || batch.sizeBytes > rest) {
    return `a batch of ${batch.sizeBytes} bytes in the last ${rest}`;
  }
  const isNext = gaps ? batch.baseOffset >= expectedOffset : batch.baseOffset === expectedOffset;
  if (!isNext || batch.nextOffset <= batch.baseOffset) {
    return `offsets ${batch.baseOffset} up to ${batch.nextOffset}`;
  }
  return null;
}

/** Whether a good batch of a later offset stands anywhere behind the last counted one. */
function goodBatchFollows(segment: Segment, fileBytes: number): boolean {
  const rest = segment.readInto(Buffer.allocUnsafeSlow(fileBytes - segment.logBytes), segment.logBytes);
  for (let at = 1; at + BATCH_HEADER_BYTES <= rest.length; at++) {
    if (rest[at + 16] !== 2) continue;
    const batch = placeOf(rest, at, segment.logBytes + at);
    if (
      batch.baseOffset <= segment.nextOffset ||
      faultOf(batch, segment.nextOffset, fileBytes, true) !== null
    )
      continue;
    if (hasValidCrc(rest, at, batch.sizeBytes)) return true;
  }
  return false;
}

/** The summary in the segment's index file; null if there is none, or it is not what we wrote for this segment. */
function readIndexFile(fs: LogFs, segment: Segment): SegmentSummary | null {
  try {
    return decodeIndexFile(fs.readFileSync(segment.indexPath), segment.baseOffset);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

/** Index files whose log is gone, and what a crash left of a file being replaced. */
function removeOrphans(fs: LogFs, dir: string, names: string[], bases: number[]): void {
  const known = new Set(bases);
  for (const name of names) {
    const orphan = /^\d{20}\.index$/.test(name) && !known.has(Number(name.slice(0, 20)));
    if (orphan || name.endsWith(".tmp")) unlinkIfThere(fs, `${dir}/${name}`);
  }
}
