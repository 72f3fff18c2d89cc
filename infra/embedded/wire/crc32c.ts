import { createRequire } from "node:module";

/** CRC-32C (Castagnoli) of `buffer` from `start` up to `end`, as an unsigned 32-bit number. */
export type Crc32c = (buffer: Buffer, start?: number, end?: number) => number;

/** Slicing-by-8: eight tables, eight bytes a step. Made at first use; about 1 GB/s. */
export function createJavaScriptCrc32c(): Crc32c {
  const tables = makeTables();
  const [t0, t1, t2, t3, t4, t5, t6, t7] = tables as [T, T, T, T, T, T, T, T];
  return (buffer, start = 0, end = buffer.length) => {
    let crc = -1;
    let at = start;
    for (const last = end - 7; at < last; at += 8) {
      const low =
        crc ^ (buffer[at]! | (buffer[at + 1]! << 8) | (buffer[at + 2]! << 16) | (buffer[at + 3]! << 24));
      crc =
        t7[low & 0xff]! ^
        t6[(low >>> 8) & 0xff]! ^
        t5[(low >>> 16) & 0xff]! ^
        t4[low >>> 24]! ^
        t3[buffer[at + 4]!]! ^
        t2[buffer[at + 5]!]! ^
        t1[buffer[at + 6]!]! ^
        t0[buffer[at + 7]!]!;
    }
    for (; at < end; at++) crc = (crc >>> 8) ^ t0[(crc ^ buffer[at]!) & 0xff]!;
    return ~crc >>> 0;
  };
}

type T = Int32Array;

function makeTables(): Int32Array[] {
  const REVERSED_POLYNOMIAL = 0x82f63b78;
  const first = new Int32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ REVERSED_POLYNOMIAL : crc >>> 1;
    first[byte] = crc;
  }
  const tables = [first];
  for (let i = 1; i < 8; i++) {
    const previous = tables[i - 1]!;
    tables.push(previous.map((crc) => (crc >>> 8) ^ first[crc & 0xff]!));
  }
  return tables;
}

/** The native one (six times as fast) where its binary loads, which is not everywhere: then the one in JavaScript. */
function loadCrc32c(): Crc32c {
  try {
    const native = createRequire(import.meta.url)("@node-rs/crc32") as { crc32c(input: Uint8Array): number };
    return (buffer, start = 0, end = buffer.length) => native.crc32c(buffer.subarray(start, end));
  } catch {
    return createJavaScriptCrc32c();
  }
}

let loaded: Crc32c | null = null;

/** Loaded at its first use: a broker with an empty log starts without. */
export const crc32c: Crc32c = (buffer, start, end) => {
  loaded ??= loadCrc32c();
  return loaded(buffer, start, end);
};
