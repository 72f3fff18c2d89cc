/** The API on a real socket: what only a socket can do wrong. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { anInvocation, FakeView, fakeDeps, jsonOf } from "../ui/fake-view.ts";
import type { Listener } from "../ui/listener.ts";
import { type ServerOptions, startServer } from "../ui/server.ts";

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
  return socket;
}

/** Everything that the server sends until it closes the connection. */
async function readAll(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  // What was sent before the connection broke is still the answer.
  socket.on("error", () => {});
  await new Promise((resolve) => socket.once("close", resolve));
  return Buffer.concat(chunks).toString();
}

async function sendRaw(server: Listener, request: string): Promise<string> {
  const socket = await open(server);
  const answer = readAll(socket);
  socket.write(request);
  return answer;
}

const INVOKE = "/api/functions/analytics-consumer/invoke";
const FOLLOW = "/api/functions/analytics-consumer/invocations?follow=true";
const HEADERS = "Host: localhost\r\nContent-Type: application/json\r\nX-Requested-By: test\r\n";

describe("bad requests", () => {
  it("cuts an endless chunked body off with 413", async () => {
    const server = await start();
    const socket = await open(server);
    const answer = readAll(socket);
    socket.write(`POST ${INVOKE} HTTP/1.1\r\n${HEADERS}Transfer-Encoding: chunked\r\n\r\n`);
    const chunk = `10000\r\n${" ".repeat(0x10000)}\r\n`;
    let sent = 0;
    const pump = (): void => {
      while (!socket.destroyed && socket.writable) {
        sent += chunk.length;
        if (!socket.write(chunk)) return void socket.once("drain", pump);
      }
    };
    pump();
    expect(await answer).toMatch(/^HTTP\/1\.1 413 [\s\S]*application\/problem\+json[\s\S]*4194304 bytes/);
    expect(sent).toBeLessThan(256 * 1024 * 1024);
  });

  it("refuses a request with both Content-Length and Transfer-Encoding", async () => {
    const server = await start();
    const answer = await sendRaw(
      server,
      `POST ${INVOKE} HTTP/1.1\r\n${HEADERS}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  });

  it("answers 408 to headers that come too slowly", async () => {
    const server = await start({ headersTimeoutMs: 50 });
    expect(await sendRaw(server, "GET /livez HTTP/1.1\r\nHost: local")).toMatch(/^HTTP\/1\.1 408 /);
  });

  it.each([
    ["a NUL in a header", "GET /livez HTTP/1.1\r\nHost: localhost\r\nX-A: a\0b\r\nConnection: close\r\n\r\n"],
    ["no Host", "GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n"],
    ["a Host that is none", "GET /livez HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n"],
    ["a target with a NUL", "GET /\0 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"],
    ["what is no HTTP", "\x16\x03\x01\x02\x00\x01\x00\r\n\r\n"],
  ])("answers 400 to %s", async (_what, request) => {
    expect(await sendRaw(await start(), request)).toMatch(/^HTTP\/1\.1 400 /);
  });

  it("refuses a foreign Host and two of them", async () => {
    const server = await start();
    const foreign = "GET /livez HTTP/1.1\r\nHost: evil.com\r\nConnection: close\r\n\r\n";
    expect(await sendRaw(server, foreign)).toMatch(/^HTTP\/1\.1 403 /);
    const two = "GET /livez HTTP/1.1\r\nHost: localhost\r\nHost: evil.com\r\nConnection: close\r\n\r\n";
    expect(await sendRaw(server, two)).toMatch(/^HTTP\/1\.1 40[03] /);
  });

  it("finds no file outside of the page's", async () => {
    const server = await start();
    for (const path of [
      "/../server.ts",
      "/%2e%2e/server.ts",
      "/..%2fserver.ts",
      "//etc/passwd",
      "/fake-view.ts",
    ]) {
      const answer = await sendRaw(
        server,
        `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
      );
      expect(answer).toMatch(/^HTTP\/1\.1 40[04] /);
    }
  });
});

describe("a good request", () => {
  it("is answered over keep-alive, with a body where it has one", async () => {
    const server = await start();
    expect(await jsonOf(await fetch(`${server.url}/readyz`))).toEqual({ status: "healthy" });
    const invoked = await fetch(server.url + INVOKE, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Requested-By": "test" },
      body: JSON.stringify({ kind: "tick", padding: "x".repeat(1_000_000) }),
    });
    expect(invoked.status).toBe(200);
    expect((await fetch(`${server.url}/`)).headers.get("content-type")).toContain("text/html");
  });
});

describe("following", () => {
  it("gives invocations as they happen and lets go when the client leaves", async () => {
    const view = new FakeView();
    const released = new Promise<void>((resolve) => {
      view.follow = (_name, listener) => {
        view.listeners.add(listener);
        return resolve;
      };
    });
    const server = await start({ view });
    const leaving = new AbortController();
    const response = await fetch(server.url + FOLLOW, { signal: leaving.signal });
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader.read()).value).toBe("\n");
    view.publish(anInvocation);
    expect(JSON.parse((await reader.read()).value!)).toEqual(anInvocation);
    leaving.abort();
    await released;
  });

  it("stops with a follower that reads: it gets a clean end", async () => {
    const view = new FakeView();
    const server = await start({ view });
    const response = await fetch(server.url + FOLLOW);
    view.publish(anInvocation);
    await server.stop();
    expect((await response.text()).trim()).toBe(JSON.stringify(anInvocation));
    expect(view.listeners.size).toBe(0);
  });

  it("stops with a follower that does not read", async () => {
    const view = new FakeView();
    const server = await start({ view });
    const socket = await open(server);
    socket.write(`GET ${FOLLOW} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    await once(socket, "readable");
    const large = { ...anInvocation, seed: "x".repeat(1_000_000) };
    for (let n = 0; n < 100; n++) view.publish(large);
    await server.stop();
    expect(view.listeners.size).toBe(0);
    socket.destroy();
  });
});

describe("starting and stopping", () => {
  it("names a busy port and what to do", async () => {
    const { port } = await start();
    await expect(start({ port })).rejects.toThrow(
      `HTTP port ${port} on 127.0.0.1 is in use: stop what listens there, or set HTTP_PORT to another`,
    );
  });

  it("stops once, however often it is asked, and frees its port", async () => {
    const server = await start();
    await Promise.all([server.stop(), server.stop()]);
    await start({ port: server.port });
  });
});
