import type { PartitionLog } from "../log/partition-log.ts";
import { type BatchHeader, parseBatchHeader } from "../wire/record-batch.ts";

const READ_BYTES = 1024 * 1024;

/** Every batch of the log from the one that holds `from` (or the first) up to the end, as views. Throws LogDamagedError. */
export function* readBatches(
  log: PartitionLog,
  from = 0,
): Generator<{ readonly header: BatchHeader; readonly batch: Buffer }> {
  let offset = Math.max(log.startOffset, from);
  while (offset < log.endOffset) {
    const before = offset;
    for (const slice of log.read(offset, READ_BYTES, true)) {
      for (let at = 0; at < slice.length; ) {
        const header = parseBatchHeader(slice, at);
        const end = at + header.sizeBytes;
        yield { header, batch: slice.subarray(at, end) };
        offset = header.baseOffset + header.lastOffsetDelta + 1;
        at = end;
      }
    }
    if (offset === before) return; // compaction has left nothing there
  }
}
