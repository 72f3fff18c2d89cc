import { describe, expect, it } from "vitest";
import { createKept } from "./kept.ts";

/** A question whose answers are given by hand, and a clock that is set by hand. */
function create() {
  const asked: { resolve(value: string): void; reject(error: Error): void }[] = [];
  const errors: unknown[] = [];
  const clock = { now: 0 };
  const kept = createKept<string>({
    ask: () => new Promise((resolve, reject) => asked.push({ resolve, reject })),
    maxAgeMs: 1_000,
    now: () => clock.now,
    onError: (error) => errors.push(error),
  });
  return { kept, asked, errors, clock };
}

describe("createKept", () => {
  it("asks once for all that wait", async () => {
    const { kept, asked } = create();
    const both = Promise.all([kept.fresh(), kept.fresh()]);
    asked[0]!.resolve("a");
    expect(await both).toEqual(["a", "a"]);
    expect(asked).toHaveLength(1);
  });

  it("gives what it knows while that is young, and asks anew when it is old", async () => {
    const { kept, asked, clock } = create();
    const first = kept.fresh();
    asked[0]!.resolve("a");
    await first;
    clock.now = 1_000;
    expect(await kept.fresh()).toBe("a");
    clock.now = 1_001;
    const second = kept.fresh();
    asked[1]!.resolve("b");
    expect(await second).toBe("b");
  });

  it("lets nobody wait who takes what is known", async () => {
    const { kept, asked, clock } = create();
    expect(kept.known()).toBeNull();
    asked[0]!.resolve("a");
    await kept.fresh();
    clock.now = 5_000;
    expect(kept.known()).toBe("a");
    expect(asked).toHaveLength(2);
    expect(kept.known()).toBe("a");
    expect(asked).toHaveLength(2);
  });

  it("tells of an answer that did not come, keeps the last one, and does not ask again at once", async () => {
    const { kept, asked, errors, clock } = create();
    kept.known();
    const trouble = new Error("no broker");
    const waiting = kept.fresh();
    asked[0]!.reject(trouble);
    await expect(waiting).rejects.toBe(trouble);
    expect(errors).toEqual([trouble]);
    kept.known();
    expect(asked).toHaveLength(1);
    clock.now = 1_001;
    kept.known();
    expect(asked).toHaveLength(2);
  });
});
