import { describe, expect, it } from "vitest";
import { createApp } from "../app.ts";
import { fakeDeps, jsonOf } from "../fake-view.ts";

const TOKEN = "0123456789abcdef";
const OWN = { "Content-Type": "application/json", "X-Requested-By": "test" };
const BEARER = { Authorization: `Bearer ${TOKEN}` };

interface Sent {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  /** The address of the caller. */
  readonly from?: string;
  /** The address that it called. */
  readonly at?: string;
}

function guarded({ readOnly = false, token = TOKEN as string | null } = {}) {
  const deps = fakeDeps({ access: { token, allowedHosts: token === null ? [] : ["ksp.example.com"] } });
  const app = createApp({ ...deps, about: { ...deps.about, readOnly } });
  const send = async (path: string, { from = "10.0.0.1", at = "10.0.0.2", ...init }: Sent = {}) =>
    app.request(path, init, { incoming: { socket: { remoteAddress: from, localAddress: at } } } as never);
  const signIn = (token: string, sent: Sent = {}) =>
    send("/api/session", {
      method: "POST",
      body: JSON.stringify({ token }),
      ...sent,
      headers: { ...OWN, ...sent.headers },
    });
  return { app, send, signIn };
}

interface Operation {
  readonly method: string;
  readonly path: string;
}

/** Every operation of /openapi.json, at a path that could be asked for. */
async function operations(): Promise<Operation[]> {
  const { paths } = await jsonOf(await guarded().send("/openapi.json", { headers: BEARER }));
  return Object.entries<object>(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({
      method: method.toUpperCase(),
      path: path.replace(/\{\w+\}/g, "user-events"),
    })),
  );
}

const FOR_ALL = ["GET /livez", "GET /readyz", "POST /api/session", "DELETE /api/session"];
const name = ({ method, path }: Operation): string => `${method} ${path}`;

describe("where a token is set", () => {
  it("every route needs it, by whatever Host, but for probes and signing in and out", async () => {
    const all = await operations();
    expect(all.length).toBeGreaterThan(25);
    for (const host of ["localhost:8080", "ksp.example.com", "10.0.0.2:8080"]) {
      const { send } = guarded();
      const open: string[] = [];
      for (const operation of [
        ...all,
        { method: "GET", path: "/openapi.json" },
        { method: "GET", path: "/nope" },
      ]) {
        const { method, path } = operation;
        const response = await send(path, { method, headers: { ...OWN, Host: host } });
        if (response.status !== 401) open.push(name(operation));
        else expect(response.headers.get("www-authenticate")).toBe('Bearer realm="ksp"');
      }
      expect(open.sort()).toEqual([...FOR_ALL].sort());
    }
  });

  it("the page's files are for all: they ask for it", async () => {
    const { send } = guarded();
    for (const path of ["/", "/topics/user-events", "/icon.svg"]) expect((await send(path)).status).toBe(200);
    expect((await send("/assets/nope.js")).status).toBe(401);
    expect((await send("/", { method: "POST", headers: OWN })).status).toBe(401);
  });

  it("a probe is told whether Kafka answers, and not why not", async () => {
    const deps = fakeDeps({});
    deps.view.ready = () => ({ status: "unhealthy", reason: "no broker at secret.example:9092" });
    const app = createApp({ ...deps, access: { token: TOKEN, allowedHosts: [] } });
    const response = await app.request("/readyz");
    expect([response.status, await response.text()]).toEqual([503, '{"status":"unhealthy"}']);
  });

  it.each(["Bearer", "bearer", "BEARER"])("%s shows it", async (scheme) => {
    const headers = { Authorization: `${scheme} ${TOKEN}` };
    expect((await guarded().send("/api/topics", { headers })).status).toBe(200);
  });

  it.each([
    `Bearer ${TOKEN.slice(0, -1)}`,
    `Bearer ${TOKEN}x`,
    "Bearer",
    `Bearer ${TOKEN} ${TOKEN}`,
    "Bearer null",
  ])("%j does not", async (Authorization) => {
    const response = await guarded().send("/api/topics", { headers: { Authorization } });
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toBe('Bearer realm="ksp", error="invalid_token"');
    expect(await response.text()).not.toContain(TOKEN.slice(0, -1));
  });

  it.each(["", TOKEN, `Basic ${btoa(`user:${TOKEN}`)}`, `Bearers ${TOKEN}`])(
    "%j is of no scheme of ours: it neither shows it nor is counted as wrong, and a session goes on beside it",
    async (Authorization) => {
      const { send, signIn } = guarded();
      for (let n = 0; n < 20; n++) {
        const response = await send("/api/topics", { headers: { Authorization } });
        expect([response.status, response.headers.get("www-authenticate")]).toEqual([
          401,
          'Bearer realm="ksp"',
        ]);
      }
      const Cookie = (await signIn(TOKEN)).headers.get("set-cookie")!.split(";")[0]!;
      expect((await send("/api/topics", { headers: { Authorization, Cookie } })).status).toBe(200);
    },
  );
});

describe("the Host", () => {
  it.each([
    ["loopback", "localhost:8080", "10.0.0.2"],
    ["an allowed name", "KSP.example.com:443", "10.0.0.2"],
    ["the address that was called", "10.0.0.2:8080", "10.0.0.2"],
    ["the address that was called, from a socket for both families", "10.0.0.2", "::ffff:10.0.0.2"],
    ["the IPv6 address that was called", "[fd00::2]:8080", "fd00::2"],
  ])("may be %s", async (_what, Host, at) => {
    expect((await guarded().send("/api/topics", { at, headers: { Host, ...BEARER } })).status).toBe(200);
  });

  it.each([
    "evil.com",
    "ksp.example.com.evil.com",
    "10.0.0.3",
    "[fd00::3]",
    "ksp.example.com:x",
    "xksp.example.com",
  ])("may not be %s, whoever calls and whatever is asked for", async (Host) => {
    for (const path of ["/", "/livez", "/api/topics"]) {
      const response = await guarded().send(path, { headers: { Host, ...BEARER } });
      expect(response.status).toBe(403);
      expect((await jsonOf(response)).detail).toContain("or a name of HTTP_ALLOWED_HOSTS");
    }
  });

  it("is loopback alone where no token is set, at whatever address it arrives", async () => {
    const { send } = guarded({ token: null });
    expect((await send("/api/topics", { headers: { Host: "10.0.0.2" } })).status).toBe(403);
    expect((await send("/api/topics", { headers: { Host: "127.0.0.1" } })).status).toBe(200);
  });
});

describe("a wrong token", () => {
  const wrong = { headers: { Authorization: "Bearer wrong-wrong-wrong" } };

  it("is looked at ten times a minute from one address, right ones included; others and sessions go on", async () => {
    const { send, signIn } = guarded();
    const Cookie = (await signIn(TOKEN)).headers.get("set-cookie")!.split(";")[0]!;
    for (let n = 0; n < 5; n++) {
      expect((await send("/api/topics", wrong)).status).toBe(401);
      expect((await signIn("wrong-wrong-wrong")).status).toBe(401);
    }
    const response = await send("/api/topics", { headers: BEARER });
    expect(response.status).toBe(429);
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(50);
    expect((await signIn(TOKEN)).status).toBe(429);
    expect((await send("/api/topics", { headers: BEARER, from: "10.0.0.9" })).status).toBe(200);
    expect((await send("/api/topics", { headers: { Cookie } })).status).toBe(200);
  });

  it("is not what who shows none, or a session that has ended, is counted for", async () => {
    const { send } = guarded();
    for (let n = 0; n < 20; n++) {
      expect(
        (await send("/api/topics", { headers: n % 2 ? {} : { Cookie: "ksp_session=gone" } })).status,
      ).toBe(401);
    }
    expect((await send("/api/topics", { headers: BEARER })).status).toBe(200);
  });
});

describe("a session", () => {
  it("is opened by the token, allows what the token allows, and ends by signing out", async () => {
    const { send, signIn } = guarded({});
    const signedIn = await signIn(TOKEN);
    expect(signedIn.status).toBe(204);
    const cookie = signedIn.headers.get("set-cookie")!;
    expect(cookie).toMatch(/^ksp_session=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/);
    expect(cookie).not.toContain(TOKEN);
    const headers = { ...OWN, Cookie: cookie.split(";")[0]! };
    expect((await send("/api/topics", { headers })).status).toBe(200);
    const out = await send("/api/session", { method: "DELETE", headers });
    expect(out.status).toBe(204);
    expect(out.headers.get("set-cookie")).toContain("ksp_session=; Max-Age=0");
    expect((await send("/api/topics", { headers })).status).toBe(401);
  });

  it.each([
    ["our own TLS", "https://localhost/api/session", {}],
    ["that of a proxy", "/api/session", { Host: "ksp.example.com", Origin: "https://ksp.example.com" }],
  ])("under %s is a cookie for TLS alone", async (_what, path, headers) => {
    const { app } = guarded();
    const init = { method: "POST", headers: { ...OWN, ...headers }, body: JSON.stringify({ token: TOKEN }) };
    const response = await app.request(path, init);
    expect(response.headers.get("set-cookie")).toMatch(
      /^__Host-ksp_session=.*Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    );
  });

  it.each([
    ["a wrong token", TOKEN.toUpperCase(), {}, 401],
    ["another site's page", TOKEN, { Origin: "http://evil.com" }, 403],
    ["a form", TOKEN, { "Content-Type": "text/plain" }, 415],
    ["no custom header", TOKEN, { "X-Requested-By": "" }, 403],
  ])("is not opened by %s", async (_what, token, headers, status) => {
    const response = await guarded().signIn(token, { headers });
    expect([response.status, response.headers.get("set-cookie")]).toEqual([status, null]);
  });

  it("is not needed where no token is set, and told so", async () => {
    const response = await guarded({ token: null }).signIn(TOKEN);
    expect([response.status, (await jsonOf(response)).detail]).toEqual([
      409,
      expect.stringContaining("HTTP_TOKEN"),
    ]);
  });
});

describe("read-only", () => {
  it("refuses every operation that is not safe, whoever calls, but for signing in and out", async () => {
    const { send } = guarded({ readOnly: true });
    const all = await operations();
    const changing = all.filter(({ method }) => !["GET", "HEAD"].includes(method));
    expect(changing.length).toBeGreaterThan(5);
    const open: string[] = [];
    for (const operation of changing) {
      const { method, path } = operation;
      const response = await send(path, { method, headers: { ...OWN, ...BEARER }, body: "{}" });
      if (response.status === 403) expect((await jsonOf(response)).detail).toMatch(/^READ_ONLY is set/);
      else open.push(name(operation));
    }
    expect(open.sort()).toEqual(["DELETE /api/session", "POST /api/session"]);
  });
});
