/** The trace that a record belongs to, by its `traceparent` header (W3C Trace Context), with or without tracing on. */
import { headerValues, type RawKafkaRecord } from "./codec.ts";

const TRACEPARENT = /^(?!ff)[\da-f]{2}-(?!0{32})([\da-f]{32})-(?!0{16})[\da-f]{16}-[\da-f]{2}(?:$|-)/;

/** 32 hex digits, or null where the header is missing or malformed. Of several values the last one counts. */
export function traceIdOf(headers: RawKafkaRecord["headers"]): string | null {
  if (!headers || !Object.hasOwn(headers, "traceparent")) return null;
  const last = headerValues(headers.traceparent).at(-1);
  return last === undefined ? null : (TRACEPARENT.exec(last.toString())?.[1] ?? null);
}
