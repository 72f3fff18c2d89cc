/**
 * Invocations to come as NDJSON: one JSON document a line. A blank line opens the stream (from then on nothing is
 * missed) and keeps it open every 15 s. A client that reads too slowly loses the oldest lines of its bounded buffer and
 * is told so: a line `{"dropped": n}` stands where they would have been.
 */
import type { CapturedInvocation } from "../../runtime/view.ts";

const PING_MS = 15_000;
const MAX_BUFFERED_CHARS = 8 * 1024 * 1024;

export interface FollowOptions {
  /** Calls the listener for each invocation to come until the returned function is called. */
  readonly subscribe: (listener: (invocation: CapturedInvocation) => void) => () => void;
  /** Ends the stream, after what is buffered. */
  readonly stopping: AbortSignal;
  /** Counted on: invocations that came, and those of them that were left out. */
  readonly counts: { recorded: number; dropped: number };
  /** Called once when the stream is over, whoever ended it. */
  readonly onEnd: () => void;
  readonly maxBufferedChars?: number;
}

export function followStream(options: FollowOptions): ReadableStream<Uint8Array> {
  const { subscribe, counts, stopping, onEnd, maxBufferedChars = MAX_BUFFERED_CHARS } = options;
  const encoder = new TextEncoder();
  const lines: string[] = [];
  let buffered = 0;
  let dropped = 0;
  let end = (): void => {};

  const take = (): string => {
    const notice = dropped > 0 ? `${JSON.stringify({ dropped })}\n` : "";
    const text = notice + lines.join("");
    lines.length = 0;
    buffered = 0;
    dropped = 0;
    return text;
  };

  const flush = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
    const text = take();
    if (text !== "") controller.enqueue(encoder.encode(text));
  };

  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const push = (line: string): void => {
          lines.push(line);
          buffered += line.length;
          while (buffered > maxBufferedChars && lines.length > 1) {
            buffered -= lines.shift()!.length;
            dropped++;
            counts.dropped++;
          }
          if (controller.desiredSize! > 0) flush(controller);
        };
        const close = (): void => {
          flush(controller);
          end();
          controller.close();
        };
        const unsubscribe = subscribe((invocation) => {
          counts.recorded++;
          push(`${JSON.stringify(invocation)}\n`);
        });
        // Into a client that does not read, a ping would only push records out.
        const ping = setInterval(() => lines.length === 0 && push("\n"), PING_MS);
        end = () => {
          end = () => {};
          unsubscribe();
          clearInterval(ping);
          stopping.removeEventListener("abort", close);
          onEnd();
        };
        push("\n");
        if (stopping.aborted) close();
        else stopping.addEventListener("abort", close);
      },
      pull: flush,
      cancel: () => end(),
    },
    { highWaterMark: 1 },
  );
}
