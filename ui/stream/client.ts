/** One client of the live stream: its ring, and the one writer that empties it as fast as the client reads. */
import { type Chunk, ClientRing } from "./client-ring.ts";
import type { Tally } from "./events.ts";

const PING = Buffer.from(": ping\n\n");
/** A client that was cut off comes back after 2 s. */
const OPENING = Buffer.from("retry: 2000\n\n");

export class StreamClient {
  readonly body: ReadableStream<Uint8Array>;
  readonly #ring = new ClientRing();
  readonly #onEnd: () => void;
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  #ended = false;

  /** `onEnd` is called once, whoever ended it. */
  constructor(onEnd: () => void) {
    this.#onEnd = onEnd;
    this.body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
          controller.enqueue(OPENING);
        },
        // Called when the last write was taken: nothing more is under way to a client that does not read.
        pull: () => this.#write(),
        cancel: () => this.#end(),
      },
      { highWaterMark: 1 },
    );
  }

  get ended(): boolean {
    return this.#ended;
  }

  push(chunk: Chunk): void {
    this.#ring.push(chunk);
    this.#write();
  }

  setNewest(name: string, bytes: Uint8Array): void {
    this.#ring.setNewest(name, bytes);
    this.#write();
  }

  /** Chunks wait until `release`. */
  hold(): void {
    this.#ring.hold();
  }

  release(chunks: readonly Chunk[], lost: Tally): void {
    this.#ring.release(chunks, lost);
    this.#write();
  }

  /** Keeps an idle connection open. One that has something to read needs none. */
  ping(): void {
    if (!this.#ended && this.#ring.isEmpty && this.#controller.desiredSize! > 0)
      this.#controller.enqueue(PING);
  }

  /** Ends the stream, after what fits into one write. */
  end(): void {
    if (this.#ended) return;
    const rest = this.#ring.take();
    if (rest) this.#controller.enqueue(rest);
    this.#end();
    this.#controller.close();
  }

  #write(): void {
    if (this.#ended || this.#controller.desiredSize! <= 0) return;
    const bytes = this.#ring.take();
    if (bytes) this.#controller.enqueue(bytes);
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#onEnd();
  }
}
