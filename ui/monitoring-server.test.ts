import { describe, expect, it } from "vitest";
import { fakeDeps } from "./fake-view.ts";
import { createMonitoringApp } from "./monitoring-server.ts";

const TOKEN = "a-token-of-sixteen-or-more";
const app = (token: string | null) =>
  createMonitoringApp({ ...fakeDeps({}), access: { token, allowedHosts: [] } });
const status = async (path: string, token: string | null, headers: Record<string, string> = {}) =>
  (await app(token).request(path, { headers })).status;

describe("the monitoring port", () => {
  it.each(["/metrics", "/health", "/livez", "/readyz"])("answers %s", async (path) => {
    expect(await status(path, null)).toBe(200);
  });

  it("has nothing of the API", async () => {
    expect(await status("/api/topics", null)).toBe(404);
  });

  it("asks for the token, but for the probes", async () => {
    expect(await status("/metrics", TOKEN)).toBe(401);
    expect(await status("/health", TOKEN)).toBe(401);
    expect(await status("/livez", TOKEN)).toBe(200);
    expect(await status("/readyz", TOKEN)).toBe(200);
    expect(await status("/metrics", TOKEN, { Authorization: `Bearer ${TOKEN}` })).toBe(200);
  });

  it("refuses other hosts than this machine", async () => {
    expect(await status("/metrics", null, { Host: "evil.example" })).toBe(403);
  });
});
