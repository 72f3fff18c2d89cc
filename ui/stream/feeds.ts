/** The feeds of one kind that clients follow just now: those who ask for the same share one. */
import type { StreamClient } from "./client.ts";
import type { Feed } from "./feed.ts";
import { Shared } from "./shared.ts";

export class Feeds<F extends { readonly feed: Pick<Feed<never>, "clients" | "stop"> }> {
  readonly #byKey = new Map<string, F>();
  readonly #running: Shared<F>;

  /** `start` begins to tell the feeds what happens, when the first is there, and returns what ends it. */
  constructor(start: (each: (use: (feed: F) => void) => void) => () => void) {
    this.#running = new Shared(() => start((use) => this.#running.each(use)));
  }

  /** Lets a client follow the feed called `key`. Returns the feed and what ends the following. */
  join(key: string, client: StreamClient, create: () => F): { feed: F; leave: () => void } {
    const known = this.#byKey.get(key);
    const feed = known ?? create();
    if (!known) {
      this.#byKey.set(key, feed);
      this.#running.add(feed);
    }
    feed.feed.clients.add(client);
    const leave = (): void => {
      feed.feed.clients.delete(client);
      if (feed.feed.clients.size > 0) return;
      feed.feed.stop();
      this.#byKey.delete(key);
      this.#running.delete(feed);
    };
    return { feed, leave };
  }
}
