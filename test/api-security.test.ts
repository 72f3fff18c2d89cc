/** What guards the API on a real socket: the token, TLS, and limits that hold before a request is one. */
import { once } from "node:events";
import { type RequestOptions, request } from "node:https";
import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { connect as connectTls } from "node:tls";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { FakeLog, FakeView, fakeDeps, jsonOf } from "../ui/fake-view.ts";
import { type Listener, listen } from "../ui/listener.ts";
import { type ServerOptions, startServer } from "../ui/server.ts";
import { createCertificate } from "./certificate.ts";
import { runKsp } from "./platform.ts";
import { until } from "./until.ts";

const TOKEN = "0123456789abcdef";
const OWN = { "Content-Type": "application/json", "X-Requested-By": "test" };
const BEARER = { Authorization: `Bearer ${TOKEN}` };
const access = { token: TOKEN, allowedHosts: [] };
const certificate = createCertificate();
afterAll(() => certificate.remove());

const running: Listener[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()));
});

async function start(given: Partial<ServerOptions> = {}): Promise<Listener> {
  const server = await startServer({ ...fakeDeps({}), port: 0, ...given });
  running.push(server);
  return server;
}

async function open(server: Listener): Promise<Socket> {
  const socket = connect(server.port, "127.0.0.1");
  await once(socket, "connect");
  // What was sent before the connection broke is still the answer.
  socket.on("error", () => {});
  return socket;
}

/** Sends a piece and gives all that is answered until the server closes the connection. */
async function answerTo(server: Listener, piece: string): Promise<string> {
  const socket = await open(server);
  const answer = new Promise<string>((resolve) => {
    let got = "";
    socket.on("data", (chunk) => {
      got += chunk;
    });
    socket.once("close", () => resolve(got));
  });
  socket.write(piece);
  return answer;
}

describe("a platform with a token, on every address", () => {
  it("listens where it is told, and is called by the address that was connected to, with the token", async () => {
    const server = await start({ host: "0.0.0.0", access });
    expect(server.url).toBe(`http://127.0.0.1:${server.port}`);
    expect((await fetch(`${server.url}/api/topics`)).status).toBe(401);
    expect((await fetch(`${server.url}/livez`)).status).toBe(200);
    // 127.0.0.2 is another address of this machine.
    expect((await fetch(`http://127.0.0.2:${server.port}/api/topics`, { headers: BEARER })).status).toBe(200);
  });

  it("ends a session's stream when the session ends, and no other", async () => {
    const server = await start({ access });
    const signedIn = async () => {
      const init = { method: "POST", headers: OWN, body: JSON.stringify({ token: TOKEN }) };
      const answer = await fetch(`${server.url}/api/session`, init);
      return { ...OWN, Cookie: answer.headers.get("set-cookie")!.split(";")[0]! };
    };
    const [one, other] = [await signedIn(), await signedIn()];
    const follow = async (headers: Record<string, string>) => {
      const stream = await fetch(`${server.url}/api/stream?stats=1`, { headers });
      const reader = stream.body!.getReader();
      await reader.read();
      return reader;
    };
    const [ending, staying] = [await follow(one), await follow(other)];
    await fetch(`${server.url}/api/session`, { method: "DELETE", headers: one });
    await expect(
      (async () => {
        while (!(await ending.read()).done);
      })(),
    ).rejects.toThrow("terminated");
    expect((await staying.read()).done).toBe(false);
    await staying.cancel();
    expect((await fetch(`${server.url}/api/topics`, { headers: one })).status).toBe(401);
  });

  it("names an address that is not this machine's", async () => {
    await expect(start({ host: "192.0.2.1" })).rejects.toThrow(
      'HTTP_HOST: expected an address of this machine, got "192.0.2.1"',
    );
  });
});

describe("TLS", () => {
  const { cert, key } = certificate;
  const ask = async (server: Listener, path: string, options: RequestOptions = {}) => {
    const asked = request(`https://localhost:${server.port}${path}`, {
      ca: cert,
      agent: false,
      ...options,
    }).end();
    const [response] = await once(asked, "response");
    return { status: response.statusCode as number, body: await text(response) };
  };

  it("serves the API, and its page's requests by https", async () => {
    const server = await start({ access, tls: { cert, key } });
    expect(server.url).toMatch(/^https:\/\/127\.0\.0\.1:/);
    expect((await ask(server, "/api/topics", { headers: BEARER })).status).toBe(200);
    expect((await ask(server, "/api/topics")).status).toBe(401);
    const origin = (scheme: string) => `${scheme}://localhost:${server.port}`;
    const headers = { ...OWN, ...BEARER };
    const path = "/api/functions/analytics-consumer/invoke";
    for (const [scheme, status] of [
      ["https", 400],
      ["http", 403],
    ] as const) {
      const answer = await ask(server, path, {
        method: "POST",
        headers: { ...headers, origin: origin(scheme) },
      });
      expect(answer.status).toBe(status);
    }
  });

  it("opens a session by a cookie for TLS alone, which is taken back", async () => {
    const server = await start({ access, tls: { cert, key } });
    const signIn = request(`https://localhost:${server.port}/api/session`, {
      ...{ ca: cert, agent: false, method: "POST", headers: OWN },
    }).end(JSON.stringify({ token: TOKEN }));
    const [signedIn] = await once(signIn, "response");
    signedIn.resume();
    const Cookie = signedIn.headers["set-cookie"][0].split(";")[0];
    expect(Cookie).toMatch(/^__Host-ksp_session=[\w-]{43}$/);
    expect((await ask(server, "/api/topics", { headers: { Cookie } })).status).toBe(200);
    expect((await ask(server, "/api/topics", { headers: { Cookie: `${Cookie}x` } })).status).toBe(401);
  });

  it("takes no plain HTTP and nothing older than TLS 1.2", async () => {
    const server = await start({ tls: { cert, key } });
    expect(await answerTo(server, "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")).not.toContain("200");
    const old = connectTls({
      port: server.port,
      host: "localhost",
      ca: cert,
      minVersion: "TLSv1",
      maxVersion: "TLSv1.1",
      ciphers: "DEFAULT:@SECLEVEL=0",
    });
    const [error] = await once(old, "error");
    expect(error.code).toMatch(/PROTOCOL|VERSION/);
  });

  it("gives up on a handshake that does not come", async () => {
    const server = await start({ tls: { cert, key }, headersTimeoutMs: 50 });
    expect(await answerTo(server, "\x16")).not.toContain("HTTP");
  });
});

describe("limits", () => {
  it("answers 408 to a body that comes too slowly, and logs no fault", async () => {
    const log = new FakeLog();
    const server = await start({ log, headersTimeoutMs: 50, requestTimeoutMs: 50 });
    const headers = "Host: localhost\r\nContent-Type: application/json\r\nX-Requested-By: test\r\n";
    const path = "/api/functions/analytics-consumer/invoke";
    const answer = await answerTo(server, `POST ${path} HTTP/1.1\r\n${headers}Content-Length: 100\r\n\r\n{`);
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(log.errors).toEqual([]);
  });

  it.each([
    ["a header", `GET /livez HTTP/1.1\r\nHost: localhost\r\nX-A: ${"a".repeat(20_000)}\r\n\r\n`],
    ["a request line", `GET /livez?${"a".repeat(20_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`],
    [
      "the headers together",
      `GET /livez HTTP/1.1\r\nHost: localhost\r\n${"X-A: aaaaaaaaaaa\r\n".repeat(1_500)}\r\n`,
    ],
  ])("answers 431 to %s of more than 16 KiB", async (_what, piece) => {
    expect(await answerTo(await start(), piece)).toMatch(/^HTTP\/1\.1 431 /);
  });
});

describe("connections", () => {
  it("beyond the limit are closed, and there is room again when one has gone", async () => {
    const server = await listen(
      { fetch: () => new Response("served") },
      { port: 0, maxConnections: 2, settings: { host: "HTTP_HOST", port: "HTTP_PORT" }, log: new FakeLog() },
    );
    running.push(server);
    const ask = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
    const served = async (): Promise<Socket> => {
      const socket = await open(server);
      socket.write(ask);
      const [answer] = await once(socket, "data");
      expect(String(answer)).toMatch(/^HTTP\/1\.1 200 /);
      return socket;
    };
    const first = await served();
    await served();
    expect(await answerTo(server, ask)).toBe("");
    first.destroy();
    await until(
      async () => (await answerTo(server, ask.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"))) !== "",
      "room",
    );
    await served();
  });
});

describe("the command line", () => {
  const list = async (args: readonly string[], env: Record<string, string>) => {
    const { code, stdout, stderr } = await runKsp(["topics", "--json", ...args], { env }).ended;
    return { code, stdout, stderr: stderr.join("\n") };
  };

  it("shows the token of its settings, under TLS to an authority that it was told to trust", async () => {
    const { cert, key, certFile, keyFile } = certificate;
    const server = await start({ view: new FakeView(), access, tls: { cert, key } });
    const env = { HTTP_PORT: String(server.port), HTTP_TLS_CERT_FILE: certFile, HTTP_TLS_KEY_FILE: keyFile };
    const trusting = { ...env, NODE_EXTRA_CA_CERTS: certFile };
    const [listed, unknown, refused] = await Promise.all([
      list(["--url"], { ...trusting, HTTP_TOKEN: TOKEN }),
      list(["--url"], { ...env, HTTP_TOKEN: TOKEN }),
      list(["--url"], trusting),
    ]);
    expect(listed).toMatchObject({ code: 0, stderr: "" });
    expect(listed.stdout).toContain("user-events");
    expect(unknown.stderr).toMatch(/is not trusted \(.*NODE_EXTRA_CA_CERTS/);
    expect(refused.stderr).toMatch(/401: expected the platform's token in HTTP_TOKEN or HTTP_TOKEN_FILE/);
    expect([unknown.code, refused.code]).toEqual([1, 1]);
  });
});

describe("a refusal", () => {
  it("has the headers of every answer, and says nothing of what is behind it", async () => {
    const server = await start({ access });
    for (const path of ["/api/topics", "/nope", "/assets/nope.js"]) {
      const { status, headers } = await fetch(server.url + path);
      expect(status).toBe(401);
      expect(headers.get("content-security-policy")).toMatch(/default-src 'self'/);
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("cache-control")).toBe("no-store");
    }
    const problem = await jsonOf(await fetch(`${server.url}/api/topics`));
    expect(problem).toMatchObject({ title: "Unauthorized", status: 401 });
  });
});
