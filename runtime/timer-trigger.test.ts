import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { defineProducer, emit, type Tick } from "./define.ts";
import { createJournal } from "./journal.ts";
import { AbortedError, type OutRecord } from "./lane.ts";
import { RefusedError } from "./outputs.ts";
import { jsonOnly } from "./serde.ts";
import { createStatus } from "./status.ts";
import { createTestLog, load, numbers, settleAll } from "./testing.ts";
import { createTimerTrigger, MAX_CATCH_UP_MS } from "./timer-trigger.ts";

/** A producer on a clock that the test turns, whose outputs are acknowledged when the test says so. */
function start(options: { everyMs?: number; hold?: boolean; startAt?: number; throwAt?: number } = {}) {
  const { everyMs = 1_000, startAt = 10_000 } = options;
  const ticks: Tick[] = [];
  const sends: { records: readonly OutRecord[]; ack(): void; fail(error: Error): void }[] = [];
  let flying = 0;
  const fn = load(
    defineProducer({
      description: "",
      emits: [numbers],
      config: z.object({}),
      everyMs,
      handler(tick: Tick<{ n: number }>, ctx) {
        ticks.push(tick);
        if (tick.seq === options.throwAt) throw new Error("tick");
        const n = (tick.state?.n ?? 0) + 1;
        ctx.metric("made", 1);
        return { emit: [emit(numbers, { id: "k", n }, { h: "x" })], state: { n } };
      },
    }),
  );
  const status = createStatus(fn);
  const { log, lines } = createTestLog();
  let now = startAt;
  const timers = new Set<{ callback: () => void; at: number }>();
  const trigger = createTimerTrigger({
    fn,
    status,
    journal: createJournal(),
    shadow: { offer() {} },
    guard: false,
    serdeOf: jsonOnly,
    log,
    tracing: null,
    instanceId: "i",
    now: () => now,
    newId: () => "id",
    outputs: {
      send(records) {
        flying += 1;
        expect(flying, "ticks that are not over").toBe(1);
        const sent = new Promise<void>((resolve, reject) => {
          sends.push({ records, ack: resolve, fail: reject });
          if (!options.hold) resolve();
        });
        return sent.finally(() => {
          flying -= 1;
        });
      },
      async stop() {},
    },
    schedule(callback, ms) {
      const timer = { callback, at: now + ms };
      timers.add(timer);
      return () => timers.delete(timer);
    },
  });
  /** Turns the clock, firing each timer `lateMs` after it is due. */
  const turn = async (ms: number, lateMs = 0): Promise<void> => {
    const until = now + ms;
    for (;;) {
      const next = [...timers].sort((a, b) => a.at - b.at)[0];
      if (!next || next.at + lateMs > until) break;
      timers.delete(next);
      now = Math.max(now, next.at + lateMs);
      next.callback();
      await settleAll();
    }
    now = until;
  };
  /** The machine's clock is set, or it slept: timers keep their remaining time. */
  const jump = (ms: number): void => {
    now += ms;
    for (const timer of timers) timer.at += ms;
  };
  return { trigger, ticks, sends, status, lines, turn, jump, timers };
}

const due = (ticks: readonly Tick[]): number[] => ticks.map((tick) => tick.scheduledAt);
const elapsed = (ticks: readonly Tick[]): number[] => ticks.map((tick) => tick.elapsedMs);

describe("ticks", () => {
  it("are due at once and then at whole intervals, with state and place handed on", async () => {
    const { trigger, ticks, sends, status, turn } = start();
    trigger.start();
    expect(status.state).toBe("starting");
    await turn(2_500);
    expect(ticks).toEqual(
      [0, 1, 2].map((seq) => ({
        kind: "tick",
        seq,
        scheduledAt: 10_000 + seq * 1_000,
        elapsedMs: 1_000,
        instanceId: "i",
        state: seq === 0 ? null : { n: seq },
      })),
    );
    expect(sends[2]!.records).toEqual([
      {
        topic: "numbers",
        key: "k",
        value: Buffer.from('{"id":"k","n":3}'),
        headers: { h: "x" },
        timestamp: 12_000,
      },
    ]);
    expect(status).toMatchObject({ state: "running", recordsOut: 3, invocations: { ok: 3 } });
    expect(status.metrics.get("made")?.value).toBe(3);
  });

  it("do not drift, however late each timer fires", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 5_000 }),
        fc.double({ min: 0, max: 0.99, noNaN: true }),
        async (everyMs, late) => {
          const { trigger, ticks, turn } = start({ everyMs });
          trigger.start();
          await turn(everyMs * 20.999, Math.floor(everyMs * late));
          expect(due(ticks)).toEqual(due(ticks).map((_, i) => 10_000 + i * everyMs));
          expect(ticks.length).toBeGreaterThanOrEqual(20);
          expect(new Set(elapsed(ticks))).toEqual(new Set([everyMs]));
        },
      ),
      { numRuns: 30 },
    );
  });

  it("wait for the one in flight, one at a time, and those in between are folded into the one that waits", async () => {
    const { trigger, ticks, sends, status, turn } = start({ hold: true });
    trigger.start();
    await turn(4_500);
    expect(ticks).toHaveLength(1);
    expect(status).toMatchObject({
      state: "waiting",
      reason: "its last tick's outputs are not acknowledged yet",
    });
    sends[0]!.ack();
    await settleAll();
    expect([due(ticks), elapsed(ticks), status.state]).toEqual([[10_000, 14_000], [1_000, 4_000], "running"]);
    sends[1]!.ack();
    await turn(1_000);
    expect([due(ticks), elapsed(ticks)]).toEqual([
      [10_000, 14_000, 15_000],
      [1_000, 4_000, 1_000],
    ]);
  });

  it("stand for all the time that has passed, however outages fall", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.integer({ min: 1, max: 4_000 }), fc.constant("ack" as const)), {
          maxLength: 40,
        }),
        async (steps) => {
          const { trigger, ticks, sends, turn } = start({ hold: true });
          trigger.start();
          await turn(0);
          for (const step of steps) {
            if (step === "ack") sends.at(-1)!.ack();
            else await turn(step % 4_000);
            await settleAll();
            const covered = elapsed(ticks).reduce((a, b) => a + b, 0);
            expect(covered).toBe(ticks.at(-1)!.scheduledAt - 9_000);
          }
          expect(ticks.map((tick) => tick.seq)).toEqual(ticks.map((_, i) => i));
        },
      ),
      { numRuns: 60 },
    );
  });

  it("catch up on so much only, and say what was dropped", async () => {
    const { trigger, ticks, sends, lines, turn } = start({ hold: true });
    trigger.start();
    await turn(MAX_CATCH_UP_MS + 30_000);
    sends[0]!.ack();
    await settleAll();
    expect(elapsed(ticks)).toEqual([1_000, MAX_CATCH_UP_MS]);
    expect(lines.map((line) => line.msg)).toEqual([
      "30 s of ticks were dropped: a producer catches up on 60 s at most",
    ]);
  });

  it("may be further apart than what they catch up on", async () => {
    const { trigger, ticks, lines, turn } = start({ everyMs: 3_600_000 });
    trigger.start();
    await turn(2 * 3_600_000);
    expect([elapsed(ticks), lines]).toEqual([[3_600_000, 3_600_000, 3_600_000], []]);
  });

  it("are one for the time that a machine slept, on the old grid", async () => {
    const { trigger, ticks, turn, jump } = start();
    trigger.start();
    await turn(1_500);
    jump(20_000);
    await turn(3_000);
    expect(due(ticks)).toEqual([10_000, 11_000, 12_000, 32_000, 33_000, 34_000]);
    expect(elapsed(ticks).reduce((a, b) => a + b, 0)).toBe(ticks.at(-1)!.scheduledAt - 9_000);
  });

  it("go on when the clock is set back, each for its interval", async () => {
    const { trigger, ticks, lines, turn, jump } = start({ startAt: 10_000_000 });
    trigger.start();
    await turn(2_500);
    jump(-3_600_000);
    await turn(5_000);
    expect(ticks.length).toBeGreaterThanOrEqual(7);
    expect(new Set(elapsed(ticks))).toEqual(new Set([1_000]));
    expect(due(ticks).at(-1)).toBeLessThan(10_000_000 - 3_500_000);
    expect(lines).toEqual([]);
  });
});

describe("a tick that fails", () => {
  it("is told, keeps the state, and the next one is tried", async () => {
    const { trigger, ticks, status, lines, turn } = start({ throwAt: 1 });
    trigger.start();
    await turn(1_000);
    expect(status).toMatchObject({
      state: "failing",
      reason: "Error: tick",
      invocations: { ok: 1, error: 1 },
    });
    expect(lines.at(-1)).toMatchObject({ level: 50, seq: 1, msg: "tick failed: Error: tick" });
    await turn(1_000);
    expect([status.state, ticks[2]!.state]).toEqual(["running", { n: 1 }]);
  });

  it("because Kafka refuses an output is told with what is lost, and the state goes on", async () => {
    const { trigger, ticks, sends, status, lines, turn } = start({ hold: true });
    trigger.start();
    await turn(0);
    sends[0]!.fail(new RefusedError(new Map([[0, "MESSAGE_TOO_LARGE"]])));
    await settleAll();
    expect(status).toMatchObject({ state: "failing", recordsOut: 0 });
    expect(lines.at(-1)).toMatchObject({
      level: 50,
      topic: "numbers",
      msg: "an output was refused and is lost: MESSAGE_TOO_LARGE",
    });
    await turn(1_000);
    expect(ticks[1]!.state).toEqual({ n: 1 });
  });
});

describe("stop", () => {
  it("begins no tick any more and waits for the one at hand", async () => {
    const { trigger, ticks, sends, status, turn, timers } = start({ hold: true });
    trigger.start();
    await turn(2_500); // one in flight, one waits
    let stopped = false;
    const stopping = trigger.stop().then(() => {
      stopped = true;
    });
    await settleAll();
    expect([stopped, timers.size]).toEqual([false, 0]);
    sends[0]!.ack();
    await stopping;
    await turn(10_000);
    expect([ticks.length, status.state]).toEqual([1, "stopped"]);
  });

  it("is over when waiting for the outputs was given up, without blaming the function", async () => {
    const { trigger, sends, status, lines, turn } = start({ hold: true });
    trigger.start();
    await turn(0);
    const stopping = trigger.stop();
    sends[0]!.fail(new AbortedError());
    await stopping;
    expect([status.state, lines]).toEqual(["stopped", []]);
  });
});
