/** Between bytes on a topic and data in a handler: JSON in UTF-8. */
import { Buffer } from "node:buffer";
import type { Headers } from "./define.ts";
import { MAX_DEPTH } from "./plain-data.ts";

type HeaderValue = Buffer | string | null;

/** A record as bytes, as Kafka carries it. A header that occurs several times has several values. */
export interface RawKafkaRecord {
  /** Decimal. */
  readonly offset: string;
  /** Milliseconds since 1970, decimal. */
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** Left out in formats older than record batches. */
  readonly headers?: Readonly<Record<string, HeaderValue | HeaderValue[] | undefined>> | undefined;
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
  if (text === null)
    return { reason: `expected JSON in UTF-8, got ${bytes.length} bytes that are not UTF-8` };
  if (text.startsWith("\ufeff")) return { reason: "expected JSON, got a byte order mark before it" };
  try {
    const value: unknown = JSON.parse(text);
    // Short texts cannot nest that deeply: two characters a level.
    if (text.length <= 2 * MAX_DEPTH || !nestsTooDeeply(text)) return { value };
    return { reason: `expected JSON of at most ${MAX_DEPTH} levels of lists and objects, got more` };
  } catch (error) {
    return { reason: `expected JSON, got ${JSON.stringify(text.slice(0, 40))}: ${(error as Error).message}` };
  }
}

/** By its text and not by its value, since walking the value is what would overflow the stack. */
function nestsTooDeeply(json: string): boolean {
  let depth = 0;
  let inText = false;
  for (let i = 0; i < json.length; i++) {
    const char = json[i];
    if (char === '"') inText = !inText;
    else if (char === "\\") i += 1;
    else if (inText) continue;
    else if (char === "[" || char === "{") depth += 1;
    else if (char === "]" || char === "}") depth -= 1;
    if (depth > MAX_DEPTH) return true;
  }
  return false;
}

/** Keys are text; bytes that are not UTF-8 are shown with replacement characters and stay exact in the raw record. */
export const decodeKey = (bytes: Buffer | null): string | null =>
  bytes === null ? null : bytes.toString("utf8");

/** The last value of a name counts, as in HTTP's most used readers. No prototype: `__proto__` is a name like any. */
export function decodeHeaders(headers: RawKafkaRecord["headers"] = {}): Headers {
  const decoded: Headers = Object.create(null);
  for (const name of Object.keys(headers)) {
    const values = headerValues(headers[name]);
    if (values.length > 0) decoded[name] = values[values.length - 1]!.toString();
  }
  return decoded;
}

/**
 * A header's values, in order. A null one counts as empty: kafkajs reads such headers but cannot write them. And what
 * it makes of a header called `constructor` or `__proto__` begins with what every object inherits by that name.
 */
export function headerValues(given: HeaderValue | HeaderValue[] | undefined): (Buffer | string)[] {
  if (given === undefined) return [];
  return (Array.isArray(given) ? given : [given])
    .filter((value) => value === null || typeof value === "string" || Buffer.isBuffer(value))
    .map((value) => value ?? "");
}

export const encodeValue = (value: unknown): Buffer | null =>
  value === null ? null : Buffer.from(JSON.stringify(value), "utf8");
