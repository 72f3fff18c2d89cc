import { placeOf } from "./segment.ts";

/** A stretch of consecutive batches in memory; `used` bytes of `buffer` are filled and never change again. */
interface Block {
  readonly buffer: Buffer;
  used: number;
  readonly baseOffset: number;
  nextOffset: number;
}

const BLOCK_BYTES = 64 * 1024;
/** From this size on a batch is kept as it is; smaller ones are copied side by side into blocks. */
const LARGE_BATCH_BYTES = 32 * 1024;

/**
 * The newest batches of a log, in memory, bounded by bytes. Most consumers read here and never touch the disk. Copying
 * small batches together costs little, lets go of the network frames they came in, and lets many leave as one slice.
 */
export class Tail {
  readonly #maxBytes: number;
  #blocks: Block[] = [];
  #bytes = 0;
  /** What lies before is to be read from the disk, be it here or not. */
  #from = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Adds the next batch, whose bytes must not change from here on. */
  add(batch: Buffer, baseOffset: number, nextOffset: number): void {
    if (batch.length >= LARGE_BATCH_BYTES) {
      const pinsMore = batch.buffer.byteLength > 2 * batch.length;
      const buffer = pinsMore ? Buffer.from(batch) : batch;
      this.#push({ buffer, used: buffer.length, baseOffset, nextOffset });
      return;
    }
    let block = this.#blocks.at(-1);
    if (block === undefined || block.buffer.length - block.used < batch.length) {
      block = { buffer: Buffer.allocUnsafeSlow(BLOCK_BYTES), used: 0, baseOffset, nextOffset };
      this.#push(block);
    }
    batch.copy(block.buffer, block.used);
    block.used += batch.length;
    block.nextOffset = nextOffset;
  }

  /**
   * Whole batches from the one that holds `offset`, as views, up to `maxBytes` (the first in any case if `minOneBatch`).
   * Null when that batch is no longer here.
   */
  read(offset: number, maxBytes: number, minOneBatch: boolean): Buffer[] | null {
    const first = this.#blocks[0];
    if (first === undefined || offset < first.baseOffset || offset < this.#from) return null;
    const slices: Buffer[] = [];
    let left = maxBytes;
    for (
      let i = this.#blocks.findIndex((block) => block.nextOffset > offset);
      i >= 0 && i < this.#blocks.length;
      i++
    ) {
      const { buffer, used } = this.#blocks[i]!;
      let from = -1;
      let to = 0;
      while (to < used) {
        const batch = placeOf(buffer, to, to);
        if (batch.nextOffset > offset) {
          if (batch.sizeBytes > left && !(minOneBatch && slices.length === 0 && from < 0)) break;
          if (from < 0) from = to;
          left -= batch.sizeBytes;
        }
        to += batch.sizeBytes;
      }
      if (from >= 0) slices.push(buffer.subarray(from, to));
      if (to < used) break;
    }
    return slices;
  }

  /** What lies before `offset` is no longer what stands in the log. */
  forgetBefore(offset: number): void {
    this.#from = Math.max(this.#from, offset);
    while (this.#blocks.length > 0 && this.#blocks[0]!.nextOffset <= offset) {
      this.#bytes -= this.#blocks.shift()!.buffer.length;
    }
  }

  #push(block: Block): void {
    this.#blocks.push(block);
    this.#bytes += block.buffer.length;
    while (this.#bytes > this.#maxBytes && this.#blocks.length > 1) {
      this.#bytes -= this.#blocks.shift()!.buffer.length;
    }
  }
}
