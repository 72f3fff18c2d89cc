/**
 * What waits for one client to read: a bounded ring of events, whose oldest are overwritten. What was lost is counted
 * and told before what comes next. Of what only the newest matters (stats, lag) just that is kept.
 */
import { addTo, type Tally, toDropped } from "./events.ts";

/** Several events, written once for all clients that get them. */
export interface Chunk {
  readonly bytes: Uint8Array;
  /** How many events of what it holds. */
  readonly events: ReadonlyMap<string, number>;
  /** What its own `dropped` events tell: it must not be lost with them. */
  readonly sampled: ReadonlyMap<string, number>;
}

/** What is not counted when it is lost. */
export const plain = (text: string): Chunk => ({
  bytes: Buffer.from(text),
  events: new Map(),
  sampled: new Map(),
});

const MAX_EVENTS = 1_000;
const MAX_BYTES = 1024 * 1024;
/** As much goes out in one write. */
const WRITE_BYTES = 64 * 1024;

const sizeOf = ({ events }: Chunk): number => [...events.values()].reduce((sum, n) => sum + n, 0);

export class ClientRing {
  readonly #chunks: Chunk[] = [];
  readonly #newest = new Map<string, Uint8Array>();
  readonly #slow: Tally = new Map();
  readonly #sampled: Tally = new Map();
  #events = 0;
  #bytes = 0;
  #held = false;

  /** Whether `take` would give something. */
  get isEmpty(): boolean {
    return (
      this.#newest.size === 0 &&
      (this.#held || this.#chunks.length + this.#slow.size + this.#sampled.size === 0)
    );
  }

  push(chunk: Chunk): void {
    this.#chunks.push(chunk);
    this.#add(chunk, 1);
    this.#trim();
  }

  /** In place of what was given before by that name and not yet taken. */
  setNewest(name: string, bytes: Uint8Array): void {
    this.#newest.set(name, bytes);
  }

  /** Until `release`, chunks wait. */
  hold(): void {
    this.#held = true;
  }

  /** Lets the chunks go, behind those that are given here and what is known to be lost before them. */
  release(chunks: readonly Chunk[], lost: Tally): void {
    this.#held = false;
    addTo(this.#slow, lost);
    this.#chunks.unshift(...chunks);
    for (const chunk of chunks) this.#add(chunk, 1);
    this.#trim();
  }

  /** What to write next, or null. */
  take(): Uint8Array | null {
    const parts = [...this.#newest.values()];
    this.#newest.clear();
    if (!this.#held) {
      const told = toDropped(this.#slow, "slow") + toDropped(this.#sampled, "sampled");
      if (told !== "") parts.push(Buffer.from(told));
      this.#slow.clear();
      this.#sampled.clear();
      let bytes = 0;
      while (this.#chunks.length > 0 && (bytes === 0 || bytes < WRITE_BYTES)) {
        const chunk = this.#chunks.shift()!;
        this.#add(chunk, -1);
        bytes += chunk.bytes.length;
        parts.push(chunk.bytes);
      }
    }
    if (parts.length === 0) return null;
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
  }

  #add(chunk: Chunk, sign: 1 | -1): void {
    this.#events += sign * sizeOf(chunk);
    this.#bytes += sign * chunk.bytes.length;
  }

  #trim(): void {
    while (this.#chunks.length > 1 && (this.#events > MAX_EVENTS || this.#bytes > MAX_BYTES)) {
      const oldest = this.#chunks.shift()!;
      this.#add(oldest, -1);
      addTo(this.#slow, oldest.events);
      addTo(this.#sampled, oldest.sampled);
    }
  }
}
