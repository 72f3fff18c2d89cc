/** How often one address may be wrong about the token. */

/** Wrong tokens from one address in WINDOW_MS; from then on it waits for the window's end. */
const MAX_WRONG = 10;
const WINDOW_MS = 60_000;
/** Addresses that are remembered; the one that was wrong first is forgotten for one more. */
const MAX_ADDRESSES = 1_000;

interface Window {
  readonly endsAt: number;
  wrong: number;
}

export class GuessLimit {
  readonly #windows = new Map<string, Window>();
  readonly #now: () => number;

  /** @param now ms on any clock that never goes back */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** How long, in ms, no token of this address is looked at; 0: it may try. */
  waitMs(address: string): number {
    const window = this.#current(address);
    return window && window.wrong >= MAX_WRONG ? window.endsAt - this.#now() : 0;
  }

  /** Counts a wrong token. */
  miss(address: string): void {
    const window = this.#current(address);
    if (window) {
      window.wrong++;
      return;
    }
    if (this.#windows.size >= MAX_ADDRESSES) this.#windows.delete(this.#windows.keys().next().value!);
    this.#windows.set(keyOf(address), { endsAt: this.#now() + WINDOW_MS, wrong: 1 });
  }

  #current(address: string): Window | undefined {
    const key = keyOf(address);
    const window = this.#windows.get(key);
    if (!window || window.endsAt > this.#now()) return window;
    this.#windows.delete(key);
    return undefined;
  }
}

/** Who has one IPv6 address has its whole /64 network. */
function keyOf(address: string): string {
  if (!address.includes(":") || address.startsWith("::ffff:")) return address;
  const [head = "", tail] = address.split("::");
  const groups = head.split(":").filter((group) => group !== "");
  const missing = tail === undefined ? 0 : 8 - groups.length - tail.split(":").filter(Boolean).length;
  return [...groups, ...Array<string>(missing).fill("0"), ...(tail ?? "").split(":")].slice(0, 4).join(":");
}
