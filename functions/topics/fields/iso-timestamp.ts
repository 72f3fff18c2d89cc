/** ISO 8601 timestamps as they come from many languages: 0 to 9 fractional digits; `Z`, an offset, or neither (UTC). */
import { z } from "zod";

const SHAPE =
  /^(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):?[0-5]\d)?$/;

/** Whether `text` is such a timestamp and its date exists (no 30 February). */
export function isIsoTimestamp(text: string): boolean {
  const match = SHAPE.exec(text);
  return match !== null && Number(match[3]) <= daysInMonth(Number(match[1]), Number(match[2]));
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Checks and passes the text through as it came. */
export const isoTimestamp = z.string().refine(isIsoTimestamp, {
  error: (issue) =>
    `expected an ISO 8601 timestamp such as 2026-01-31T12:00:00.000Z, got ${JSON.stringify(issue.input)}`,
});
