import { describe, expect, it } from "vitest";
import { type CtxBuffers, createBatchCtx, createTickCtx } from "./ctx.ts";
import { rec } from "./testing.ts";

const buffers = (): CtxBuffers => ({ logs: [], metrics: [] });

describe("ctx.log", () => {
  it("keeps level, message and fields in order", () => {
    const into = buffers();
    const { log } = createTickCtx(0, "s", {}, into);
    log.debug("a");
    log.error("b", { c: [1] });
    expect(into.logs).toEqual([
      { level: "debug", message: "a" },
      { level: "error", message: "b", fields: { c: [1] } },
    ]);
  });

  it("names the record that an entry is about, where it is that record's", () => {
    const into = buffers();
    const ctx = createBatchCtx(0, "s", {}, into, () => []);
    ctx.at(rec(7, {})).log.info("a", { b: 1 });
    ctx.log.info("c");
    expect(into.logs).toEqual([
      { level: "info", message: "a", fields: { b: 1 }, offset: "7" },
      { level: "info", message: "c" },
    ]);
  });

  it("keeps what fields were at the time, as plain data", () => {
    const into = buffers();
    const { log } = createTickCtx(0, "s", {}, into);
    const fields: Record<string, unknown> = { n: 1n, error: new TypeError("no"), f: () => 1, list: [1] };
    log.info("a", fields);
    (fields.list as number[]).push(2);
    fields.self = fields;
    log.info("b", fields);
    expect(into.logs[0]!.fields).toEqual({ n: "1", error: "TypeError: no", list: [1] });
    expect(into.logs[1]!.fields).toEqual({
      unreadable: expect.stringMatching(/^expected plain data, got: .*circular/),
    });
    expect(structuredClone(into)).toEqual(into);
  });
});

describe("ctx.metric", () => {
  it("keeps name, value and labels", () => {
    const into = buffers();
    const { metric } = createTickCtx(0, "s", {}, into);
    metric("a", 1);
    metric("b", -2.5, { c: "d" });
    expect(into.metrics).toEqual([
      { name: "a", value: 1 },
      { name: "b", value: -2.5, labels: { c: "d" } },
    ]);
  });

  it("refuses what would spoil a sum", () => {
    const { metric } = createTickCtx(0, "s", {}, buffers());
    expect(() => metric("a", Number.NaN)).toThrow(
      new TypeError("metric a: expected a finite number, got NaN"),
    );
    expect(() => metric("a", "1" as never)).toThrow("metric a: expected a finite number, got 1");
  });
});

describe("a batch's ctx", () => {
  it("gives chance by offset and says which state keys a record touches", () => {
    const ctx = createBatchCtx(9, "seed", { c: 1 }, buffers(), (record) => [`key of ${record.offset}`]);
    expect(ctx).toMatchObject({ now: 9, config: { c: 1 } });
    expect(ctx.at(rec(4, null)).keys).toEqual(["key of 4"]);
    const { random, uuid } = ctx.at(rec(4, null));
    const again = ctx.at(rec(4, "another value"));
    expect([again.random(), again.uuid()]).toEqual([random(), uuid()]);
    expect(ctx.at(rec(5, null)).random()).not.toBe(ctx.at(rec(4, null)).random());
  });
});
