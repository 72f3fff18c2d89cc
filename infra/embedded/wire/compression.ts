import { gunzip, gzip } from "node:zlib";
import { lz4Bound, zstdBound } from "./decompressed-bound.ts";
import { ProtocolError } from "./protocol-error.ts";
import { BATCH_HEADER_BYTES, parseBatchHeader, withRecords } from "./record-batch.ts";
import { decompressSnappy } from "./snappy.ts";

/** The most that one batch may hold when decompressed: 64 times the batch size that Kafka accepts by default. */
const MAX_DECOMPRESSED_BYTES = 64 * 1024 * 1024;

/**
 * The same batch uncompressed, for looking inside; an uncompressed one is returned as it is. The broker stores and sends
 * what the client compressed; this is for timestamp lookup and the like. Rejects with ProtocolError for malformed
 * records or more than `maxBytes` of them, which are never allocated.
 */
export async function decompressBatch(batch: Buffer, maxBytes = MAX_DECOMPRESSED_BYTES): Promise<Buffer> {
  const { codec } = parseBatchHeader(batch);
  if (codec === 0) return batch;
  try {
    return withRecords(batch, 0, await decompress(codec, batch.subarray(BATCH_HEADER_BYTES), maxBytes));
  } catch (error) {
    if (error instanceof ProtocolError) throw error;
    throw new ProtocolError(`Cannot decompress records: ${(error as Error).message}`, { cause: error });
  }
}

/** Compresses records as the clients of that codec expect them: what compaction has taken records out of. */
export async function compressRecords(codec: number, records: Buffer): Promise<Buffer> {
  switch (codec) {
    case 0:
      return records;
    case 1:
      return new Promise((resolve, reject) => {
        gzip(records, (error, result) => (error ? reject(error) : resolve(result)));
      });
    case 2: {
      const { compress } = await import("snappy");
      return compress(records);
    }
    case 3: {
      const { compressFrame } = await import("lz4-napi");
      return compressFrame(records);
    }
    case 4: {
      const { compress } = await import("@mongodb-js/zstd");
      return compress(records);
    }
    default:
      throw new ProtocolError(`Expected codec 0–4, got ${codec}`);
  }
}

/**
 * A batch's records of that codec; rejects for more than `maxBytes` of them. Native decoders load at their first use: a
 * broker whose clients do not use them does not pay for them.
 */
export async function decompress(codec: number, data: Buffer, maxBytes: number): Promise<Buffer> {
  switch (codec) {
    case 1:
      return new Promise((resolve, reject) => {
        gunzip(data, { maxOutputLength: maxBytes }, (error, result) =>
          error ? reject(error) : resolve(result),
        );
      });
    case 2:
      return decompressSnappy(data, maxBytes);
    case 3: {
      requireAtMost(maxBytes, lz4Bound(data));
      const { decompressFrame } = await import("lz4-napi");
      return decompressFrame(data);
    }
    case 4: {
      requireAtMost(maxBytes, zstdBound(data));
      const { decompress } = await import("@mongodb-js/zstd");
      return decompress(data);
    }
    default:
      throw new ProtocolError(`Expected codec 0–4, got ${codec}`);
  }
}

function requireAtMost(maxBytes: number, bytes: number): void {
  if (bytes > maxBytes)
    throw new ProtocolError(`Expected at most ${maxBytes} decompressed bytes, got up to ${bytes}`);
}
