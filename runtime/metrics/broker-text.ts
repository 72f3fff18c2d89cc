/** The embedded broker's own metrics, which it tells over HTTP on the loopback. */

const ANSWER_MS = 1_000;
/** Its metrics take a few KiB. */
const MOST_CHARS = 4 * 1024 * 1024;

/** @param port on 127.0.0.1. Resolves with null when the broker is not there, or has not answered within a second. */
export async function readBrokerText(port: number | null): Promise<string | null> {
  if (port === null) return null;
  try {
    const response = await fetch(`http://127.0.0.1:${port}/metrics`, {
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    const text = await response.text();
    return response.ok && text.length <= MOST_CHARS ? text : null;
  } catch {
    return null; // `ksp_broker_up` says so
  }
}
