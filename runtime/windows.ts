/** Event time for consumers: when a record happened, its tumbling window, and when a window is over. All are pure. */
import type { Rec } from "./define.ts";

/** From `startMs` up to, but not with, `endMs` (ms since 1970). */
export interface Window {
  readonly startMs: number;
  readonly endMs: number;
}

/**
 * When a record happened, ms since 1970: its timestamp, but never later than its partition's stream time, which
 * does not follow a clock that runs ahead. So a wrong clock cannot open a window that no later record closes.
 */
export const eventTimeMs = (record: Rec): number => Math.min(record.timestamp, record.streamTimeMs);

/** The window of `sizeMs` that `timeMs` falls into. Windows follow one another without a gap, from 1970 on. */
export function tumblingWindow(timeMs: number, sizeMs: number): Window {
  const startMs = Math.floor(timeMs / sizeMs) * sizeMs;
  return { startMs, endMs: startMs + sizeMs };
}

/** Whether stream time shows that a window is over: what comes for it after that, beyond `graceMs`, is late. */
export const isOver = (window: Window, streamTimeMs: number, graceMs: number): boolean =>
  streamTimeMs >= window.endMs + graceMs;
