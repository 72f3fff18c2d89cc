/** Numbers, sizes and times as text to read. Pure; times in the reader's own zone unless they say otherwise. */

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });
const two = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });

/** `1,234,567`. */
export const formatCount = (count: number): string => whole.format(count);

/** `1.23M` from ten thousand on, every digit below. */
export const formatShort = (value: number): string =>
  Math.abs(value) < 10_000 ? two.format(value) : short.format(value);

/** A rate a second: `0`, `0.03`, `4.2`, `5,120`. */
export function formatRate(perSecond: number): string {
  if (perSecond >= 100) return whole.format(perSecond);
  return new Intl.NumberFormat("en", { maximumFractionDigits: perSecond >= 1 ? 1 : 2 }).format(perSecond);
}

const SIZES = ["B", "kB", "MB", "GB", "TB"];

/** `512 B`, `1.5 kB`, `2.1 GB`, by thousands. */
export function formatBytes(bytes: number): string {
  const power = bytes < 1000 ? 0 : Math.min(SIZES.length - 1, Math.floor(Math.log10(bytes) / 3));
  const digits = power === 0 ? 0 : 1;
  return `${(bytes / 1000 ** power).toFixed(digits)} ${SIZES[power]}`;
}

/** `250 µs`, `12 ms`, `3.4 s`, `5 min`, `7 h`, `7 d`. Not for what lasts below a microsecond. */
export function formatDuration(ms: number): string {
  if (ms < 1 && ms > 0) return `${Math.round(ms * 1000)} µs`;
  if (ms < 1000) return `${two.format(Number(ms.toPrecision(3)))} ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${Number(seconds.toFixed(1))} s`;
  const [size, unit] = seconds < 3600 ? [60, "min"] : seconds < 86_400 ? [3600, "h"] : [86_400, "d"];
  return `${Number((seconds / Number(size)).toFixed(1))} ${unit}`;
}

/** How long ago, to the eye: `now`, `12 s ago`, `3 min ago`. */
export function formatAgo(at: number, now: number): string {
  const ms = now - at;
  if (ms < 1500) return "now";
  return `${formatDuration(ms < 60_000 ? Math.round(ms / 1000) * 1000 : Math.floor(ms / 60_000) * 60_000)} ago`;
}

const pad = (value: number, length = 2) => String(value).padStart(length, "0");

/** `18:34:05.123` of today, `2026-11-22 18:34:05.123` of another day; `–` where there is none. */
export function formatTime(iso: string | null, now: Date): string {
  if (iso === null) return "–";
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso;
  const time = `${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}.${pad(at.getMilliseconds(), 3)}`;
  if (at.toDateString() === now.toDateString()) return time;
  return `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())} ${time}`;
}

/** A retention or other span that Kafka gives in ms, −1 for none: `7 d`, `unlimited`. */
export const formatRetention = (ms: number): string => (ms < 0 ? "unlimited" : formatDuration(ms));

/** One with its noun: `1 record`, `3 records`. */
export const plural = (count: number, noun: string): string =>
  `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`;
