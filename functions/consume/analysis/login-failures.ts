/** A streak of failed logins of one user: failures that follow one another within a time, with no success between. */

/** A streak remembers this many different addresses. */
const MAX_ADDRESSES = 5;

export interface FailureStreak {
  readonly count: number;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly ips: readonly string[];
  /** Whether it was long enough to be told: it is told once. */
  readonly told: boolean;
}

/** The streak after one more failure. Failures more than `gapMs` apart belong to different streaks. */
export function addFailure(
  before: FailureStreak | null,
  at: number,
  ip: string,
  gapMs: number,
): FailureStreak {
  if (before === null || at - before.lastMs > gapMs) {
    return { count: 1, firstMs: at, lastMs: at, ips: [ip], told: false };
  }
  const known = before.ips.includes(ip) || before.ips.length >= MAX_ADDRESSES;
  return {
    ...before,
    count: before.count + 1,
    firstMs: Math.min(before.firstMs, at),
    lastMs: Math.max(before.lastMs, at),
    ips: known ? before.ips : [...before.ips, ip],
  };
}

export const toFailures = (streak: FailureStreak) => ({
  failed_logins: streak.count,
  first_failure_at: new Date(streak.firstMs).toISOString(),
  last_failure_at: new Date(streak.lastMs).toISOString(),
  ip_addresses: streak.ips,
});
