import { describe, expect, it } from "vitest";
import { createTestLog } from "./testing.ts";
import { writeLogs } from "./write-logs.ts";

describe("writeLogs", () => {
  it("writes what a handler logged, at its level, with where it came from", () => {
    const { log, lines } = createTestLog();
    const logs = [
      { level: "warn", message: "late", fields: { by: 5 } },
      { level: "debug", message: "seen" },
    ] as const;
    writeLogs(log, { logs }, { function: "f", partition: 3 });
    expect(lines).toMatchObject([
      { level: 40, function: "f", partition: 3, by: 5, msg: "late" },
      { level: 20, function: "f", partition: 3, msg: "seen" },
    ]);
  });

  it("names the record that an entry is about", () => {
    const { log, lines } = createTestLog();
    const logs = [{ level: "info", message: "odd", offset: "7" }] as const;
    const where = { function: "f", first_offset: "5", last_offset: "9" };
    writeLogs(log, { logs }, where, (offset) => ({ function: "f", offset, trace_id: "t" }));
    expect(lines).toMatchObject([{ function: "f", offset: "7", trace_id: "t", msg: "odd" }]);
    expect(lines[0]).not.toHaveProperty("first_offset");
  });

  it("lets no field of a handler stand for one that says whose line it is, and tells it all the same", () => {
    const { log, lines } = createTestLog();
    const fields = { function: "g", level: 60, msg: "no", offset: "1", by: 5 };
    writeLogs(log, { logs: [{ level: "info", message: "yes", fields, offset: "7" }] }, {}, (offset) => ({
      function: "f",
      offset,
    }));
    expect(lines).toMatchObject([
      {
        level: 30,
        function: "f",
        offset: "7",
        msg: "yes",
        by: 5,
        fields: { function: "g", level: 60, msg: "no", offset: "1" },
      },
    ]);
  });
});
