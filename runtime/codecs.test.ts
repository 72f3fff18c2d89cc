import { randomBytes } from "node:crypto";
import fc from "fast-check";
import kafkajs from "kafkajs";
import { describe, expect, it } from "vitest";
import { codecs, MAX_DECOMPRESSED_BYTES, registerCodecs } from "./codecs.ts";
import { lz4Size, snappyBlockSize, snappyBlocks, zstdSizeBound } from "./decompressed-size.ts";

const NAMES = ["gzip", "snappy", "lz4", "zstd"] as const;
const ids = { gzip: 1, snappy: 2, lz4: 3, zstd: 4 } as const;

/** Compressible and incompressible stretches, so that blocks are stored as well as compressed. */
const data = fc
  .array(fc.tuple(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 1, max: 2000 })), { maxLength: 20 })
  .map((parts) => Buffer.concat(parts.flatMap(([bytes, times]) => Array<Uint8Array>(times).fill(bytes))));

function xerial(...blocks: Buffer[]): Buffer {
  const header = Buffer.from("82534e41505059000000000100000001", "hex");
  const length = (n: number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(n);
    return bytes;
  };
  return Buffer.concat([header, ...blocks.flatMap((block) => [length(block.length), block])]);
}

describe.each(NAMES)("%s", (name) => {
  it("gives back what it compressed", async () => {
    await fc.assert(
      fc.asyncProperty(data, async (bytes) => {
        const compressed = await codecs[name].compress(bytes);
        expect((await codecs[name].decompress(compressed)).equals(bytes)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it("makes repetitive data smaller", async () => {
    const bytes = Buffer.alloc(100_000, "record");
    expect((await codecs[name].compress(bytes)).length).toBeLessThan(10_000);
  });

  it("refuses data that would expand beyond the limit", async () => {
    const bomb = await codecs[name].compress(Buffer.alloc(MAX_DECOMPRESSED_BYTES + 1));
    await expect(codecs[name].decompress(bomb)).rejects.toThrow(/67108864/);
  });

  it("refuses bytes that are not its own, with an error that kafkajs does not take for its own bug", async () => {
    registerCodecs();
    const codec = kafkajs.CompressionCodecs[ids[name]]();
    for (const bytes of [Buffer.alloc(0), Buffer.alloc(40, 0xff), Buffer.from("records")]) {
      const error: Error = await codec.decompress(bytes).then(
        () => new Error("was taken"),
        (caught: Error) => caught,
      );
      expect(error.message).toMatch(`Cannot decompress a ${name} record batch`);
      expect(error.name).toBe("Error");
    }
  });

  it("refuses its own bytes cut short", async () => {
    const compressed = await codecs[name].compress(Buffer.concat([randomBytes(3000), Buffer.alloc(3000)]));
    await expect(codecs[name].decompress(compressed.subarray(0, compressed.length - 1000))).rejects.toThrow();
  });

  it("is what kafkajs uses after registration, also after a second one", async () => {
    registerCodecs();
    registerCodecs();
    const codec = kafkajs.CompressionCodecs[ids[name]]();
    const compressed = await codec.compress({ buffer: Buffer.from("a value") });
    expect((await codec.decompress(compressed)).toString()).toBe("a value");
  });
});

describe("snappy in xerial's framing", () => {
  it("is joined from its blocks", async () => {
    const [a, b] = [Buffer.alloc(40_000, "a"), Buffer.from("b")];
    const framed = xerial(await codecs.snappy.compress(a), await codecs.snappy.compress(b));
    expect((await codecs.snappy.decompress(framed)).equals(Buffer.concat([a, b]))).toBe(true);
  });

  it("is refused when its blocks add up beyond the limit, though each is below it", async () => {
    const half = await codecs.snappy.compress(Buffer.alloc(MAX_DECOMPRESSED_BYTES / 2 + 1));
    await expect(codecs.snappy.decompress(xerial(half, half))).rejects.toThrow(/expected 67108864 B at most/);
  });

  it("is refused when a block claims more bytes than there are", async () => {
    const framed = Buffer.concat([xerial(), Buffer.from("7fffffff00", "hex")]);
    await expect(codecs.snappy.decompress(framed)).rejects.toThrow(
      "Expected a snappy block of 1 B at most, got 2147483647",
    );
  });
});

describe("the size told before decompressing", () => {
  it("is exact for snappy and lz4, and never too small for zstd", async () => {
    await fc.assert(
      fc.asyncProperty(data, async (bytes) => {
        const [snappy, lz4, zstd] = await Promise.all([
          codecs.snappy.compress(bytes),
          codecs.lz4.compress(bytes),
          codecs.zstd.compress(bytes),
        ]);
        expect(snappyBlocks(snappy).map(snappyBlockSize)).toEqual([bytes.length]);
        expect(lz4Size(lz4, Number.POSITIVE_INFINITY)).toBe(bytes.length);
        expect(zstdSizeBound(zstd, Number.POSITIVE_INFINITY)).toBeGreaterThanOrEqual(bytes.length);
      }),
      { numRuns: 30 },
    );
  });
});

describe("snappy", () => {
  it("refuses a literal of negative length, on which decoders have looped for ever", async () => {
    await expect(codecs.snappy.decompress(Buffer.from("05fcf6ffffff0000", "hex"))).rejects.toThrow(/corrupt/);
  });
});
