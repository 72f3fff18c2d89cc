import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createApp } from "./app.ts";
import { anEmptyTopic, aRecord, FakeLog, FakeView, fakeDeps, jsonOf } from "./fake-view.ts";

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

const get = (path: string, view = new FakeView(), init?: RequestInit) =>
  createApp(fakeDeps({ view })).request(path, init);
const json = async (path: string, view?: FakeView) => jsonOf(await get(path, view));

/** The problem that a path answers with; fails where it is none. */
async function problem(path: string, view?: FakeView) {
  const response = await get(path, view);
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  const body = await jsonOf(response);
  expect(body).toMatchObject({ type: "about:blank", status: response.status });
  expect(body.requestId).toBe(response.headers.get("x-request-id"));
  return body;
}

describe("health", () => {
  it("answers 200 with every check while all is well", async () => {
    const response = await get("/health");
    expect(response.status).toBe(200);
    expect(await jsonOf(response)).toEqual({
      status: "healthy",
      timestamp: expect.stringMatching(ISO),
      checks: { kafka: { status: "healthy" } },
    });
  });

  it("answers 503 with the reason when a dependency is bad, while the process stays live", async () => {
    const view = new FakeView();
    view.health = () => ({
      status: "unhealthy",
      checks: { kafka: { status: "unhealthy", reason: "refused" } },
    });
    view.ready = () => ({ status: "unhealthy", reason: "refused" });
    const health = await get("/health", view);
    expect(health.status).toBe(503);
    expect((await jsonOf(health)).checks.kafka).toEqual({ status: "unhealthy", reason: "refused" });
    expect((await get("/readyz", view)).status).toBe(503);
    expect((await get("/livez", view)).status).toBe(200);
  });

  it("is ready while Kafka answers", async () => {
    expect(await json("/readyz")).toEqual({ status: "healthy" });
  });
});

describe("topics", () => {
  it("lists topics with counts as numbers and offsets as strings", async () => {
    const { topics, timestamp } = await json("/api/topics");
    expect(timestamp).toMatch(ISO);
    expect(topics[0]).toEqual({
      name: "user-events",
      partitions: 2,
      replication_factor: 1,
      message_count: 7,
      recent_messages: 3,
      total_consumed: 4,
      rate: 0.5,
      defined: true,
      description: "What users do",
      key: "user_id",
      retention_ms: 86_400_000,
      cleanup_policy: "delete",
      size_bytes: 1_024,
      role: "input",
      alerts: false,
      unreadable: null,
      partition_details: [
        {
          partition: 0,
          leader: 1,
          replicas: [1],
          isr: [1],
          start_offset: "0",
          end_offset: "9007199254740994",
          size_bytes: 1_000,
        },
        {
          partition: 1,
          leader: 1,
          replicas: [1],
          isr: [1],
          start_offset: "5",
          end_offset: "6",
          size_bytes: 24,
        },
      ],
    });
  });

  it("sums what the tail has read, and a topic called __proto__ is one like any other", async () => {
    const text = await (await get("/api/stats")).text();
    expect(text).toContain('"__proto__":{"total_consumed":0,"recent_count":0}');
    expect(JSON.parse(text)).toMatchObject({
      total_messages: 4,
      total_topics: 2,
      topics: { "user-events": { total_consumed: 4, recent_count: 3 } },
      last_update: "2026-11-22T10:00:00.005Z",
      timestamp: expect.stringMatching(ISO),
    });
  });

  it("says null for the last update before there was one", async () => {
    const view = new FakeView();
    view.lastUpdate = () => null;
    expect((await json("/api/stats", view)).last_update).toBeNull();
  });
});

describe("records", () => {
  it("gives records oldest first, every number exactly as on the topic", async () => {
    const text = await (await get("/api/messages/user-events")).text();
    expect(text).toContain(`"value":${aRecord.valueText},`);
    expect(JSON.parse(text)).toMatchObject({
      topic: "user-events",
      count: 2,
      timestamp: expect.stringMatching(ISO),
      messages: [
        {
          topic: "user-events",
          partition: 1,
          offset: "9007199254740993",
          timestamp: "2026-11-22T10:00:00.005Z",
          key: "user_1000",
          headers: { source: "test" },
        },
        { offset: "9007199254740994" },
      ],
    });
  });

  it.each([
    ["text that is not JSON as a string", { valueText: 'no "json"\u0000', isJson: false }, 'no "json"\u0000'],
    ["a tombstone as null", { valueText: null, isJson: false }, null],
    ["the JSON text null as null", { valueText: "null", isJson: true }, null],
    ["an empty value as an empty string", { valueText: "", isJson: false }, ""],
  ])("gives %s", async (_what, value, expected) => {
    const view = new FakeView();
    view.latest = async () => ({ ...aRecord, ...value });
    expect((await json("/api/latest/user-events", view)).message.value).toBe(expected);
  });

  it.each([-1, 2 ** 63])("has no timestamp where the record has none that can be shown: %s", async (ms) => {
    const view = new FakeView();
    view.latest = async () => ({ ...aRecord, timestamp: ms });
    expect((await json("/api/latest/user-events", view)).message.timestamp).toBeNull();
  });

  it("says null for the latest record of an empty topic", async () => {
    expect(await json(`/api/latest/${anEmptyTopic.name}`)).toEqual({
      topic: "__proto__",
      timestamp: expect.stringMatching(ISO),
      message: null,
    });
  });

  it.each([
    ["", 50],
    ["?limit=1", 1],
    ["?limit=1000", 1000],
  ])("asks for the limit given: %j is %i", async (query, expected) => {
    const view = new FakeView();
    let asked = 0;
    view.messages = async (_topic, limit) => {
      asked = limit;
      return [];
    };
    expect((await get(`/api/messages/user-events${query}`, view)).status).toBe(200);
    expect(asked).toBe(expected);
  });

  it.each(["-1", "NaN", "1e9", "", "0", "1001", "1.5", "%2B5", "0x10", "1&limit=2"])(
    "refuses limit=%s and names what it expected",
    async (limit) => {
      const body = await problem(`/api/messages/user-events?limit=${limit}`);
      expect(body.status).toBe(400);
      expect(body.detail).toMatch(/^limit: expected .*from 1 to 1000, got /);
      expect(body.errors).toEqual([{ parameter: "limit", detail: expect.any(String) }]);
    },
  );

  it.each(["%2e%2e%2f", "a%00b", "a%20b", "%ff", "%zz", "x".repeat(250), "%3Cimg%20onerror%3E"])(
    "refuses the topic name %s",
    async (name) => {
      for (const noun of ["messages", "latest"]) {
        const body = await problem(`/api/${noun}/${name}`);
        expect(body.status).toBe(400);
        expect(body.detail).toMatch(/^topic: expected a topic name/);
      }
    },
  );

  it("answers 404 for an unknown topic and says which there are", async () => {
    const body = await problem("/api/messages/nope");
    expect(body.status).toBe(404);
    expect(body.detail).toBe('Expected a topic of user-events, __proto__; got "nope"');
    expect((await problem("/api/latest/nope")).status).toBe(404);
  });

  it("answers 404 for a topic that went away meanwhile", async () => {
    const view = new FakeView();
    view.messages = async () => null;
    expect((await problem("/api/messages/user-events", view)).status).toBe(404);
  });

  it("answers 503 rather than 404 as long as Kafka has not said which topics there are", async () => {
    const view = new FakeView();
    view.topics = () => [];
    view.ready = () => ({ status: "unhealthy", reason: "no broker at nohost:9092" });
    const body = await problem("/api/messages/user-events", view);
    expect(body).toMatchObject({ status: 503, detail: "no broker at nohost:9092" });
  });
});

describe("groups", () => {
  it("lists groups and gives one with its members and the lag of each partition", async () => {
    const { groups } = await json("/api/groups");
    const one = await json("/api/groups/analytics-group");
    expect(one).toEqual({ ...groups[0], timestamp: expect.stringMatching(ISO) });
    expect(one).toMatchObject({
      id: "analytics-group",
      state: "Stable",
      lag: 2,
      members: [
        { client_id: "ksp", assignment: [{ topic: "user-events", partitions: [0, 1] }], host: "/127.0.0.1" },
      ],
      partitions: [
        { committed_offset: "9007199254740993", end_offset: "9007199254740994", member_id: "member-1" },
        { committed_offset: null, member_id: null, lag: 1 },
      ],
    });
  });

  it("answers 404 for an unknown group", async () => {
    expect((await problem("/api/groups/%2e%2e%2f")).status).toBe(404);
    expect((await problem("/api/groups/nope")).detail).toContain("analytics-group");
  });
});

describe("errors", () => {
  it("answers 404 for an unknown route", async () => {
    expect(await problem("/api/nope")).toMatchObject({ status: 404, instance: "/api/nope" });
    expect((await problem("/..%2fapp.ts")).status).toBe(404);
  });

  it("tells nothing of an unforeseen failure but the id under which it is logged", async () => {
    const log = new FakeLog();
    const view = new FakeView();
    view.groups = async () => {
      throw new Error("secret at /home/someone");
    };
    const response = await createApp(fakeDeps({ view, log })).request("/api/groups");
    const text = await response.text();
    expect(response.status).toBe(500);
    expect(text).not.toMatch(/secret|someone|\.ts/);
    expect(log.errors).toEqual([
      {
        err: new Error("secret at /home/someone"),
        requestId: JSON.parse(text).requestId,
        path: "/api/groups",
      },
    ]);
  });

  it("answers 503 with the cause for a failure while Kafka is away", async () => {
    const view = new FakeView();
    view.ready = () => ({ status: "unhealthy", reason: "no broker" });
    view.groups = () => Promise.reject(new Error("timeout"));
    expect(await problem("/api/groups", view)).toMatchObject({ status: 503, detail: "no broker" });
  });
});

describe("the page and the documents", () => {
  const PAGES = ["/", "/topics", "/topics/user-events?tab=live", "/functions/a%20b", "/dead-letters"];

  it.each([...PAGES.map((path) => [path, "text/html"] as const), ["/icon.svg", "image/svg+xml"] as const])(
    "serves %s",
    async (path, type) => {
      const response = await get(path);
      expect(response.status).toBe(200);
      expect(response.headers.get("content-type")).toContain(type);
      expect((await response.text()).length).toBeGreaterThan(0);
    },
  );

  it("shows the page to who follows a wrong link, and tells every other client a problem", async () => {
    const html = { headers: { Accept: "text/html,*/*" } };
    const page = await get("/nope", undefined, html);
    expect(page.status).toBe(404);
    expect(page.headers.get("content-type")).toContain("text/html");
    for (const [path, init] of [["/nope"], ["/api/nope", html], ["/assets/nope.js", html]] as const) {
      expect((await get(path, undefined, init)).headers.get("content-type")).toBe("application/problem+json");
    }
  });

  it("has no inline script or style in the page, and sets text as text only", async () => {
    const html = await (await get("/")).text();
    expect(html).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=/i);
    const root = new URL("./web", import.meta.url).pathname;
    const files = (await readdir(root, { recursive: true })).filter((file) => /\.tsx?$/.test(file));
    expect(files).toContain("app.tsx");
    for (const file of files) {
      const source = await readFile(join(root, file), "utf8");
      expect(source, file).not.toMatch(
        /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/i,
      );
    }
  });

  it("describes every route in OpenAPI 3.1", async () => {
    const document = await json("/openapi.json");
    expect(document.openapi).toBe("3.1.0");
    const served = createApp(fakeDeps({}))
      .routes.filter(({ method, path }) => method !== "ALL" && path.startsWith("/api/"))
      .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, "{$1}")}`);
    const described = Object.entries<object>(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(served.length).toBeGreaterThan(20);
    expect(described).toEqual(
      expect.arrayContaining([...served, "GET /health", "GET /livez", "GET /readyz", "GET /asyncapi.json"]),
    );
    for (const { post } of Object.values<{ post?: { parameters: object[] } }>(document.paths)) {
      const header = expect.objectContaining({ in: "header", name: "X-Requested-By" });
      if (post) expect(post.parameters).toContainEqual(header);
    }
  });
});
