/** Bytes of log between two entries. */
export const INDEX_INTERVAL_BYTES = 4096;

/**
 * Where the batches of one segment begin: an entry about every 4 KiB, in growing typed arrays. Each entry holds a batch's
 * offset relative to the segment's, its position in the file, and the largest timestamp of all batches before it, so
 * that it serves lookups by offset and by timestamp alike.
 */
export class SparseIndex {
  #relativeOffsets = new Uint32Array(16);
  #positions = new Uint32Array(16);
  #timestampsBefore = new Float64Array(16);
  #length = 0;
  #nextEntryAt = 0;

  get length(): number {
    return this.#length;
  }

  /** Notes the batch at `position`, if an interval has passed since the last entry. Positions must increase. */
  note(relativeOffset: number, position: number, largestTimestampBefore: number): void {
    if (position >= this.#nextEntryAt) this.push(relativeOffset, position, largestTimestampBefore);
  }

  push(relativeOffset: number, position: number, largestTimestampBefore: number): void {
    if (this.#length === this.#positions.length) this.#grow();
    this.#relativeOffsets[this.#length] = relativeOffset;
    this.#positions[this.#length] = position;
    this.#timestampsBefore[this.#length] = largestTimestampBefore;
    this.#length += 1;
    this.#nextEntryAt = position + INDEX_INTERVAL_BYTES;
  }

  entry(i: number): { relativeOffset: number; position: number; timestampBefore: number } {
    return {
      relativeOffset: this.#relativeOffsets[i]!,
      position: this.#positions[i]!,
      timestampBefore: this.#timestampsBefore[i]!,
    };
  }

  /** A position at or before the batch that holds the offset; the search goes on from there. */
  positionForOffset(relativeOffset: number): number {
    return this.#positions[lastAtMost(this.#relativeOffsets, this.#length, relativeOffset)] ?? 0;
  }

  /** A position before which no batch has a record of this timestamp or a later one. */
  positionForTimestamp(timestamp: number): number {
    // The largest timestamp so far never decreases, and that of the first entry is −Infinity.
    return this.#positions[lastBelow(this.#timestampsBefore, this.#length, timestamp)] ?? 0;
  }

  #grow(): void {
    const size = this.#length * 2;
    const offsets = new Uint32Array(size);
    const positions = new Uint32Array(size);
    const timestamps = new Float64Array(size);
    offsets.set(this.#relativeOffsets);
    positions.set(this.#positions);
    timestamps.set(this.#timestampsBefore);
    [this.#relativeOffsets, this.#positions, this.#timestampsBefore] = [offsets, positions, timestamps];
  }
}

/** The last of `length` ascending values that is at most `limit`; −1 if none is. */
function lastAtMost(values: Uint32Array, length: number, limit: number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle]! <= limit) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** The last of `length` ascending values that is below `limit`; −1 if none is. */
function lastBelow(values: Float64Array, length: number, limit: number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle]! < limit) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
