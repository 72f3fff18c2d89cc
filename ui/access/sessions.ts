/** Who has signed in on the page: random ids, kept in memory alone, so that signing out and a restart end them. */
import { createHash, randomBytes } from "node:crypto";

export const SESSION_MS = 12 * 3_600_000;
/** Only who knows the token opens one; the oldest ends for one more. */
const MAX_SESSIONS = 1_000;

interface Session {
  readonly timer: ReturnType<typeof setTimeout>;
  /** What ends with it: its requests in flight, streams above all. */
  readonly ends: Set<() => void>;
}

export class Sessions {
  /** By the hash of the id, so that no comparison tells how much of a guess was right. */
  readonly #sessions = new Map<string, Session>();

  /** Returns the new session's id, which is its key: nothing else proves it. */
  open(): string {
    if (this.#sessions.size >= MAX_SESSIONS) this.#end(this.#sessions.keys().next().value!);
    const id = randomBytes(32).toString("base64url");
    const key = keyOf(id);
    const timer = setTimeout(() => this.#end(key), SESSION_MS);
    timer.unref();
    this.#sessions.set(key, { timer, ends: new Set() });
    return id;
  }

  has(id: string): boolean {
    return this.#sessions.has(keyOf(id));
  }

  /** `end` is called when the session ends, unless what is returned was called before. */
  onEnd(id: string, end: () => void): () => void {
    const ends = this.#sessions.get(keyOf(id))?.ends;
    ends?.add(end);
    return () => ends?.delete(end);
  }

  /** Does nothing where there is no such session. */
  end(id: string): void {
    this.#end(keyOf(id));
  }

  #end(key: string): void {
    const session = this.#sessions.get(key);
    if (!session) return;
    this.#sessions.delete(key);
    clearTimeout(session.timer);
    for (const end of session.ends) end();
  }
}

const keyOf = (id: string): string => createHash("sha256").update(id).digest("base64");
