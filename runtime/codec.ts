/** Between bytes on a topic and data in a handler: JSON in UTF-8. */
import { Buffer } from "node:buffer";
import type { Headers } from "./define.ts";

/** A record as bytes, as Kafka carries it. A header that occurs several times has several values. */
export interface RawKafkaRecord {
  /** Decimal. */
  readonly offset: string;
  /** Milliseconds since 1970, decimal. */
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** Left out in formats older than record batches. */
  readonly headers?: Readonly<Record<string, Buffer | string | (Buffer | string)[] | undefined>> | undefined;
}

export type Decoded = { readonly value: unknown } | { readonly reason: string };

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The text that bytes hold, or null where they are not UTF-8. */
export function toText(bytes: Uint8Array): string | null {
  try {
    return utf8.decode(bytes);
  } catch {
    return null; // that it is not text is the answer
  }
}

/** A null value (a tombstone) decodes to null; what is not JSON in UTF-8 comes back as a reason. */
export function decodeValue(bytes: Buffer | null): Decoded {
  if (bytes === null) return { value: null };
  const text = toText(bytes);
  if (text === null) return { reason: `expected JSON in UTF-8, got ${bytes.length} bytes that are not UTF-8` };
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return { reason: `expected JSON, got ${JSON.stringify(text.slice(0, 40))}: ${(error as Error).message}` };
  }
}

/** Keys are text; bytes that are not UTF-8 are shown with replacement characters and stay exact in the raw record. */
export const decodeKey = (bytes: Buffer | null): string | null => (bytes === null ? null : bytes.toString("utf8"));

/** The last value of a name counts, as in HTTP's most used readers. No prototype: `__proto__` is a name like any. */
export function decodeHeaders(headers: RawKafkaRecord["headers"] = {}): Headers {
  const decoded: Headers = Object.create(null);
  for (const name of Object.keys(headers)) {
    const given = headers[name];
    const last = Array.isArray(given) ? given[given.length - 1] : given;
    if (last !== undefined) decoded[name] = last.toString();
  }
  return decoded;
}

export const encodeValue = (value: unknown): Buffer | null =>
  value === null ? null : Buffer.from(JSON.stringify(value), "utf8");
