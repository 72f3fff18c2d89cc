/**
 * A response body made from texts as the client takes them: nothing is made for a client that does not read, and one
 * that stops reading is given up, for what it holds is wanted by others.
 */
const STALLED_MS = 60_000;

export interface PulledStreamOptions {
  /** Aborted when the client leaves or stalls. */
  readonly gone: AbortController;
  /** How long a client may leave a text untaken. Default 60 s. */
  readonly stalledMs?: number;
}

/** When `texts` throws, the body breaks off: the client sees that it is not whole. */
export function pulledStream(
  texts: AsyncGenerator<string>,
  { gone, stalledMs = STALLED_MS }: PulledStreamOptions,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let stalled: NodeJS.Timeout | undefined;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        clearTimeout(stalled);
        const next = await texts.next();
        if (next.done) return controller.close();
        stalled = setTimeout(() => {
          const reason = new Error(`the client took nothing for ${stalledMs} ms`);
          gone.abort(reason);
          controller.error(reason);
        }, stalledMs);
        controller.enqueue(encoder.encode(next.value));
      },
      cancel(reason) {
        clearTimeout(stalled);
        gone.abort(reason);
      },
    },
    { highWaterMark: 1 },
  );
}
