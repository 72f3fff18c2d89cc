import { describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { defineConsumer, eachRecord, emit } from "./define.ts";
import { createJournal } from "./journal.ts";
import { createBatchProcessor } from "./process-until-done.ts";
import { jsonOnly } from "./serde.ts";
import { createPartitionState } from "./state.ts";
import { createStatus, setState } from "./status.ts";
import { createTestLog, load, numbers, rawRecord } from "./testing.ts";

const copying = load(
  defineConsumer({
    description: "",
    topic: numbers,
    group: "g",
    emits: [numbers],
    config: z.object({}),
    handler: eachRecord(({ value }) => ({ emit: [emit(numbers, value)] })),
  }),
);
const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const records = [
  rawRecord(5, { id: "k", n: 1 }, { headers: { traceparent: `00-${TRACE}-00f067aa0ba902b7-01` } }),
];

function start(failures: number) {
  let left = failures;
  const status = createStatus(copying);
  setState(status, "running");
  const { log, lines } = createTestLog();
  const run = createBatchProcessor({
    fn: copying,
    status,
    outputs: {
      async send() {
        if (left-- > 0) throw new Error("no space");
      },
      async stop() {},
    },
    journal: createJournal(),
    shadow: { offer() {} },
    serdeOf: jsonOnly,
    guard: false,
    log,
    tracing: null,
    slowBatchMs: 60_000,
    now: () => 1_000_000,
    newId: () => "id",
  });
  const over = new AbortController();
  const runOn = (partition: number) => run(partition, records, createPartitionState(), over.signal);
  return { run: () => runOn(2), runOn, over, status, lines };
}

describe("a batch", () => {
  it("that fails again and again is told once as an error, and once more when it is done", async () => {
    vi.useFakeTimers();
    const { run, status, lines } = start(3);
    const done = run();
    await vi.runAllTimersAsync();
    await done;
    vi.useRealTimers();
    const where = { function: "f", topic: "numbers", partition: 2, first_offset: "5", last_offset: "5" };
    expect(lines).toMatchObject([
      { level: 50, ...where, trace_id: TRACE, tries: 1, msg: "cannot finish a batch of numbers/2: no space" },
      { level: 20, ...where, tries: 2 },
      { level: 20, ...where, tries: 3 },
      { level: 30, ...where, trace_id: TRACE, tries: 4, msg: "the batch is done at last" },
    ]);
    expect(status).toMatchObject({ state: "running", retries: { send: 0, batch: 3 } });
  });

  it("that goes through at once is no news", async () => {
    const { run, lines } = start(0);
    await run();
    expect(lines).toEqual([]);
  });
});
