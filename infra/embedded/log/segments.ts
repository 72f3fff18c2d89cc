import { BATCH_HEADER_BYTES } from "../wire/record-batch.ts";
import type { Segment } from "./segment.ts";

/**
 * Bytes of the batches from the one that holds `from` up to the one that holds `to`, which is not counted. Known by where
 * they begin, without reading them; no more is looked up than it takes to see that it is `enough`.
 */
export function bytesBetween(
  segments: readonly Segment[],
  from: number,
  to: number,
  enough = Number.POSITIVE_INFINITY,
): number {
  let bytes = 0;
  for (const segment of segments) {
    if (segment.nextOffset <= from || segment.baseOffset >= to || segment.logBytes === 0) continue;
    // Its last batch alone will do: the usual case, of a fetch that takes any record.
    if (segment.nextOffset <= to && bytes + BATCH_HEADER_BYTES >= enough) return enough;
    bytes += segment.positionAt(to) - segment.positionAt(from);
    if (bytes >= enough) break;
  }
  return bytes;
}

/** As PartitionLog's `read`, for what is on the disk. */
export function readFromDisk(
  segments: readonly Segment[],
  offset: number,
  maxBytes: number,
  minOneBatch: boolean,
): Buffer[] {
  // Gaps that compaction leaves may put the next batch into a later segment.
  let i = segments.findLastIndex((segment) => segment.baseOffset <= offset);
  for (i = Math.max(i, 0); i < segments.length; i++) {
    const bytes = segments[i]!.read(offset, maxBytes, minOneBatch);
    if (bytes !== null) return bytes.length === 0 ? [] : [bytes];
  }
  return [];
}
