import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createApp } from "../app.ts";
import { anInvocation, FakeView, fakeDeps } from "../fake-view.ts";
import { followStream } from "./follow.ts";

const numbered = (n: number) => ({ ...anInvocation, id: `i-${n}` });
const line = (n: number) => `${JSON.stringify(numbered(n))}\n`;

function open(maxBufferedChars?: number) {
  const view = new FakeView();
  const stopping = new AbortController();
  const onEnd = vi.fn();
  const counts = { recorded: 0, dropped: 0 };
  const stream = followStream({
    subscribe: (listener) => view.follow("f", listener),
    stopping: stopping.signal,
    counts,
    onEnd,
    ...(maxBufferedChars !== undefined && { maxBufferedChars }),
  });
  const reader = stream.getReader();
  const read = async () => {
    const { done, value } = await reader.read();
    return done ? null : new TextDecoder().decode(value);
  };
  return { view, stopping, counts, onEnd, reader, read };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("following invocations", () => {
  it("opens with a blank line, then gives each as one line of JSON", async () => {
    const { view, read } = open();
    expect(await read()).toBe("\n");
    view.publish(numbered(1));
    expect(await read()).toBe(line(1));
    view.publish(numbered(2));
    view.publish(numbered(3));
    expect(`${await read()}${await read()}`).toBe(line(2) + line(3));
  });

  it("misses nothing that happens before the first read", async () => {
    const { view, read } = open();
    view.publish(numbered(1));
    expect(`${await read()}${await read()}`).toBe(`\n${line(1)}`);
  });

  it("pings an idle client every 15 s", async () => {
    const { read } = open();
    await read();
    vi.advanceTimersByTime(14_999);
    const ping = read();
    const early = await Promise.race([ping, Promise.resolve("nothing yet")]);
    expect(early).toBe("nothing yet");
    vi.advanceTimersByTime(1);
    expect(await ping).toBe("\n");
  });

  it("keeps the newest for a slow client and says how many it lost", async () => {
    const { view, read } = open(line(1).length * 3);
    for (let n = 1; n <= 9; n++) view.publish(numbered(n));
    expect(await read()).toBe("\n");
    expect(await read()).toBe(`{"dropped":6}\n${line(7)}${line(8)}${line(9)}`);
    view.publish(numbered(10));
    expect(await read()).toBe(line(10));
  });

  it("gives an invocation that is larger than the buffer", async () => {
    const { view, read } = open(10);
    view.publish(numbered(1));
    await read();
    expect(await read()).toBe(line(1));
  });

  it("lets go of everything when the client leaves", async () => {
    const { view, reader, onEnd } = open();
    expect(view.listeners.size).toBe(1);
    await reader.cancel();
    expect(view.listeners.size).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
    expect(onEnd).toHaveBeenCalledTimes(1);
  });

  it("ends after what is buffered when the server stops", async () => {
    const { view, stopping, read, onEnd } = open();
    view.publish(numbered(1));
    stopping.abort();
    view.publish(numbered(2));
    expect(`${await read()}${await read()}`).toBe(`\n${line(1)}`);
    expect(await read()).toBeNull();
    expect(onEnd).toHaveBeenCalledTimes(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("ends at once when the server is stopping already", async () => {
    const view = new FakeView();
    const stream = followStream({
      subscribe: (listener) => view.follow("f", listener),
      stopping: AbortSignal.abort(),
      counts: { recorded: 0, dropped: 0 },
      onEnd: () => {},
    });
    expect(await new Response(stream).text()).toBe("\n");
    expect(view.listeners.size).toBe(0);
  });
});

describe("the route", () => {
  const path = "/api/functions/analytics-consumer/invocations?follow=true";

  it("streams NDJSON to at most 32 clients at a time", async () => {
    const view = new FakeView();
    const app = createApp(fakeDeps({ view }));
    const clients: Response[] = [];
    for (let n = 0; n < 32; n++) clients.push(await app.request(path));
    expect(clients[31]!.headers.get("content-type")).toBe("application/x-ndjson");
    expect(view.listeners.size).toBe(32);
    const refused = await app.request(path);
    expect(refused.status).toBe(503);
    expect(refused.headers.get("retry-after")).toBe("5");
    await clients[0]!.body!.cancel();
    expect((await app.request(path)).status).toBe(200);
  });

  it("follows nothing for HEAD", async () => {
    const view = new FakeView();
    const response = await createApp(fakeDeps({ view })).request(path, { method: "HEAD" });
    expect(response.status).toBe(200);
    expect(view.listeners.size).toBe(0);
  });
});
