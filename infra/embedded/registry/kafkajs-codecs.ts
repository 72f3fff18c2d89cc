/** Codecs for kafkajs, which brings gzip only: others may have written `_schemas` with any. */
import kafkajs from "kafkajs";
import { decompress } from "../wire/compression.ts";

const CODECS = { GZIP: 1, Snappy: 2, LZ4: 3, ZSTD: 4 } as const;
/** Of a batch, when decompressed. A record of `_schemas` has a schema of 1 MiB at most. */
const MAX_BYTES = 64 * 1024 * 1024;

/** Calling it again changes nothing. The registry itself writes uncompressed. */
export function registerCodecs(): void {
  for (const [name, codec] of Object.entries(CODECS)) {
    kafkajs.CompressionCodecs[codec] = () => ({
      compress: () => Promise.reject(new Error("the registry does not compress what it writes")),
      decompress: (data: Buffer) =>
        decompress(codec, data, MAX_BYTES).catch((error: Error) => {
          throw new Error(`_schemas: cannot decompress a ${name} batch: ${error.message}`, { cause: error });
        }),
    });
  }
}
