/** Limits of one turn: larger writes are slower, and would keep other partitions waiting. */
const MAX_BATCHES = 256;
const MAX_BYTES = 4 * 1024 * 1024;

export interface Appended {
  readonly baseOffset: number;
  /** Ms since 1970; −1 unless the broker set the timestamps. */
  readonly logAppendTimeMs: number;
}

export interface PendingAppend {
  readonly batch: Buffer;
  readonly logAppendTimeMs: number;
  resolve(appended: Appended): void;
  reject(error: unknown): void;
}

/**
 * Collects what is appended during one turn of the event loop and hands it over together at its end. What is beyond the
 * limits waits for the next turn, and so does what comes while a commit takes its time. Appends keep their order; when a
 * commit fails, all that wait are rejected, so that none overtakes one that failed.
 */
export class GroupCommit {
  readonly #commit: (group: readonly PendingAppend[]) => void | Promise<void>;
  #waiting: PendingAppend[] = [];
  #scheduled = false;
  /** The commit that takes its time. */
  #committing: Promise<void> | null = null;

  /** `commit` resolves the appends it is given, or throws or rejects. */
  constructor(commit: (group: readonly PendingAppend[]) => void | Promise<void>) {
    this.#commit = commit;
  }

  get busy(): boolean {
    return this.#committing !== null;
  }

  add(append: PendingAppend): void {
    this.#waiting.push(append);
    this.#schedule();
  }

  /** Commits all that wait, now. */
  async flush(): Promise<void> {
    while (this.#committing !== null || this.#waiting.length > 0) {
      if (this.#committing !== null) await this.#committing;
      else this.#commitNext();
    }
  }

  rejectAll(error: unknown): void {
    for (const append of this.#waiting.splice(0)) append.reject(error);
  }

  #schedule(): void {
    if (this.#scheduled || this.#committing !== null || this.#waiting.length === 0) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (this.#committing === null && this.#waiting.length > 0) this.#commitNext();
      this.#schedule();
    });
  }

  #commitNext(): void {
    let count = 0;
    for (let bytes = 0; count < this.#waiting.length && count < MAX_BATCHES; count++) {
      bytes += this.#waiting[count]!.batch.length;
      if (count > 0 && bytes > MAX_BYTES) break;
    }
    const group = this.#waiting.splice(0, count);
    const fail = (error: unknown): void => {
      // Those that the commit resolved before it failed are not touched by a second answer.
      for (const append of group) append.reject(error);
      this.rejectAll(error);
    };
    try {
      const done = this.#commit(group);
      if (!done) return;
      this.#committing = done.catch(fail).finally(() => {
        this.#committing = null;
        this.#schedule();
      });
    } catch (error) {
      fail(error);
    }
  }
}
