/**
 * What several clients follow alike: sampled once and written once for all of them, at most 10 events each 100 ms, and
 * the first one at once.
 */
import type { StreamClient } from "./client.ts";
import { count, type FeedEvent, type Tally, toDropped } from "./events.ts";
import { Sampler } from "./sampler.ts";

const EVERY_MS = 100;
const EVENTS_EACH = 10;
/** Of a burst, one second's worth waits for its turn. */
const WAITING = 100;

export interface FeedOptions<T> {
  readonly event: FeedEvent;
  /** The topic or function that an item is of. */
  keyOf(item: T): string;
  /** Called before items are written. */
  beforeRelease?(): void;
  /** The events of an item, called in the order in which they are written. */
  toText(item: T): string;
  /** An item that is left out. */
  onLost?(item: T): void;
}

export class Feed<T> {
  readonly clients = new Set<StreamClient>();
  readonly #options: FeedOptions<T>;
  readonly #sampler: Sampler<T>;
  #lost: Tally = new Map();
  #timer: NodeJS.Timeout | null = null;
  #releasedAt = Number.NEGATIVE_INFINITY;

  constructor(options: FeedOptions<T>) {
    this.#options = options;
    this.#sampler = new Sampler(WAITING, (key, item) => {
      this.lose(key, 1);
      options.onLost?.(item);
    });
  }

  offer(item: T): void {
    this.#sampler.offer(this.#options.keyOf(item), item);
    this.#schedule();
  }

  /** Counts as left out what never came here. */
  lose(key: string, lost: number): void {
    count(this.#lost, this.#options.event, key, lost);
    this.#schedule();
  }

  stop(): void {
    if (this.#timer) clearTimeout(this.#timer);
  }

  #schedule(): void {
    // What is read in one go leaves together.
    this.#timer ??= setTimeout(
      () => this.#release(),
      Math.max(0, this.#releasedAt + EVERY_MS - performance.now()),
    );
  }

  #release(): void {
    const { event, keyOf, toText, beforeRelease } = this.#options;
    this.#timer = null;
    this.#releasedAt = performance.now();
    beforeRelease?.();
    const sampled = this.#lost;
    this.#lost = new Map();
    const items = this.#sampler.take(EVENTS_EACH);
    const text = toDropped(sampled, "sampled") + items.map((item) => toText(item)).join("");
    const events: Tally = new Map();
    for (const item of items) count(events, event, keyOf(item), 1);
    const chunk = { bytes: Buffer.from(text), events, sampled };
    for (const client of this.clients) client.push(chunk);
    if (this.#sampler.size > 0) this.#schedule();
  }
}
