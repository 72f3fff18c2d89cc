/** A function starts when all that it writes can be encoded: its schemas are registered, or known to the registry. */
import { backoffMs, wait } from "./backoff.ts";
import { describeError } from "./kafka.ts";
import type { Logger } from "./log.ts";
import type { Serde } from "./serde.ts";
import { type FunctionStatus, setState } from "./status.ts";

const BACKOFF = { firstMs: 500, mostMs: 10_000 };

/** Resolves with whether it may start; false when `signal` aborted before. Others run meanwhile. */
export async function untilReady(
  status: FunctionStatus,
  serdes: readonly Serde[],
  signal: AbortSignal,
  log: Logger,
): Promise<boolean> {
  for (let failures = 1; !signal.aborted; failures++) {
    try {
      for (const serde of serdes) await serde.ready();
      return !signal.aborted;
    } catch (error) {
      const reason = `cannot write to its topics: ${describeError(error)}`;
      if (status.reason !== reason) log.error({ function: status.fn.name }, `${reason}; trying again`);
      setState(status, "failing", reason);
      await wait(backoffMs(BACKOFF, failures, Math.random()), signal);
    }
  }
  return false;
}
