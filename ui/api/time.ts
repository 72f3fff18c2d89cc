/** Times as the HTTP API speaks them: ISO 8601 with `Z` and milliseconds. */
import { z } from "@hono/zod-openapi";

/** Null for −1, which is how Kafka says "no timestamp", and for what no calendar can show (2^63−1). */
export function toIso(ms: number | null): string | null {
  return ms === null || ms < 0 || Number.isNaN(new Date(ms).getTime()) ? null : new Date(ms).toISOString();
}

export function isoNow(): string {
  return new Date().toISOString();
}

export const isoTime = z.string().openapi({ format: "date-time", example: "2026-11-22T10:00:00.000Z" });

/** A time as a client gives it, in ms: whole ms since 1970, or ISO 8601 with its zone. */
export const instant = z.union(
  [z.int().min(0).max(8.64e15), z.iso.datetime({ offset: true }).transform((text) => Date.parse(text))],
  {
    error: (i) => `expected ms since 1970 or ISO 8601 with a zone, got ${JSON.stringify(i.input)}`,
  },
);
