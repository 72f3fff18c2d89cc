import { describe, expect, it } from "vitest";
import type { Invocation } from "./invoke.ts";
import { createTestLog } from "./testing.ts";
import { writeLogs } from "./write-logs.ts";

describe("writeLogs", () => {
  it("writes what a handler logged, at its level, with where it came from", () => {
    const { log, lines } = createTestLog();
    const logs = [
      { level: "warn", message: "late", fields: { by: 5 } },
      { level: "debug", message: "seen" },
    ] as const;
    writeLogs(log, { logs } as unknown as Invocation, { function: "f", partition: 3 });
    expect(lines).toMatchObject([
      { level: 40, function: "f", partition: 3, by: 5, msg: "late" },
      { level: 20, function: "f", partition: 3, msg: "seen" },
    ]);
  });
});
