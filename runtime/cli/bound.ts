import type { Bound } from "./deps.ts";
import { UsageError } from "./errors.ts";

const LARGEST_OFFSET = 2n ** 63n - 1n;
const ISO = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?$/;

/** An offset (digits) or an ISO 8601 time; without an offset from UTC it is UTC. `flag` names it in the error. */
export function parseBound(flag: string, text: string): Bound {
  if (/^\d+$/.test(text)) {
    const offset = BigInt(text);
    if (offset <= LARGEST_OFFSET) return { kind: "offset", offset: String(offset) };
  } else if (ISO.test(text)) {
    const zoned = !text.includes("T") || /(Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`;
    const timestampMs = Date.parse(zoned);
    if (!Number.isNaN(timestampMs)) return { kind: "time", timestampMs };
  }
  throw new UsageError(
    `${flag}: expected an offset (0–${LARGEST_OFFSET}) or an ISO 8601 time such as 2026-01-31T12:00:00Z, got "${text}"`,
  );
}

/** Throws UsageError where nothing can lie between the two. */
export function checkRange(from: Bound | null, to: Bound | null): void {
  if (!from || !to || from.kind !== to.kind) return;
  const empty =
    from.kind === "offset"
      ? BigInt(from.offset) >= BigInt((to as typeof from).offset)
      : from.timestampMs >= (to as typeof from).timestampMs;
  if (empty) throw new UsageError("expected --from before --to (which is exclusive)");
}
