import { describe, expect, it } from "vitest";
import { createApp } from "../app.ts";
import { FakeAdmin } from "../fake-admin.ts";
import { aFunction, FakeView, fakeDeps, jsonOf } from "../fake-view.ts";
import type { About } from "./api.ts";

const HEADERS = { "Content-Type": "application/json", "X-Requested-By": "test" };

const get = async (path: string) => jsonOf(await createApp(fakeDeps({})).request(path));

/** Sends a body (an object, or JSON as text) and gives back what came and what the port was asked. */
async function post(path: string, body: unknown, admin = new FakeAdmin()) {
  const app = createApp(fakeDeps({ admin }));
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const response = await app.request(path, { method: "POST", headers: HEADERS, body: text });
  return { status: response.status, json: await jsonOf(response), asked: admin.requests };
}

describe("one topic", () => {
  it("has its configuration, writers and readers beside what the list says", async () => {
    expect(await get("/api/topics/user-events")).toMatchObject({
      name: "user-events",
      partition_details: [{ size_bytes: 1_000 }, { size_bytes: 24 }],
      config: [{ name: "retention.ms", value: "86400000", is_default: false, is_sensitive: false }],
      producers: ["event-producer"],
      consumers: [{ function: "analytics-consumer", group: "analytics-group" }],
    });
  });

  it("has a schema and a sample", async () => {
    expect(await get("/api/topics/user-events/schema")).toEqual({
      json_schema: { type: "object" },
      sample: { user_id: "user_1000" },
    });
  });

  it.each(["/api/topics/nope", "/api/topics/nope/schema"])("that is not there is a 404: %s", async (path) => {
    expect(await get(path)).toMatchObject({ status: 404, detail: expect.stringContaining("user-events") });
  });
});

describe("producing a record", () => {
  const path = "/api/topics/user-events/records";

  it("hands on the value's text as it was written, and answers where the record is", async () => {
    const value = '{"id":9007199254740993,"price":1.50}';
    const { status, json, asked } = await post(
      path,
      `{"value": ${value}, "key": "k", "timestamp": "2026-11-22T10:00:00.005Z"}`,
    );
    expect(status).toBe(201);
    expect(json).toEqual({ topic: "user-events", partition: 1, offset: "9007199254740994" });
    expect(asked).toEqual([
      {
        topic: "user-events",
        key: "k",
        valueText: value,
        headers: {},
        validate: true,
        timestamp: 1_795_341_600_005,
      },
    ]);
  });

  it("tells a null key from none, and a tombstone from no value", async () => {
    const { asked } = await post(path, { key: null, value: null, validate: false, partition: 0 });
    expect(asked).toEqual([
      { topic: "user-events", key: null, valueText: null, headers: {}, validate: false, partition: 0 },
    ]);
    expect(await post(path, { key: "k" })).toMatchObject({
      status: 400,
      json: { detail: expect.stringContaining("value: expected a value, got none") },
    });
  });

  it.each([
    [{ value: 1, partition: 2 }, "partition: expected 0–1, got 2"],
    [{ value: 1, partition: -1 }, "partition"],
    [{ value: 1, headers: { a: 1 } }, "headers.a"],
    [
      { value: 1, timestamp: "yesterday" },
      'timestamp: expected ms since 1970 or ISO 8601 with a zone, got "yesterday"',
    ],
    [{ value: 1, keys: "k" }, "keys"],
    ["[]", "body"],
    ["{", "body: expected JSON"],
  ])("refuses %j with a 400 that names the part", async (body, detail) => {
    const { status, json, asked } = await post(path, body);
    expect(status).toBe(400);
    expect(json.detail).toContain(detail);
    expect(asked).toEqual([]);
  });

  it("answers 422 with the reason when the schema or Kafka refuses the record", async () => {
    const admin = new FakeAdmin();
    admin.produced = { kind: "refused", reason: "value: user_id: expected string, got nothing" };
    expect(await post(path, { value: {} }, admin)).toMatchObject({
      status: 422,
      json: { detail: "value: user_id: expected string, got nothing" },
    });
  });
});

describe("resetting offsets", () => {
  const path = "/api/groups/analytics-group/reset";

  it.each([
    ["earliest", { kind: "earliest" }],
    ["latest", { kind: "latest" }],
    [{ offset: "9007199254740993" }, { kind: "offset", offset: "9007199254740993" }],
    [{ timestamp: "1970-01-01T00:00:01+00:00" }, { kind: "timestamp", timestamp: 1_000 }],
    [{ timestamp: 5 }, { kind: "timestamp", timestamp: 5 }],
  ])("goes to %j", async (to, target) => {
    const { status, asked } = await post(path, { topic: "user-events", to });
    expect(status).toBe(200);
    expect(asked).toEqual([{ group: "analytics-group", topic: "user-events", to: target, dryRun: false }]);
  });

  it("answers partition by partition, and says whether it was done", async () => {
    const admin = new FakeAdmin();
    admin.reset = {
      kind: "reset",
      partitions: [{ partition: 0, from: null, to: "0", endOffset: "5", lagAfter: 5 }],
    };
    const body = { topic: "user-events", to: "earliest", partitions: [0], dry_run: true };
    const { json, asked } = await post(path, body, admin);
    expect(json).toEqual({
      dry_run: true,
      partitions: [{ partition: 0, from: null, to: "0", end_offset: "5", lag_after: 5 }],
    });
    expect(asked).toMatchObject([{ partitions: [0], dryRun: true }]);
  });

  it("is a 409 that names the members while there are some", async () => {
    const admin = new FakeAdmin();
    admin.reset = { kind: "has_members", state: "Stable", members: ["a (/127.0.0.1)", "b (/127.0.0.1)"] };
    const { status, json } = await post(path, { topic: "user-events", to: "latest" }, admin);
    expect(status).toBe(409);
    expect(json.detail).toContain("got 2 (Stable): a (/127.0.0.1), b (/127.0.0.1)");
  });

  it("is a 404 for an unknown group or topic, a 422 for offsets that do not fit, a 400 for a bad target", async () => {
    const admin = new FakeAdmin();
    admin.reset = { kind: "unknown_group" };
    expect((await post(path, { topic: "user-events", to: "latest" }, admin)).status).toBe(404);
    expect((await post(path, { topic: "nope", to: "latest" })).status).toBe(404);
    admin.reset = { kind: "refused", reasons: ["Expected an offset of 0–5 in partition 0, got 9"] };
    expect(await post(path, { topic: "user-events", to: { offset: "9" } }, admin)).toMatchObject({
      status: 422,
      json: { errors: [{ detail: "Expected an offset of 0–5 in partition 0, got 9" }] },
    });
    const bad = await post(path, { topic: "user-events", to: "first" });
    expect(bad).toMatchObject({ status: 400, asked: [] });
    expect(bad.json.detail).toContain('to: expected "earliest", "latest"');
  });
});

describe("replaying", () => {
  const path = `/api/functions/${aFunction.name}/replay`;

  it.each([
    [{ ids: ["a", "b"] }, { kind: "ids", ids: ["a", "b"] }],
    [{ invocations: [{ id: "x" }] }, { kind: "invocations", invocations: [{ id: "x" }] }],
    [
      { topic: "user-events", partition: 0, offset: "7" },
      { kind: "record", topic: "user-events", partition: 0, offset: "7" },
    ],
  ])("takes %j", async (body, request) => {
    expect(await post(path, body)).toMatchObject({
      status: 200,
      json: { results: [] },
      asked: [{ name: aFunction.name, ...request }],
    });
  });

  it.each([
    [{}, 'expected {"invocations"'],
    [{ ids: [] }, "ids: Too small"],
    [{ ids: ["a"], topic: "t" }, "topic"],
    [{ topic: "t", partition: 0, offset: "-1" }, 'offset: expected an offset as a decimal string, got "-1"'],
    [{ topic: "t", partition: 0, offset: 1 }, '"offset":1'],
  ])("refuses %j and says what it takes", async (body, detail) => {
    const { status, json, asked } = await post(path, body);
    expect(status).toBe(400);
    expect(json.detail).toContain(detail);
    expect(asked).toEqual([]);
  });

  it("answers what cannot be found with 404 and what cannot be run with 422", async () => {
    const admin = new FakeAdmin();
    admin.replayed = { kind: "not_found", reason: "Expected an id of …" };
    expect((await post(path, { ids: ["x"] }, admin)).status).toBe(404);
    admin.replayed = { kind: "refused", reason: "invocations.0: …" };
    expect((await post(path, { ids: ["x"] }, admin)).status).toBe(422);
    expect((await post("/api/functions/nope/replay", { ids: ["x"] })).status).toBe(404);
  });
});

describe("the cluster and the platform", () => {
  it("lists brokers, configuration and log sizes", async () => {
    expect(await get("/api/brokers")).toMatchObject({
      cluster_id: "cluster-1",
      controller_id: 1,
      brokers: [{ id: 1, host: "127.0.0.1", port: 9092, rack: null }],
      config: [{ name: "ssl.key.password", value: null, is_sensitive: true }],
      log_dirs: [{ broker: 1, topic: "user-events", partition: 0, size_bytes: 1_000 }],
      log_dirs_problem: null,
    });
  });

  it("answers 503 at once while Kafka does not answer", async () => {
    const view = new FakeView();
    view.ready = () => ({ status: "unhealthy", reason: "Kafka does not answer: ECONNREFUSED" });
    const response = await createApp(fakeDeps({ view })).request("/api/brokers");
    expect(response.status).toBe(503);
  });

  it("says its version and mode, and describes its topics for other tools", async () => {
    expect(await get("/api/config")).toEqual({
      version: "0.1.0",
      read_only: false,
      started_at: "2026-11-22T10:00:00.005Z",
      embedded: true,
      needs_token: false,
    });
    expect(await get("/asyncapi.json")).toEqual({ asyncapi: "3.0.0" });
  });
});

describe("a read-only platform", () => {
  const about: About = { version: "0.1.0", readOnly: true, startedAt: 0, embedded: true };
  const admin = new FakeAdmin();
  const app = createApp(fakeDeps({ about, admin }));

  it.each([
    "/api/topics/user-events/records",
    "/api/groups/analytics-group/reset",
    `/api/functions/${aFunction.name}/replay`,
    `/api/functions/${aFunction.name}/invoke`,
  ])("refuses POST %s with a 403 that says why", async (path) => {
    const response = await app.request(path, { method: "POST", headers: HEADERS, body: "{}" });
    expect(response.status).toBe(403);
    expect((await jsonOf(response)).detail).toContain("READ_ONLY");
    expect(admin.requests).toEqual([]);
  });

  it("still shows everything", async () => {
    for (const path of ["/api/topics", "/api/topics/user-events", "/api/brokers", "/api/config"]) {
      expect((await app.request(path)).status).toBe(200);
    }
  });
});
