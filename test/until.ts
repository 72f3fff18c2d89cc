/** Waits for something that can only be asked for, such as the state of another process. */
const EVERY_MS = 50;

/**
 * Resolves with what `condition` answers once that is neither false nor null; what it throws counts as "not yet".
 * Rejects after `deadlineMs`, naming `what` was awaited and what stood in its way: only a net below a test that
 * cannot succeed any more.
 */
export async function until<T>(
  condition: () => T | false | null | Promise<T | false | null>,
  what: string,
  deadlineMs = 45_000,
): Promise<T> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    let inTheWay: unknown = null;
    try {
      const answer = await condition();
      if (answer !== false && answer !== null) return answer;
    } catch (error) {
      inTheWay = error;
    }
    if (Date.now() > deadline) {
      throw new Error(`Expected ${what} within ${deadlineMs / 1000} s`, { cause: inTheWay });
    }
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
}
