import { gzipSync } from "node:zlib";
import { compress as zstdCompress } from "@mongodb-js/zstd";
import fc from "fast-check";
import { compressFrameSync } from "lz4-napi";
import { describe, expect, it } from "vitest";
import { decompressBatch } from "./compression.ts";
import { lz4Bound, zstdBound } from "./decompressed-bound.ts";
import { decodeBatch, encodeBatch, withRecords } from "./record-batch.ts";
import { decompressSnappy } from "./snappy.ts";

/** Snappy without any copies: enough to be read by every decoder. */
function snappyLiteral(data: Buffer): Buffer {
  const size: number[] = [];
  let rest = data.length;
  for (; rest >= 0x80; rest >>>= 7) size.push((rest & 0x7f) | 0x80);
  size.push(rest);
  if (data.length === 0) return Buffer.from(size);
  const length = Buffer.alloc(5, 63 << 2);
  length.writeUInt32LE(data.length - 1, 1);
  return Buffer.concat([Buffer.from(size), length, data]);
}

function xerial(...blocks: Buffer[]): Buffer {
  const parts: Buffer[] = [Buffer.from("82534e41505059000000000100000001", "hex")];
  for (const block of blocks) {
    const length = Buffer.alloc(4);
    length.writeInt32BE(block.length);
    parts.push(length, block);
  }
  return Buffer.concat(parts);
}

const codecs: [name: string, codec: number, compress: (data: Buffer) => Buffer | Promise<Buffer>][] = [
  ["gzip", 1, gzipSync],
  ["snappy", 2, snappyLiteral],
  [
    "snappy in Java's framing",
    2,
    (data) => xerial(snappyLiteral(data.subarray(0, 5)), snappyLiteral(data.subarray(5))),
  ],
  ["lz4", 3, (data) => compressFrameSync(data)],
  [
    "lz4 with checksums",
    3,
    (data) => compressFrameSync(data, { contentChecksum: true, blockChecksums: true }),
  ],
  ["zstd", 4, (data) => zstdCompress(data)],
];

const plain = encodeBatch({
  baseOffset: 40,
  records: Array.from({ length: 50 }, (_, i) => ({
    timestamp: i,
    key: null,
    value: Buffer.from(`value ${i}`.repeat(i)),
    headers: [],
  })),
});
const payload = plain.subarray(61);

describe.each(codecs)("a batch compressed by %s", (_, codec, compress) => {
  it("decompresses to the batch it was made from", async () => {
    const compressed = withRecords(plain, codec, await compress(payload));
    expect((await decompressBatch(compressed)).equals(plain)).toBe(true);
    expect(decodeBatch(await decompressBatch(compressed)).records).toHaveLength(50);
  });

  it("is refused when it would grow beyond the limit", async () => {
    const bomb = withRecords(plain, codec, await compress(Buffer.alloc(3_000_000)));
    await expect(decompressBatch(bomb, 1_000_000)).rejects.toThrow(
      /at most 1000000|at most 999995|larger than/,
    );
  });

  it("is refused, or decompressed within the limit, when bytes of it are wrong", async () => {
    const good = withRecords(plain, codec, await compress(payload));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 61, max: good.length - 1 }), fc.nat(255), async (at, byte) => {
        const bad = Buffer.from(good);
        bad[at] = byte;
        const result = await decompressBatch(bad, 100_000).catch((error: Error) => error);
        if (result instanceof Error) expect(result.name).toBe("ProtocolError");
        else expect(result.length).toBeLessThanOrEqual(100_061);
      }),
      { numRuns: 300 },
    );
  });

  it("is refused when cut short", async () => {
    const compressed = await compress(payload);
    for (const length of [0, 1, 7, compressed.length >> 1, compressed.length - 5]) {
      const cut = withRecords(plain, codec, compressed.subarray(0, length));
      const result = await decompressBatch(cut).catch((error: Error) => error);
      if (result instanceof Error) expect(result.name).toBe("ProtocolError");
      else expect(() => decodeBatch(result)).toThrow();
    }
  });
});

describe("decompressSnappy", () => {
  it("follows copies that overlap what they write", () => {
    // "abc", then 12 bytes from 3 behind by a 2-byte copy, then 4 from 15 behind by a 1-byte copy
    const block = Buffer.from([19, 2 << 2, 0x61, 0x62, 0x63, (11 << 2) | 2, 3, 0, (0 << 2) | 1, 15]);
    expect(decompressSnappy(block, 100).toString()).toBe("abcabcabcabcabcabca");
  });

  it.each([
    ["a chunk of 2 GiB", `${xerial().toString("hex")}7fffffff00`],
    ["a claim beyond what its bytes can make", "ffffffff0300"],
    ["a literal of negative length, which sends other decoders backwards", "14fcf6ffffff"],
    ["a copy from before the beginning", "0801620500"],
    ["a copy beyond the end", "04006262090100"],
    ["fewer bytes than announced", "0a0061"],
  ])("refuses %s", (_, hex) => {
    expect(() => decompressSnappy(Buffer.from(hex, "hex"), 1_000_000)).toThrow(/^Expected/);
  });
});

describe("the bound told before decompressing", () => {
  it("is never below the size, and close to it for what compresses well", async () => {
    const data = Buffer.alloc(2_000_000, "record ");
    for (const bound of [lz4Bound(compressFrameSync(data)), zstdBound(await zstdCompress(data))]) {
      expect(bound).toBeGreaterThanOrEqual(data.length);
      expect(bound).toBeLessThan(data.length * 1.2);
    }
  });

  it("adds up frames that follow each other", async () => {
    const lz4 = compressFrameSync(Buffer.alloc(100_000));
    expect(lz4Bound(Buffer.concat([lz4, lz4]))).toBe(2 * lz4Bound(lz4));
    const zstd = await zstdCompress(Buffer.alloc(100_000));
    expect(zstdBound(Buffer.concat([zstd, zstd]))).toBe(2 * zstdBound(zstd));
  });
});
