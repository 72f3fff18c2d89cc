/**
 * The compression codecs of record batches, for kafkajs: it ships gzip without a limit and stops for good at the
 * other three. Native code loads at its first use, so that a process that never meets a codec does not pay for it.
 */
import zlib from "node:zlib";
import kafkajs from "kafkajs";
import { lz4Size, snappyBlockSize, snappyBlocks, zstdSizeBound } from "./decompressed-size.ts";

/** The largest decompressed batch, in bytes: 64 times the batch size that Kafka accepts by default. */
export const MAX_DECOMPRESSED_BYTES = 64 * 1024 * 1024;

interface Codec {
  compress(data: Buffer): Promise<Buffer>;
  /** Rejects, without having allocated more, when the data would exceed MAX_DECOMPRESSED_BYTES. */
  decompress(data: Buffer): Promise<Buffer>;
}

/** Node's callback style, as a promise. */
type Callback = (error: Error | null, result: Buffer) => void;
const promised = (call: (done: Callback) => void) =>
  new Promise<Buffer>((resolve, reject) =>
    call((error, result) => (error ? reject(error) : resolve(result))),
  );

function requireBelowLimit(size: number): void {
  if (size > MAX_DECOMPRESSED_BYTES) {
    throw new Error(`expected ${MAX_DECOMPRESSED_BYTES} B at most when decompressed, got more`);
  }
}

const gzip: Codec = {
  compress: (data) => promised((done) => zlib.gzip(data, done)),
  decompress: (data) =>
    promised((done) => zlib.unzip(data, { maxOutputLength: MAX_DECOMPRESSED_BYTES }, done)),
};

const snappy: Codec = {
  async compress(data) {
    const { compress } = await import("snappy");
    return compress(data);
  },
  async decompress(data) {
    const { uncompress } = await import("snappy");
    const blocks = snappyBlocks(data);
    requireBelowLimit(blocks.reduce((sum, block) => sum + snappyBlockSize(block), 0));
    const asBuffer = (block: Buffer): Promise<Buffer> =>
      uncompress(block, { asBuffer: true }) as Promise<Buffer>;
    return Buffer.concat(await Promise.all(blocks.map(asBuffer)));
  },
};

const lz4: Codec = {
  async compress(data) {
    const { compressFrame } = await import("lz4-napi");
    return compressFrame(data);
  },
  async decompress(data) {
    const { decompressFrame } = await import("lz4-napi");
    requireBelowLimit(lz4Size(data, MAX_DECOMPRESSED_BYTES));
    return decompressFrame(data);
  },
};

/** In node:zlib from Node 22.15 on. */
interface ZlibWithZstd {
  zstdCompress?(data: Buffer, done: Callback): void;
  zstdDecompress?(data: Buffer, options: zlib.ZlibOptions, done: Callback): void;
}
const { zstdCompress, zstdDecompress } = zlib as ZlibWithZstd;

const zstd: Codec = {
  async compress(data) {
    if (zstdCompress) return promised((done) => zstdCompress(data, done));
    const { compress } = await import("@mongodb-js/zstd");
    return compress(data);
  },
  async decompress(data) {
    if (zstdDecompress) {
      return promised((done) => zstdDecompress(data, { maxOutputLength: MAX_DECOMPRESSED_BYTES }, done));
    }
    const { decompress } = await import("@mongodb-js/zstd");
    requireBelowLimit(zstdSizeBound(data, MAX_DECOMPRESSED_BYTES));
    return decompress(data);
  },
};

/** The codecs by their name. */
export const codecs = { gzip, snappy, lz4, zstd } as const;

/** Makes kafkajs use `codecs`. Calling it again changes nothing. */
export function registerCodecs(): void {
  const { CompressionCodecs, CompressionTypes } = kafkajs;
  CompressionCodecs[CompressionTypes.GZIP] = toKafkajs("gzip");
  CompressionCodecs[CompressionTypes.Snappy] = toKafkajs("snappy");
  CompressionCodecs[CompressionTypes.LZ4] = toKafkajs("lz4");
  CompressionCodecs[CompressionTypes.ZSTD] = toKafkajs("zstd");
}

/** kafkajs hands its encoder to `compress`, and wants a function that returns the codec. */
function toKafkajs(name: keyof typeof codecs) {
  const codec = {
    compress: (encoder: { readonly buffer: Buffer }) => codecs[name].compress(encoder.buffer),
    decompress: (data: Buffer) =>
      codecs[name].decompress(data).catch((error: Error) => {
        // Never a TypeError or RangeError: kafkajs takes those for its own bugs and stops the consumer for good.
        throw new Error(`Cannot decompress a ${name} record batch: ${error.message}`, { cause: error });
      }),
  };
  return () => codec;
}
