/** A search over a topic's history: found records and how far it is, as the server tells them. */
import { ApiError, refusalOf, Unreachable } from "../../data/api.ts";
import { type Message, parseMessage } from "../../data/message.ts";
import { createSseParser } from "../../data/sse.ts";
import type { Problem } from "../../data/types.ts";

export interface Progress {
  /** Offsets passed over, of all that there are to be. */
  readonly scanned: number;
  readonly total: number;
  readonly matched: number;
  readonly elapsed_ms: number;
}

/** Records on which the filter could not be evaluated; they do not match. */
export interface FilterErrors {
  readonly count: number;
  readonly first: string;
}

export interface Done extends Progress {
  /** It ended because it had found enough: it can go on at `next_page_token`. */
  readonly limit_reached: boolean;
  readonly next_page_token?: string | null;
  readonly filter_errors?: FilterErrors | null;
}

export interface SearchListener {
  onMessages(messages: readonly Message[]): void;
  onProgress(progress: Progress): void;
}

/**
 * Resolves when the server has come to the end. Throws ApiError where it refuses or gives up, Unreachable where the
 * connection ends before, and an AbortError when `signal` aborts, which ends the search on the server too.
 */
export async function runSearch(url: string, listener: SearchListener, signal: AbortSignal): Promise<Done> {
  const response = await fetch(url, { headers: { Accept: "text/event-stream" }, signal }).catch(
    (cause: unknown) => {
      throw signal.aborted ? cause : new Unreachable(cause);
    },
  );
  if (!response.ok || response.body === null) throw await refusalOf(response);
  const parse = createSseParser();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read().catch((cause: unknown) => {
      throw signal.aborted ? cause : new Unreachable(cause);
    });
    if (done) throw new Unreachable("the search ended without a word");
    const found: Message[] = [];
    let end: Done | null = null;
    for (const { event, data } of parse(value)) {
      if (event === "message") found.push(parseMessage(data));
      else if (event === "progress") listener.onProgress(JSON.parse(data) as Progress);
      else if (event === "done") end = JSON.parse(data) as Done;
      else if (event === "problem") throw new ApiError(JSON.parse(data) as Problem);
    }
    if (found.length > 0) listener.onMessages(found);
    if (end) return end;
  }
}
