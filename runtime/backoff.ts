/** Waiting between tries of I/O: doubling from `firstMs` to `mostMs`, with jitter so that clients spread out. */
export interface BackoffOptions {
  readonly firstMs: number;
  readonly mostMs: number;
}

/** The wait after the `failures`-th failure in a row (1, 2 …), ms. `chance` is in [0, 1). */
export function backoffMs({ firstMs, mostMs }: BackoffOptions, failures: number, chance: number): number {
  const full = Math.min(mostMs, firstMs * 2 ** Math.min(failures - 1, 30));
  return Math.round(full * (0.5 + chance / 2));
}

/** Resolves after `ms`, or at once when `signal` aborts. Never rejects: look at the signal. */
export function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
  });
}
