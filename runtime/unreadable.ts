/** Topics that may be seen but not read, by what Kafka allows: the tail leaves them out and tries them again now and then. */
import type { Logger } from "./log.ts";

const AGAIN_MS = 15_000;

export interface Unreadable {
  /** Why it cannot be read; null where it can, as far as is known. */
  reason(topic: string): string | null;
  /** Whether it is time to try again. */
  isDue(topic: string): boolean;
  /** Takes in how a try went: null for well. */
  set(topic: string, reason: string | null): void;
}

export function createUnreadable(now: () => number, log: Logger): Unreadable {
  const denied = new Map<string, { readonly reason: string; readonly until: number }>();
  return {
    reason: (topic) => denied.get(topic)?.reason ?? null,
    isDue: (topic) => now() >= (denied.get(topic)?.until ?? Number.POSITIVE_INFINITY),
    set(topic, reason) {
      const known = denied.has(topic);
      if (reason === null) {
        denied.delete(topic);
        if (known) log.info({ topic }, "its records can be read again");
        return;
      }
      denied.set(topic, { reason, until: now() + AGAIN_MS });
      if (!known) log.warn({ topic }, `its records cannot be shown: ${reason}`);
    },
  };
}
