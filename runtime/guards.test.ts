import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { deepFreeze, guarded, ImpureError } from "./guards.ts";

afterEach(() => void vi.useRealTimers());

const reach: [name: string, reach: () => unknown][] = [
  ["Date.now()", () => Date.now()],
  ["new Date()", () => new Date()],
  ["Date()", () => Date()],
  ["performance.now()", () => performance.now()],
  ["process.hrtime()", () => process.hrtime()],
  ["process.hrtime()", () => process.hrtime.bigint()],
  ["process.uptime()", () => process.uptime()],
  ["Math.random()", () => Math.random()],
  ["crypto.getRandomValues()", () => crypto.getRandomValues(new Uint8Array(1))],
  ["crypto.randomUUID()", () => crypto.randomUUID()],
  ["fetch()", () => fetch("http://127.0.0.1")],
  ["WebSocket", () => new WebSocket("ws://127.0.0.1")],
  ["AbortSignal.timeout()", () => AbortSignal.timeout(1)],
  ["setTimeout()", () => setTimeout(() => {}, 0)],
  ["setInterval()", () => setInterval(() => {}, 0)],
  ["setImmediate()", () => setImmediate(() => {})],
  ["queueMicrotask()", () => queueMicrotask(() => {})],
  ["process.nextTick()", () => process.nextTick(() => {})],
];

/** All that the guards replace, as it is now. */
const snapshot = (): unknown[] => [
  globalThis.Date,
  ...[
    [Date, "now"],
    [performance, "now"],
    [process, "hrtime"],
    [process, "uptime"],
    [Math, "random"],
    [crypto, "getRandomValues"],
    [crypto, "randomUUID"],
    [AbortSignal, "timeout"],
    [process, "nextTick"],
    ...["Date", "fetch", "WebSocket", "setTimeout", "setInterval", "setImmediate", "queueMicrotask"].map(
      (key) => [globalThis, key],
    ),
  ].map(([owner, key]) => Object.getOwnPropertyDescriptor(owner, key as string)),
];

describe("guarded", () => {
  it.each(reach)("refuses %s and says what to use", (name, body) => {
    expect(() => guarded(body)).toThrow(ImpureError);
    expect(() => guarded(body)).toThrow(`${name} is not available inside a handler: `);
  });

  it("hands on what the body returns or throws", () => {
    expect(guarded(() => 5)).toBe(5);
    expect(() => guarded(() => JSON.parse("{"))).toThrow(SyntaxError);
  });

  it("leaves everything as it was, whatever happens inside", () => {
    const before = snapshot();
    const bodies = [
      ...reach.map(([, body]) => body),
      () => 1,
      () => {
        throw new Error("own");
      },
      () => guarded(() => 1),
    ];
    for (const body of bodies) {
      try {
        guarded(body);
      } catch {
        // most of them throw: what counts is what is left behind
      }
      expect(snapshot()).toEqual(before);
    }
  });

  it("puts a fake clock back, and not the real one over it", () => {
    vi.useFakeTimers({ now: 5_000 });
    const { Date: FakeDate } = globalThis;
    expect(() => guarded(() => Date.now())).toThrow(ImpureError);
    expect(globalThis.Date).toBe(FakeDate);
    expect(Date.now()).toBe(5_000);
  });

  it("allows what depends on its arguments alone", () => {
    const text = guarded(() => {
      const date = new Date(0);
      return `${date.toISOString()} ${date instanceof Date} ${Date.parse("1970-01-02")} ${Date.UTC(1970, 0, 1)} ${Math.max(1, 2)}`;
    });
    expect(text).toBe("1970-01-01T00:00:00.000Z true 86400000 0 2");
  });
});

describe("deepFreeze", () => {
  it("freezes data to its leaves and changes nothing of it", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const copy = structuredClone(value);
        expect(deepFreeze(value)).toBe(value);
        expect(value).toEqual(copy);
        const walk = (part: unknown): void => {
          expect(Object.isFrozen(part)).toBe(true);
          if (typeof part === "object" && part !== null) for (const one of Object.values(part)) walk(one);
        };
        walk(value);
      }),
    );
  });

  it("freezes what stands under __proto__ and no prototype", () => {
    const value = deepFreeze(JSON.parse('{"__proto__":{"a":{}}}'));
    expect(Object.isFrozen(Object.values(value)[0])).toBe(true);
    expect(Object.isFrozen(Object.prototype)).toBe(false);
  });
});
