import { describe, expect, it } from "vitest";
import { createApp } from "../app.ts";
import { FakeCommands, fakeDeps, jsonOf } from "../fake-view.ts";

const get = (path: string) => createApp(fakeDeps({})).request(path);
const json = async (path: string) => jsonOf(await get(path));

describe("functions", () => {
  it("lists functions in snake case and leaves the names of their own data alone", async () => {
    const { functions } = await json("/api/functions");
    expect(functions).toHaveLength(1);
    expect(functions[0]).toEqual({
      name: "analytics-consumer",
      kind: "consumer",
      description: "Counts what users do",
      code_hash: "abc123",
      config: { windowMs: 60_000 },
      topic: "user-events",
      group: "analytics-group",
      emits: ["processed-events"],
      status: "running",
      reason: null,
      invocations: { ok: 10, error: 1, invalid: 2 },
      records_in: 100,
      records_out: 50,
      dead_letters: 2,
      retries: 1,
      impure: 0,
      restarts: 0,
      rebalances: 1,
      last_invocation_at: "2026-11-22T10:00:00.005Z",
      last_error: null,
      mean_duration_ms: 1.25,
      metrics: { 'events{type="click"}': 7 },
      state: { durability: "memory", keys: 9 },
      assignment: [0, 1, 2],
      lag: 0,
    });
  });

  it("gives one function, and 404 for an unknown one", async () => {
    expect((await json("/api/functions/analytics-consumer")).name).toBe("analytics-consumer");
    for (const rest of ["", "/sample", "/invocations", "/invocations?follow=true"]) {
      expect((await get(`/api/functions/nope${rest}`)).status).toBe(404);
    }
  });

  it("gives a valid input to start from, as the function sees it", async () => {
    expect(await json("/api/functions/analytics-consumer/sample")).toEqual({
      kind: "batch",
      topic: "user-events",
      partition: 0,
      records: [],
      state: {},
    });
  });
});

describe("invocations", () => {
  const path = "/api/functions/analytics-consumer/invocations";

  it("gives the last ones, oldest first, as a capture has them", async () => {
    const body = await json(path);
    expect(body).toMatchObject({ function: "analytics-consumer", count: 2 });
    expect(body.invocations.map((i: { id: string }) => i.id)).toEqual(["i-1", "i-2"]);
    expect(body.invocations[0]).toHaveProperty("codeHash", "abc123");
  });

  it("keeps the newest where a limit is given", async () => {
    const body = await json(`${path}?limit=1`);
    expect(body.invocations.map((i: { id: string }) => i.id)).toEqual(["i-2"]);
  });

  it.each(["follow=yes", "follow=", "limit=0"])("refuses %s", async (query) => {
    const response = await get(`${path}?${query}`);
    expect(response.status).toBe(400);
    expect((await jsonOf(response)).detail).toContain("expected");
  });
});

describe("invoke", () => {
  const path = "/api/functions/analytics-consumer/invoke";
  const headers = { "Content-Type": "application/json", "X-Requested-By": "test" };
  const tick = { kind: "tick", seq: 1 };

  async function post(
    body: string | Uint8Array | ReadableStream,
    given: Record<string, string> = headers,
    commands = new FakeCommands(),
  ) {
    const request = { method: "POST", headers: given, body, duplex: "half" } as RequestInit;
    const response = await createApp(fakeDeps({ commands })).request(path, request);
    return { status: response.status, body: await jsonOf(response), inputs: commands.inputs };
  }

  it("gives the recorded result", async () => {
    const { status, body, inputs } = await post(JSON.stringify(tick));
    expect(status).toBe(200);
    expect(body).toMatchObject({ id: "i-1", trigger: "http", outcome: { kind: "ok" } });
    expect(inputs).toEqual([tick]);
  });

  it("takes a capture's invocation for its input, but a tick or batch for itself", async () => {
    const captured = await post(JSON.stringify({ id: "i-9", seed: "s", input: tick }));
    expect(captured.inputs).toEqual([tick]);
    const plain = await post(JSON.stringify({ ...tick, input: 1 }));
    expect(plain.inputs).toEqual([{ ...tick, input: 1 }]);
  });

  it("gives a handler's error as a result: the call was made", async () => {
    const commands = new FakeCommands();
    commands.outcome = { kind: "error", error: { name: "TypeError", message: "no" } };
    const { status, body } = await post(JSON.stringify(tick), headers, commands);
    expect(status).toBe(200);
    expect(body.outcome.kind).toBe("error");
  });

  it("answers 422 for an invalid input and says what was expected, by record", async () => {
    const commands = new FakeCommands();
    const records = [{ offset: "7", reason: "amount: expected number" }];
    commands.outcome = { kind: "invalid", message: "1 of 2 records", records };
    const { status, body } = await post(JSON.stringify(tick), headers, commands);
    expect(status).toBe(422);
    expect(body).toMatchObject({
      detail: "input: 1 of 2 records",
      errors: [{ offset: "7", detail: "amount: expected number" }],
    });
  });

  it("keeps __proto__ as data", async () => {
    const { inputs } = await post('{"kind":"batch","state":{"__proto__":{"polluted":true}}}');
    const state = (inputs[0] as { state: object }).state;
    expect(Object.keys(state)).toEqual(["__proto__"]);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it.each([
    ["nothing", ""],
    ["no JSON", "{"],
    ["two documents", "{}{}"],
    ["JSON 100,000 deep", "[".repeat(100_000)],
    ["bytes that are not UTF-8", new Uint8Array([0x22, 0xff, 0x22])],
  ])("answers 400 for %s", async (_what, body) => {
    const result = await post(body);
    expect(result.status).toBe(400);
    expect(result.body.detail).toMatch(/^body: expected /);
    expect(result.inputs).toEqual([]);
  });

  it.each(["text/plain", "application/jsonp", "application/x-www-form-urlencoded"])(
    "answers 415 for %s",
    async (type) => {
      const result = await post(JSON.stringify(tick), { ...headers, "Content-Type": type });
      expect(result.status).toBe(415);
      expect(result.body.detail).toBe(`Content-Type: expected application/json, got "${type}"`);
    },
  );

  it("takes JSON with a charset", async () => {
    const type = "application/json; charset=utf-8";
    expect((await post(JSON.stringify(tick), { ...headers, "Content-Type": type })).status).toBe(200);
  });

  it("answers 413 for a body that says it is too large, without reading it", async () => {
    let read = false;
    const body = new ReadableStream(
      {
        pull() {
          read = true;
        },
      },
      { highWaterMark: 0 },
    );
    const result = await post(body, { ...headers, "Content-Length": String(4 * 1024 * 1024 + 1) });
    expect(result.status).toBe(413);
    expect(read).toBe(false);
  });

  it("answers 413 for a body without a length once it has grown too large", async () => {
    let sent = 0;
    const body = new ReadableStream({
      pull(controller) {
        sent++;
        controller.enqueue(new Uint8Array(1024 * 1024));
        if (sent === 64) controller.close();
      },
    });
    const result = await post(body);
    expect(result.status).toBe(413);
    expect(result.body.detail).toContain("4194304 bytes");
    expect(sent).toBeLessThan(8);
    expect(result.inputs).toEqual([]);
  });
});
