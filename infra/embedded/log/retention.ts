/** What retention looks at of a segment. */
export interface RetainedSegment {
  readonly logBytes: number;
  /** Ms since 1970 of its newest record. */
  newestMs(): number;
}

/**
 * How many of the oldest segments are due: first those whose newest record is older than `retentionMs`, then those
 * without which the log still holds `retentionBytes`. −1 turns either off.
 */
export function countExpired(
  segments: readonly RetainedSegment[],
  limits: { retentionMs: number; retentionBytes: number },
  nowMs: number,
): number {
  let expired = 0;
  if (limits.retentionMs >= 0) {
    while (expired < segments.length && segments[expired]!.newestMs() < nowMs - limits.retentionMs)
      expired += 1;
  }
  if (limits.retentionBytes >= 0) {
    let bytes = segments.slice(expired).reduce((sum, segment) => sum + segment.logBytes, 0);
    while (expired < segments.length && bytes - segments[expired]!.logBytes >= limits.retentionBytes) {
      bytes -= segments[expired]!.logBytes;
      expired += 1;
    }
  }
  return expired;
}
