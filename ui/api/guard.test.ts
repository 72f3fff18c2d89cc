import { describe, expect, it } from "vitest";
import { createApp } from "../app.ts";
import { FakeCommands, fakeDeps, jsonOf } from "../fake-view.ts";

const OUR_ORIGIN = "http://localhost";
const send = (path: string, headers: Record<string, string>, method = "GET") =>
  createApp(fakeDeps({})).request(path, { method, headers });

describe("host", () => {
  it.each(["localhost", "LOCALHOST:1", "127.0.0.1:8080", "127.9.9.9", "[::1]", "[::1]:8080"])(
    "answers to %s",
    async (host) => {
      expect((await send("/livez", { Host: host })).status).toBe(200);
    },
  );

  it.each([
    "evil.com",
    "localhost.evil.com",
    "evil.com:8080",
    "127.0.0.1.evil.com",
    "10.0.0.1",
    "0.0.0.0",
    "[::2]",
    "localhost:",
    "localhost:1@evil.com",
    " ",
  ])("refuses %j, whatever the route", async (host) => {
    for (const path of ["/", "/livez", "/api/topics", "/nope"]) {
      const response = await send(path, { Host: host });
      expect(response.status).toBe(403);
      expect((await jsonOf(response)).detail).toContain("Host: expected localhost");
    }
  });

  it("refuses a foreign absolute target under a good Host", async () => {
    expect((await send("http://evil.com/livez", { Host: "localhost" })).status).toBe(403);
  });
});

describe("changing requests", () => {
  const path = "/api/functions/analytics-consumer/invoke";
  const good = { "Content-Type": "application/json", "X-Requested-By": "test", Host: "localhost:8080" };

  async function post(headers: Record<string, string>) {
    const commands = new FakeCommands();
    const app = createApp(fakeDeps({ commands }));
    const response = await app.request(path, { method: "POST", headers, body: "{}" });
    return { status: response.status, text: await response.text(), calls: commands.inputs.length };
  }

  it.each([
    {},
    { Origin: "http://localhost:8080" },
    { "Sec-Fetch-Site": "same-origin" },
    { "Sec-Fetch-Site": "none" },
  ])("are taken from our own page or no page: %j", async (headers) => {
    expect(await post({ ...good, ...headers })).toMatchObject({ status: 200, calls: 1 });
  });

  it.each([
    { Origin: "http://evil.com" },
    { Origin: "null" },
    { Origin: "https://localhost:8080" },
    { Origin: "http://localhost:3000" },
    { "Sec-Fetch-Site": "cross-site" },
    { "Sec-Fetch-Site": "same-site" },
    { "X-Requested-By": "" },
  ])("are refused with %j", async (headers) => {
    const { status, text, calls } = await post({ ...good, ...headers });
    expect(status).toBe(403);
    expect(text).toContain(`${Object.keys(headers)[0]}: expected`);
    expect(calls).toBe(0);
  });

  it("are refused on every path and by every method that changes something", async () => {
    for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
      expect((await send("/api/topics", { Origin: "http://evil.com" }, method)).status).toBe(403);
    }
  });
});

describe("methods", () => {
  const own = { "Content-Type": "application/json", "X-Requested-By": "test" };

  it.each([
    ["DELETE", "/api/topics", "GET, HEAD"],
    ["GET", "/api/functions/analytics-consumer/invoke", "POST"],
    ["OPTIONS", "/api/topics", "GET, HEAD"],
    ["POST", "/", "GET, HEAD"],
  ])("%s %s is answered with 405 and what is allowed", async (method, path, allow) => {
    const response = await send(path, own, method);
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe(allow);
    expect((await jsonOf(response)).detail).toBe(`Expected ${allow}, got ${method}`);
  });

  it("leave an unknown thing unknown", async () => {
    expect((await send("/api/messages/nope", {})).status).toBe(404);
  });

  it("HEAD answers as GET does, without a body", async () => {
    for (const path of ["/", "/health", "/api/messages/user-events"]) {
      const response = await send(path, {}, "HEAD");
      expect(response.status).toBe(200);
      expect(await response.text()).toBe("");
    }
  });
});

describe("headers", () => {
  const own = { "Content-Type": "application/json", "X-Requested-By": "test" };

  it.each([
    ["the page", 200, "/"],
    ["a page within it", 200, "/topics/user-events"],
    ["a page that is none", 404, "/nope", { Accept: "text/html" }],
    ["a file", 200, "/icon.svg"],
    ["a file that is none", 404, "/assets/nope.js"],
    ["data", 200, "/api/topics"],
    ["data that is none", 404, "/api/nope"],
    ["a refused parameter", 400, "/api/messages/user-events?limit=x"],
    ["a foreign Host", 403, "/api/topics", { Host: "evil.com" }],
    ["a foreign page", 403, "/api/topics", { "Sec-Fetch-Site": "cross-site" }],
    ["a method that is none", 405, "/api/topics", own, "DELETE"],
    ["a refused body", 415, "/api/functions/analytics-consumer/invoke", { "X-Requested-By": "test" }, "POST"],
    ["a download", 200, "/api/messages/user-events/download"],
    ["a download as CSV", 200, "/api/messages/user-events/download?format=csv"],
    ["a search", 200, "/api/search/user-events?q=x"],
    ["a stream", 200, "/api/stream?stats=1"],
    ["the API's description", 200, "/openapi.json"],
    ["metrics", 200, "/metrics"],
    ["a probe", 200, "/livez"],
  ] as [string, number, string, Record<string, string>?, string?][])(
    "%s (%i) may not be framed, sniffed or given foreign code, nor be read by other sites",
    async (_what, status, path, sent = {}, method = "GET") => {
      const stopping = new AbortController();
      const app = createApp(fakeDeps({ stopping: stopping.signal }));
      const response = await app.request(path, { method, headers: { Origin: OUR_ORIGIN, ...sent } });
      stopping.abort();
      expect(response.status).toBe(status);
      const { headers } = response;
      expect(headers.get("content-security-policy")).toMatch(/default-src 'self';.*frame-ancestors 'none'/);
      expect(headers.get("content-security-policy")).not.toContain("unsafe-inline");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("referrer-policy")).toBe("no-referrer");
      expect(headers.get("cross-origin-resource-policy")).toBe("same-origin");
      expect(headers.get("access-control-allow-origin")).toBeNull();
      expect(headers.get("access-control-allow-credentials")).toBeNull();
      expect(headers.get("strict-transport-security")).toBeNull();
    },
  );
});
