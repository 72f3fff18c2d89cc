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
