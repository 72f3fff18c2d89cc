/**
 * Lets through what an eye can read. Items wait in a queue each key (a topic, a function), and are taken in turns, so
 * that a flood of one does not hide what is rare. Too many waiting: the longest queue loses its oldest.
 */
export class Sampler<T> {
  readonly #capacity: number;
  readonly #lose: (key: string, item: T) => void;
  /** Only queues that hold something; the next to be served first. */
  readonly #queues = new Map<string, { readonly item: T; readonly turn: number }[]>();
  #turns = 0;
  #size = 0;

  /** `lose` is called for each item that was offered and will not be taken. */
  constructor(capacity: number, lose: (key: string, item: T) => void) {
    this.#capacity = capacity;
    this.#lose = lose;
  }

  get size(): number {
    return this.#size;
  }

  offer(key: string, item: T): void {
    const queue = this.#queues.get(key) ?? [];
    this.#queues.set(key, queue);
    queue.push({ item, turn: this.#turns++ });
    this.#size += 1;
    if (this.#size > this.#capacity) this.#loseOne();
  }

  /** At most `most` items, in the order in which they were offered. */
  take(most: number): T[] {
    const taken: { readonly item: T; readonly turn: number }[] = [];
    while (taken.length < most && this.#size > 0) {
      const [key, queue] = this.#queues.entries().next().value!;
      taken.push(queue.shift()!);
      this.#size -= 1;
      this.#queues.delete(key);
      if (queue.length > 0) this.#queues.set(key, queue); // behind the others
    }
    return taken.sort((a, b) => a.turn - b.turn).map(({ item }) => item);
  }

  #loseOne(): void {
    let longest: [string, { readonly item: T }[]] | null = null;
    for (const entry of this.#queues) if (!longest || entry[1].length > longest[1].length) longest = entry;
    const [key, queue] = longest!;
    this.#size -= 1;
    const { item } = queue.shift()!;
    if (queue.length === 0) this.#queues.delete(key);
    this.#lose(key, item);
  }
}
