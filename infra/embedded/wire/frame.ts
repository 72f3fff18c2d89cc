import { ProtocolError } from "./protocol-error.ts";

const LENGTH_BYTES = 4;
/** What a request begins with. */
const API_KEY_BYTES = 2;
/** How TLS begins, an alert or a handshake: record type and major version. As a length it is above 300 MiB. */
const TLS = [0x1503, 0x1603];

/**
 * Cuts a byte stream into frames: an int32 length and that many bytes. A frame inside one chunk is returned as a view
 * of it; only one that spans chunks is copied, once, when all of it is there. Nothing is allocated from a length.
 */
export class FrameReader {
  private readonly maxBytes: number;
  private readonly maxBytesOf: (apiKey: number) => number;
  private chunks: Buffer[] = [];
  private buffered = 0;

  /**
   * @param maxBytes of any frame
   * @param maxBytesOf of a request with that API key
   */
  constructor(maxBytes: number, maxBytesOf: (apiKey: number) => number = () => maxBytes) {
    this.maxBytes = maxBytes;
    this.maxBytesOf = maxBytesOf;
  }

  /** Bytes that wait here, whole frames and the beginning of one. */
  get bufferedBytes(): number {
    return this.buffered;
  }

  push(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.buffered += chunk.length;
  }

  /**
   * The next whole frame without its length, or null when it is not there yet.
   * @throws ProtocolError for a length below 0 or above the limit
   */
  next(): Buffer | null {
    if (this.buffered < LENGTH_BYTES) return null;
    const length = this.atStart(LENGTH_BYTES).readInt32BE(0);
    if (length < 0 || length > this.maxBytes) {
      if (TLS.includes(length >>> 16)) {
        throw new ProtocolError(
          "Expected a frame, got TLS: the embedded broker knows neither TLS nor SASL. Connect without (PLAINTEXT), or name an Apache Kafka cluster in KAFKA_BROKERS",
        );
      }
      throw new ProtocolError(`Expected a frame of 0–${this.maxBytes} bytes, got ${length}`);
    }
    // A request is refused by its first bytes, not when all of it has come.
    if (length >= API_KEY_BYTES && this.buffered >= LENGTH_BYTES + API_KEY_BYTES) {
      const apiKey = this.atStart(LENGTH_BYTES + API_KEY_BYTES).readInt16BE(LENGTH_BYTES);
      const most = this.maxBytesOf(apiKey);
      if (length > most) {
        throw new ProtocolError(
          `Expected a request of at most ${most} bytes for API key ${apiKey}, got ${length}`,
        );
      }
    }
    if (this.buffered < LENGTH_BYTES + length) return null;
    return this.take(LENGTH_BYTES + length).subarray(LENGTH_BYTES);
  }

  /** A chunk that begins with the next `size` bytes, which must be there. */
  private atStart(size: number): Buffer {
    const first = this.chunks[0]!;
    if (first.length >= size) return first;
    let joined = first;
    let used = 1;
    while (joined.length < size) joined = Buffer.concat([joined, this.chunks[used++]!]);
    this.chunks.splice(0, used, joined);
    return joined;
  }

  private take(size: number): Buffer {
    this.buffered -= size;
    const first = this.chunks[0]!;
    if (first.length > size) {
      this.chunks[0] = first.subarray(size);
      return first.subarray(0, size);
    }
    if (first.length === size) {
      this.chunks.shift();
      return first;
    }
    const parts: Buffer[] = [];
    let missing = size;
    let used = 0;
    for (; missing > 0; used++) {
      const chunk = this.chunks[used]!;
      parts.push(chunk.subarray(0, missing));
      if (chunk.length > missing) {
        this.chunks[used] = chunk.subarray(missing);
        missing = 0;
        break;
      }
      missing -= chunk.length;
    }
    this.chunks.splice(0, used);
    return Buffer.concat(parts, size);
  }
}
