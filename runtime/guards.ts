/**
 * Purity guards: while a handler runs under them, its input is deeply frozen and the clock, chance, timers and
 * the network throw. They can replace globals because a handler is synchronous: nothing else runs meanwhile.
 */

/** What a handler reached for, and what it should use. */
export class ImpureError extends Error {
  override readonly name = "ImpureError";
  constructor(what: string, instead: string) {
    super(`${what} is not available inside a handler: ${instead}`);
  }
}

const CLOCK = "use ctx.now (a tick) or record.streamTimeMs (a batch)";
const CHANCE = "use ctx.random() or ctx.uuid()";
const LATER = "a handler is synchronous and has no I/O; return what should happen as its output";

const forbidden: [owner: object, key: string, label: string, instead: string][] = [
  [Date, "now", "Date.now()", CLOCK],
  [performance, "now", "performance.now()", CLOCK],
  [process, "hrtime", "process.hrtime()", CLOCK],
  [process, "uptime", "process.uptime()", CLOCK],
  [Math, "random", "Math.random()", CHANCE],
  [globalThis.crypto, "getRandomValues", "crypto.getRandomValues()", CHANCE],
  [globalThis.crypto, "randomUUID", "crypto.randomUUID()", CHANCE],
  [globalThis, "fetch", "fetch()", LATER],
  [globalThis, "WebSocket", "WebSocket", LATER],
  [AbortSignal, "timeout", "AbortSignal.timeout()", LATER],
  [globalThis, "setTimeout", "setTimeout()", LATER],
  [globalThis, "setInterval", "setInterval()", LATER],
  [globalThis, "setImmediate", "setImmediate()", LATER],
  [globalThis, "queueMicrotask", "queueMicrotask()", LATER],
  [process, "nextTick", "process.nextTick()", LATER],
];

const GuardedDate = new Proxy(Date, {
  construct(target, args, newTarget) {
    if (args.length === 0) throw new ImpureError("new Date()", CLOCK);
    return Reflect.construct(target, args, newTarget);
  },
  apply() {
    throw new ImpureError("Date()", CLOCK);
  },
});

/** Runs `body` with the guards up and takes them down again, whatever happens. */
export function guarded<T>(body: () => T): T {
  const undo: (() => void)[] = [];
  const replace = (owner: object, key: string, value: unknown): void => {
    const own = Object.getOwnPropertyDescriptor(owner, key);
    Object.defineProperty(owner, key, { value, configurable: true, writable: true });
    undo.push(() => {
      if (own) Object.defineProperty(owner, key, own);
      else Reflect.deleteProperty(owner, key);
    });
  };
  try {
    for (const [owner, key, label, instead] of forbidden) {
      // A function and not an arrow: what is called with `new` is to say the same.
      const refuse = function refuse(): never {
        throw new ImpureError(label, instead);
      };
      replace(owner, key, Object.assign(refuse, { bigint: refuse })); // process.hrtime has one
    }
    replace(globalThis, "Date", GuardedDate);
    return body();
  } finally {
    for (const restore of undo.reverse()) restore();
  }
}

/** Freezes plain data to its leaves. What is frozen already is taken to be frozen below as well. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const key of Object.keys(value)) deepFreeze((value as Record<string, unknown>)[key]);
  return value;
}
