import { describe, expect, it } from "vitest";
import type { Invocation } from "./invoke.ts";
import { batchOf, createTestLog, tickOf } from "./testing.ts";
import { writeLogs } from "./write-logs.ts";

describe("writeLogs", () => {
  it("writes what a handler logged, at its level, with where it came from", () => {
    const { log, lines } = createTestLog();
    const logs = [
      { level: "warn", message: "late", fields: { by: 5 } },
      { level: "debug", message: "seen" },
    ] as const;
    writeLogs(log, { function: "f", input: batchOf([], { partition: 3 }), logs } as unknown as Invocation);
    writeLogs(log, {
      function: "p",
      input: tickOf({ seq: 4 }),
      logs: logs.slice(1),
    } as unknown as Invocation);
    expect(lines).toMatchObject([
      { level: 40, function: "f", topic: "numbers", partition: 3, by: 5, msg: "late" },
      { level: 20, function: "f", msg: "seen" },
      { level: 20, function: "p", seq: 4, msg: "seen" },
    ]);
  });
});
