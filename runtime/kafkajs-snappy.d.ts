declare module "kafkajs-snappy" {
  /** What kafkajs expects of a codec. A raw block and xerial's framing are both decompressed. */
  export default function createSnappyCodec(): {
    compress(encoder: { readonly buffer: Buffer }): Promise<Buffer>;
    decompress(buffer: Buffer): Promise<Buffer>;
  };
}
