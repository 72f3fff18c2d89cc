/** Members of something that runs only as long as there are any: a listener, a timer. */
export class Shared<T> {
  readonly #members = new Set<T>();
  readonly #start: () => () => void;
  #stop: (() => void) | null = null;

  /** `start` begins what the members share and returns what ends it. */
  constructor(start: () => () => void) {
    this.#start = start;
  }

  /** Returns what takes the member out again. */
  add(member: T): () => void {
    this.#members.add(member);
    this.#stop ??= this.#start();
    return () => this.delete(member);
  }

  delete(member: T): void {
    if (!this.#members.delete(member) || this.#members.size > 0) return;
    this.#stop?.();
    this.#stop = null;
  }

  each(use: (member: T) => void): void {
    for (const member of this.#members) use(member);
  }
}
