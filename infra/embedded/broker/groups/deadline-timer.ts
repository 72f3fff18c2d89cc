/** What setTimeout can hold. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/**
 * One timer for many deadlines: it calls `due` at the earliest that was asked for, and forgets it then. An early call
 * does no harm: whoever is called looks what is due and asks again.
 */
export class DeadlineTimer {
  private readonly now: () => number;
  private readonly due: () => void;
  private timer: NodeJS.Timeout | undefined;
  private at = Number.POSITIVE_INFINITY;
  private stopped = false;

  constructor(now: () => number, due: () => void) {
    this.now = now;
    this.due = due;
  }

  /** `deadline` in ms on the clock `now`; Infinity asks for nothing. */
  wakeAt(deadline: number): void {
    if (this.stopped || deadline >= this.at) return;
    clearTimeout(this.timer);
    this.at = deadline;
    const delayMs = Math.min(Math.max(deadline - this.now(), 0), MAX_TIMEOUT_MS);
    // One turn of the event loop later: after a stall, requests that have arrived by now count as in time.
    this.timer = setTimeout(() => setImmediate(() => this.fire()), delayMs);
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private fire(): void {
    if (this.stopped) return;
    this.at = Number.POSITIVE_INFINITY;
    this.due();
  }
}
