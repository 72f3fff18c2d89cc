import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AbortedError, createLane, type LaneDeps, type LaneLimits, type OutRecord } from "./lane.ts";

const limits: LaneLimits = {
  lingerMs: 10,
  batchBytes: 1_000,
  batchRecords: 4,
  backoff: { firstMs: 100, mostMs: 1_000 },
};
/** What a record counts for besides its value and key. */
const OVERHEAD = 64;
const record = (name: string, size = 1): OutRecord => ({
  topic: "t",
  key: null,
  value: Buffer.from(name.padEnd(size, ".")),
  headers: {},
  timestamp: 0,
});
const nameOf = ({ value }: OutRecord): string => value!.toString().replace(/\.+$/, "");
const refused = new Error("too large");

/** A lane whose tries to send are recorded and answered by `answer`. */
function start(
  answer: (names: string[], attempt: number) => Promise<void> | void = () => {},
  more: Partial<LaneDeps> = {},
) {
  const tries: string[][] = [];
  const settled: [name: string, error: unknown][] = [];
  const retried: unknown[] = [];
  const aborting = new AbortController();
  const lane = createLane(limits, {
    async send(records) {
      tries.push(records.map(nameOf));
      await answer(records.map(nameOf), tries.length);
    },
    isRefusal: (error) => error === refused,
    onRetry: (error, failures) => retried.push([error, failures]),
    signal: aborting.signal,
    random: () => 1,
    ...more,
  });
  const write = (name: string, size?: number): void =>
    lane.write(record(name, size), (error) => settled.push([name, error]));
  return { write, tries, settled, retried, abort: () => aborting.abort() };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("a lane's batches", () => {
  it("gather for a moment after the first record", async () => {
    const { write, tries, settled } = start();
    write("a");
    await vi.advanceTimersByTimeAsync(9);
    write("b");
    expect(tries).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(tries).toEqual([["a", "b"]]);
    expect(settled).toEqual([
      ["a", null],
      ["b", null],
    ]);
  });

  it("go at once when they are full of records", async () => {
    const { write, tries } = start();
    for (const name of ["a", "b", "c", "d", "e"]) write(name);
    await vi.advanceTimersByTimeAsync(0);
    expect(tries).toEqual([["a", "b", "c", "d"], ["e"]]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("go at once when they are full of bytes", async () => {
    const { write, tries } = start();
    write("a", 600 - OVERHEAD);
    write("b", 400 - OVERHEAD);
    await vi.advanceTimersByTimeAsync(0);
    expect(tries).toEqual([["a", "b"]]);
  });

  it("hold a record that is larger than a batch may be, by itself", async () => {
    const { write, tries } = start();
    write("a");
    write("huge", 5_000);
    write("b");
    await vi.advanceTimersByTimeAsync(10);
    expect(tries).toEqual([["a"], ["huge"], ["b"]]);
  });

  it("do not linger after having waited for the one on its way", async () => {
    let answer = (): void => {};
    const { write, tries } = start(
      () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    );
    write("a");
    await vi.advanceTimersByTimeAsync(10);
    write("b");
    write("c");
    expect(tries).toEqual([["a"]]);
    answer();
    await vi.advanceTimersByTimeAsync(0);
    expect(tries).toEqual([["a"], ["b", "c"]]);
  });
});

describe("a lane's tries", () => {
  it("are repeated with growing waits until Kafka has taken the batch; later records wait", async () => {
    const { write, tries, settled, retried } = start((_, attempt) =>
      attempt <= 3 ? Promise.reject("down") : undefined,
    );
    write("a");
    await vi.advanceTimersByTimeAsync(10);
    write("b");
    await vi.advanceTimersByTimeAsync(100 + 200);
    expect(tries).toEqual([["a"], ["a"], ["a"]]);
    await vi.advanceTimersByTimeAsync(400);
    expect(tries.slice(3)).toEqual([["a"], ["b"]]);
    expect(retried).toEqual([
      ["down", 1],
      ["down", 2],
      ["down", 3],
    ]);
    expect(settled).toEqual([
      ["a", null],
      ["b", null],
    ]);
  });

  it("set only the refused record aside and keep the order of the others", async () => {
    const { write, tries, settled } = start((names) =>
      names.includes("bad") ? Promise.reject(refused) : undefined,
    );
    for (const name of ["a", "bad", "b", "c"]) write(name);
    await vi.advanceTimersByTimeAsync(10);
    expect(settled).toEqual([
      ["a", null],
      ["bad", refused],
      ["b", null],
      ["c", null],
    ]);
    expect(tries).toEqual([["a", "bad", "b", "c"], ["a", "bad"], ["a"], ["bad"], ["b", "c"]]);
  });

  it("end when the signal aborts: what is not acknowledged is rejected, what comes later as well", async () => {
    const { write, tries, settled, abort } = start(() => Promise.reject("down"));
    write("a");
    await vi.advanceTimersByTimeAsync(10);
    write("b");
    abort();
    await vi.advanceTimersByTimeAsync(0);
    write("c");
    await vi.advanceTimersByTimeAsync(10);
    expect(settled).toEqual(["a", "b", "c"].map((name) => [name, expect.any(AbortedError)]));
    expect(tries).toEqual([["a"]]);
  });

  it("are not repeated because of who is told that they have worked", async () => {
    const tries: number[] = [];
    const lane = createLane(limits, {
      send: async (records) => void tries.push(records.length),
      isRefusal: () => false,
      onRetry: () => expect.unreachable(),
      signal: new AbortController().signal,
      random: () => 0,
    });
    const unhandled = vi.fn();
    process.once("unhandledRejection", unhandled);
    lane.write(record("a"), () => {
      throw new Error("a listener's own fault");
    });
    await vi.advanceTimersByTimeAsync(10_000);
    vi.useRealTimers();
    await new Promise((resolve) => setImmediate(resolve));
    expect(tries).toEqual([1]);
    expect(unhandled).toHaveBeenCalledOnce();
  });
});

describe("whatever Kafka answers", () => {
  type Step = { pause: number; size: number; refused: boolean };
  const steps = fc.array(
    fc.record<Step>({
      pause: fc.constantFrom(0, 0, 0, 3, 25),
      size: fc.constantFrom(1, 10, 300, 2_000),
      refused: fc.nat(9).map((n) => n === 0),
    }),
    { maxLength: 40 },
  );

  it("every record settles once, in order, with what is true of it; acknowledged ones stand in order of writing", async () => {
    await fc.assert(
      fc.asyncProperty(
        steps,
        fc.infiniteStream(fc.constantFrom("ok", "ok", "down", "lost reply")),
        async (written, answers) => {
          vi.clearAllTimers();
          const stored: string[] = [];
          const sizes = new Map(written.map((step, i) => [String(i), step.size]));
          const { write, tries, settled } = start((names) => {
            if (names.some((name) => written[Number(name)]!.refused)) return Promise.reject(refused);
            const answer = answers.next().value;
            if (answer !== "down") stored.push(...names);
            return answer === "ok" ? undefined : Promise.reject(answer);
          });
          for (const [i, step] of written.entries()) {
            write(String(i), step.size);
            await vi.advanceTimersByTimeAsync(step.pause);
          }
          await vi.advanceTimersByTimeAsync(3_600_000);

          expect(settled).toEqual(written.map((step, i) => [String(i), step.refused ? refused : null]));
          // At least once, and first copies in order: what is written twice comes twice in the same order.
          const firsts = [...new Set(stored)];
          expect(firsts).toEqual(written.flatMap((step, i) => (step.refused ? [] : [String(i)])));
          for (const names of tries) {
            expect(names.length).toBeLessThanOrEqual(limits.batchRecords);
            const bytes = names.reduce(
              (sum, name) => sum + Math.max(sizes.get(name)!, name.length) + OVERHEAD,
              0,
            );
            if (names.length > 1) expect(bytes).toBeLessThanOrEqual(limits.batchBytes);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
