import { describe, expect, it } from "vitest";
import { GuessLimit } from "./access/guess-limit.ts";
import { createApp } from "./app.ts";
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

  it("refuses what another site's page asks for, but for the probes", async () => {
    for (const header of [{ Origin: "http://evil.example" }, { "Sec-Fetch-Site": "cross-site" }]) {
      expect(await status("/metrics", null, header)).toBe(403);
      expect(await status("/health", null, header)).toBe(403);
      expect(await status("/livez", null, header)).toBe(200);
    }
  });

  it("counts wrong tokens together with the API", async () => {
    const deps = fakeDeps({ access: { token: TOKEN, allowedHosts: [], limit: new GuessLimit() } });
    const [api, monitoring] = [createApp(deps), createMonitoringApp(deps)];
    const ask = async (asked: typeof api, path: string, token: string) =>
      (await asked.request(path, { headers: { Authorization: `Bearer ${token}` } })).status;
    for (let n = 0; n < 5; n++) {
      expect(await ask(api, "/api/topics", "wrong")).toBe(401);
      expect(await ask(monitoring, "/metrics", "wrong")).toBe(401);
    }
    expect(await ask(api, "/api/topics", TOKEN)).toBe(429);
    expect(await ask(monitoring, "/metrics", TOKEN)).toBe(429);
  });
});
