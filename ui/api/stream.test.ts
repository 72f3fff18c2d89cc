import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { RecordView } from "../../runtime/view.ts";
import { createApp } from "../app.ts";
import { aGroup, anInvocation, aRecord, FakeView, fakeDeps, jsonOf } from "../fake-view.ts";
import { MAX_STREAMS } from "./stream.ts";

/** An event as a browser has it: with the last id that came. */
interface Received {
  readonly event: string;
  readonly id: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into data of every shape
  readonly data: any;
}

const running: AbortController[] = [];
beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(async () => {
  for (const stopping of running.splice(0)) stopping.abort();
  expect(vi.getTimerCount()).toBe(0); // nobody follows, so nothing runs
  vi.useRealTimers();
});

function platform() {
  const view = new FakeView();
  view.stream.at = new Map([
    ["user-events", new Map([[0, 5n]])],
    ["__proto__", new Map([[0, 0n]])],
  ]);
  const stopping = new AbortController();
  running.push(stopping);
  const app = createApp(fakeDeps({ view, stopping: stopping.signal }));
  return { view, stream: view.stream, stopping, app };
}

type App = ReturnType<typeof platform>["app"];

/** A client that reads all at once. */
async function connect(app: App, query: string, headers: Record<string, string> = {}) {
  const response = await app.request(`/api/stream?${query}`, { headers });
  expect(response.status).toBe(200);
  let text = "";
  let ended = false;
  let id = "";
  const leaving = new AbortController();
  const all = new WritableStream<Uint8Array>({
    write: (bytes) => {
      text += new TextDecoder().decode(bytes);
    },
    close: () => {
      ended = true;
    },
  });
  void response.body!.pipeTo(all, { signal: leaving.signal }).catch(() => {}); // that it left is no failure
  /** The text that has come since the last call, after `ms` more. */
  const readText = async (ms = 0): Promise<string> => {
    await vi.advanceTimersByTimeAsync(ms);
    const got = text;
    text = "";
    return got;
  };
  const read = async (ms = 0): Promise<Received[]> =>
    (await readText(ms)).split("\n\n").flatMap((block) => {
      const fields = (name: string) =>
        block
          .split("\n")
          .flatMap((line) => (line.startsWith(`${name}: `) ? [line.slice(name.length + 2)] : []));
      id = fields("id")[0] ?? id;
      const [event] = fields("event");
      return event === undefined ? [] : [{ event, id, data: JSON.parse(fields("data").join("\n")) }];
    });
  return {
    response,
    readText,
    read,
    get ended() {
      return ended;
    },
    leave: async () => {
      leaving.abort();
      await vi.advanceTimersByTimeAsync(0);
    },
  };
}

const record = (offset: number, topic = "user-events"): RecordView => ({
  ...aRecord,
  topic,
  partition: 0,
  offset: String(offset),
});
const records = (from: number, to: number, topic?: string): RecordView[] =>
  Array.from({ length: to - from }, (_, i) => record(from + i, topic));
const offsets = (events: readonly Received[]) =>
  events.filter(({ event }) => event === "message").map(({ data }) => Number(data.offset));
const lost = (events: readonly Received[], reason: string) =>
  events
    .filter(({ event, data }) => event === "dropped" && data.reason === reason)
    .reduce((sum, { data }) => sum + data.count, 0);

describe("messages", () => {
  it("come at once, exactly as on the topic, with the position behind them as id", async () => {
    const { app, stream } = platform();
    const client = await connect(app, "topics=user-events");
    expect(client.response.headers.get("content-type")).toBe("text/event-stream");
    expect(await client.readText()).toBe("retry: 2000\n\nid: user-events/0:5\n\n");
    stream.write("user-events", 0, [record(5)]);
    const text = await client.readText(1);
    expect(text).toContain('"value":{"user_id":"user_1000","amount":9007199254740993,"price":1.50}');
    expect(text).toMatch(
      /^id: user-events\/0:6\nevent: message\ndata: \{"topic":"user-events","partition":0,"offset":"5",/,
    );
  });

  it("are those of the topics asked for; * is all, also of topics that come later", async () => {
    const { app, stream } = platform();
    const one = await connect(app, "topics=user-events");
    const all = await connect(app, "topics=*");
    stream.write("__proto__", 0, [record(0, "__proto__")]);
    stream.write("new", 0, [record(0, "new")]);
    expect(await one.read(200)).toEqual([]);
    const events = await all.read();
    expect(events.map(({ data }) => data.topic)).toEqual(["__proto__", "new"]);
    expect(events[1]!.id).toBe("user-events/0:5,__proto__/0:1,new/0:1");
  });

  it("keep a value of several lines whole", async () => {
    const { app, stream } = platform();
    const client = await connect(app, "topics=user-events");
    stream.write("user-events", 0, [{ ...record(5), valueText: '{\r\n"a": 1,\n\n\r"b": "x"}' }]);
    const [event] = await client.read(1);
    expect(event!.data.value).toEqual({ a: 1, b: "x" });
  });

  it("are at most 100 a second; what is left out is told", async () => {
    const { app, stream } = platform();
    const client = await connect(app, "topics=user-events");
    const events: Received[] = [];
    let written = 5;
    for (let ms = 0; ms < 3_000; ms += 20) {
      stream.write("user-events", 0, records(written, written + 100));
      written += 100;
      events.push(...(await client.read(20)));
    }
    const shown = offsets(events);
    expect(shown.length).toBeGreaterThan(290);
    expect(shown.length).toBeLessThanOrEqual(310);
    expect(shown.at(-1)).toBeGreaterThan(written - 800); // not of long ago
    events.push(...(await client.read(2_000)));
    expect(offsets(events).length + lost(events, "sampled")).toBe(written - 5);
    expect(new Set(offsets(events)).size).toBe(offsets(events).length);
    expect(events.at(-1)!.id).toBe(`user-events/0:${written}`);
  });

  it("of a burst under the limit all come, a few at a time", async () => {
    const { app, stream } = platform();
    const client = await connect(app, "topics=user-events");
    stream.write("user-events", 0, records(5, 85));
    expect(offsets(await client.read(100)).length).toBeLessThanOrEqual(20);
    const rest = await client.read(1_000);
    expect(offsets(rest).at(-1)).toBe(84);
    expect(lost(rest, "sampled")).toBe(0);
  });

  it("that the tail itself could not keep up with are told as left out", async () => {
    const { app, stream } = platform();
    const client = await connect(app, "topics=user-events");
    stream.write("user-events", 0, [record(9_000)], 8_995);
    expect((await client.read(1)).map(({ event, data }) => [event, data.count ?? data.offset])).toEqual([
      ["dropped", 8_995],
      ["message", "9000"],
    ]);
  });

  it("lose the oldest for a client that does not read, which is told, and no other is held up", async () => {
    const { app, stream } = platform();
    const quick = await connect(app, "topics=user-events");
    const slow = await app.request("/api/stream?topics=user-events");
    const seen: Received[] = [];
    for (let n = 5; n < 1_505; n += 5) {
      stream.write("user-events", 0, records(n, n + 5));
      seen.push(...(await quick.read(100)));
    }
    expect(offsets(seen)).toHaveLength(1_500);
    const reader = slow.body!.getReader();
    let text = "";
    while (!text.includes('"offset":"1504"')) text += new TextDecoder().decode((await reader.read()).value);
    const [, count] = /event: dropped\ndata: .*"count":(\d+),"reason":"slow"/.exec(text)!;
    const got = [...text.matchAll(/"offset":"(\d+)"/g)].map(([, offset]) => Number(offset));
    expect(Number(count)).toBeGreaterThan(400);
    expect(got.length + Number(count)).toBe(1_500);
    expect(got.slice(-1_000)).toEqual(Array.from({ length: 1_000 }, (_, i) => 505 + i));
    await reader.cancel();
  });
});

describe("coming back", () => {
  it.each([["the header"], ["the query"]])("with the last id in %s goes on without a gap", async (where) => {
    const { app, stream } = platform();
    const before = await connect(app, "topics=user-events");
    stream.write("user-events", 0, [record(5), record(6)]);
    const first = await before.read(1);
    await before.leave();
    stream.write("user-events", 0, records(7, 300));
    const { id } = first.at(-1)!;
    const after =
      where === "the header"
        ? await connect(app, "topics=user-events", { "Last-Event-ID": id })
        : await connect(app, `topics=user-events&last_event_id=${encodeURIComponent(id)}`);
    stream.write("user-events", 0, records(300, 303));
    const events = await after.read(200);
    expect([...offsets(first), ...offsets(events)]).toEqual(records(5, 303).map((r) => Number(r.offset)));
  });

  it("while records are still being read again, live ones wait behind them", async () => {
    const { app, stream } = platform();
    stream.write("user-events", 0, records(5, 8));
    let answer = (): void => {};
    const { missed } = stream;
    stream.missed = async (...range) => {
      const found = await missed.apply(stream, range);
      await new Promise<void>((resolve) => {
        answer = resolve;
      });
      return found;
    };
    const client = await connect(app, "topics=user-events", { "Last-Event-ID": "user-events/0:6" });
    stream.write("user-events", 0, [record(8)]);
    expect(await client.read(1_000)).toEqual([]);
    answer();
    expect(offsets(await client.read())).toEqual([6, 7, 8]);
  });

  it("after too long gives the newest 1,000 and says what is left out", async () => {
    const { app, stream } = platform();
    stream.write("user-events", 0, records(5, 3_000));
    const client = await connect(app, "topics=user-events", { "Last-Event-ID": "user-events/0:10" });
    const events = await client.read();
    expect(events[0]).toMatchObject({
      event: "dropped",
      data: { topic: "user-events", count: 1_990, reason: "slow" },
    });
    expect(offsets(events)).toEqual(records(2_000, 3_000).map((r) => Number(r.offset)));
  });

  it("waits until Kafka has answered once", async () => {
    const { app, stream } = platform();
    stream.records.set("user-events/0", records(0, 5));
    let answered = (): void => {};
    stream.ready = () =>
      new Promise((resolve) => {
        answered = resolve;
      });
    const client = await connect(app, "topics=user-events&stats=1", { "Last-Event-ID": "user-events/0:3" });
    expect((await client.read()).map(({ event }) => event)).toEqual(["stats"]);
    answered();
    expect(offsets(await client.read())).toEqual([3, 4]);
  });

  it("with an id that is none is refused", async () => {
    const { app } = platform();
    const response = await app.request("/api/stream?topics=*", { headers: { "Last-Event-ID": "x'; drop" } });
    expect(response.status).toBe(400);
    expect((await jsonOf(response)).detail).toMatch(
      /^Last-Event-ID: expected positions such as .*, got "x'; drop"$/,
    );
  });
});

describe("alerts", () => {
  it("are the records of topics whose definition says so, with or without their messages", async () => {
    const { app, stream } = platform();
    stream.alerts = new Set(["user-events"]);
    const alerts = await connect(app, "alerts=1");
    const both = await connect(app, "alerts=1&topics=*");
    stream.write("user-events", 0, [record(5)]);
    stream.write("__proto__", 0, [record(0, "__proto__")]);
    const [alert, ...more] = await alerts.read(1);
    expect(alert).toMatchObject({ event: "alert", id: "user-events/0:6", data: { topic: "user-events" } });
    expect(alert!.data.message.offset).toBe("5");
    expect(more).toEqual([]);
    const events = await both.read();
    expect(events.map(({ event, data }) => `${event} ${data.topic}`)).toEqual([
      "message user-events",
      "alert user-events",
      "message __proto__",
    ]);
  });
});

describe("stats, lag and invocations", () => {
  it("gives stats at once and then every second, computed once for all", async () => {
    const { app, view } = platform();
    const topics = vi.spyOn(view, "topics");
    const clients = [await connect(app, "stats=1"), await connect(app, "stats=1")];
    topics.mockClear();
    await vi.advanceTimersByTimeAsync(3_000);
    expect(topics).toHaveBeenCalledTimes(3);
    for (const client of clients) {
      const events = await client.read();
      expect(events.map(({ event }) => event)).toEqual(["stats", "stats", "stats", "stats"]);
      expect(events[0]!.data).toMatchObject({
        health: "healthy",
        topics: [{ name: "user-events", rate: 0.5, message_count: 7, recent_count: 3 }, {}],
        functions: [
          { name: "analytics-consumer", status: "running", lag: 0, rate_in: 0, invocations: { ok: 10 } },
        ],
        rate_in: 0,
        rate_out: 0,
      });
    }
  });

  it("gives lag at once where it is known, and whenever it is measured", async () => {
    const { app, stream } = platform();
    stream.measured([aGroup]);
    const client = await connect(app, "lag=1");
    stream.measured([{ ...aGroup, lag: 7 }]);
    const events = await client.read();
    expect(events.map(({ data }) => data.groups[0].lag)).toEqual([2, 7]);
    expect(events[0]!.data.groups[0]).toMatchObject({
      id: "analytics-group",
      members: 1,
      lag_seconds: null,
      partitions: [{ partition: 0, lag: 1, lag_seconds: 1.5, committed_offset: "9007199254740993" }, {}],
    });
  });

  it("tells the invocations of the functions asked for in short, at most 100 a second", async () => {
    const { app, stream } = platform();
    const client = await connect(app, "invocations=analytics-consumer");
    const other = { ...anInvocation, function: "other" };
    const rec = { offset: "7", timestamp: 0, streamTimeMs: 0, key: null, headers: {}, value: {} };
    stream.invoked(other);
    stream.invoked({
      ...anInvocation,
      input: {
        kind: "batch",
        topic: "user-events",
        partition: 2,
        records: [rec, { ...rec, offset: "9" }],
        state: {},
      },
      outcome: { kind: "error", error: { name: "TypeError", message: "no" } },
    });
    const [first, ...more] = await client.read(1);
    expect(more).toEqual([]);
    expect(first).toEqual({
      event: "invocation",
      id: "",
      data: {
        id: "i-1",
        function: "analytics-consumer",
        at: "2026-11-22T10:00:00.005Z",
        trigger: "kafka",
        outcome: "error",
        error: "TypeError: no",
        records: 2,
        first_offset: "7",
        last_offset: "9",
        partition: 2,
        emits: 0,
        duration_ms: 0.5,
      },
    });
    for (let n = 0; n < 500; n++) stream.invoked(anInvocation);
    const events = await client.read(2_000);
    const dropped = events.filter(({ event }) => event === "dropped");
    expect(dropped[0]!.data).toMatchObject({
      event: "invocation",
      topic: null,
      function: "analytics-consumer",
    });
    expect(events.length - dropped.length + lost(events, "sampled")).toBe(500);
    expect(lost(events, "sampled")).toBe(400);
  });
});

describe("the connection", () => {
  it("is kept open by a comment every 15 s", async () => {
    const { app } = platform();
    const client = await connect(app, "topics=user-events");
    await client.readText();
    expect(await client.readText(14_999)).toBe("");
    expect(await client.readText(1)).toBe(": ping\n\n");
  });

  it("costs nothing once nobody is there", async () => {
    const { app, stream } = platform();
    const query = "topics=*&alerts=1&stats=1&lag=1&invocations=*";
    const clients = [await connect(app, query), await connect(app, query)];
    const listeners = () => [
      stream.batchListeners.size,
      stream.lagListeners.size,
      stream.invocationListeners.size,
    ];
    expect(listeners()).toEqual([1, 1, 1]);
    for (const client of clients) await client.leave();
    expect(listeners()).toEqual([0, 0, 0]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("ends when the server stops", async () => {
    const { app, stopping } = platform();
    const client = await connect(app, "topics=*&stats=1");
    stopping.abort();
    await client.read();
    expect(client.ended).toBe(true);
  });

  it("opens nothing for HEAD", async () => {
    const { app, stream } = platform();
    const response = await app.request("/api/stream?topics=*", { method: "HEAD" });
    expect(response.status).toBe(200);
    expect(stream.batchListeners.size).toBe(0);
  });

  it.each([
    ["", 400, /at least one of topics, alerts, stats, lag, invocations/],
    ["topics=", 400, /^topics: expected \* or names of topics, separated by commas, got ""/],
    ["topics=a,,b", 400, /^topics: expected/],
    ["topics=user-events,*", 400, /^topics: expected/],
    ["topics=nope", 404, /^Expected a topic of user-events, __proto__; got "nope"/],
    ["topics=nope&invocations=nope", 404, /^Expected a topic of user-events, __proto__; got "nope"/],
    ["invocations=nope", 404, /^Expected a function of analytics-consumer; got "nope"/],
    ["stats=yes", 400, /^stats: expected 0 or 1, got "yes"/],
  ])("is refused for ?%s", async (query, status, detail) => {
    const { app } = platform();
    const response = await app.request(`/api/stream?${query}`);
    expect(response.status).toBe(status);
    expect((await jsonOf(response)).detail).toMatch(detail);
  });

  it.each([
    ["topics=user-events,nope", /^Expected a topic of user-events, __proto__; got "nope"/],
    ["alerts=1&topics=nope", /^Expected a topic of user-events, __proto__; got "nope"/],
    ["lag=1&invocations=nope", /^Expected a function of analytics-consumer; got "nope"/],
  ])("goes on with what is known, and tells what is not, for ?%s", async (query, detail) => {
    const { app } = platform();
    const client = await connect(app, query);
    const [problem, ...rest] = await client.read();
    expect(problem).toMatchObject({ event: "problem", data: { status: 404, title: "Not Found" } });
    expect(problem!.data.detail).toMatch(detail);
    expect(rest).toEqual([]);
  });

  it("gives the records of a topic that was unknown once it exists", async () => {
    const { app, stream } = platform();
    const client = await connect(app, "topics=user-events,later");
    await client.read();
    stream.write("later", 0, [record(0, "later")]);
    expect(offsets(await client.read(1))).toEqual([0]);
  });

  it("is open while Kafka is away, whatever the topic is called", async () => {
    const { app, view } = platform();
    view.ready = () => ({ status: "unhealthy", reason: "refused" });
    const client = await connect(app, "topics=nobody-knows&stats=1");
    expect((await client.read()).map(({ event }) => event)).toEqual(["stats"]);
  });
});

describe("streams at a time", () => {
  it("are limited: one more is told when to come back, and is let in when another has left", async () => {
    const { app } = platform();
    const ask = () => app.request("/api/stream?topics=user-events");
    const all = await Promise.all(Array.from({ length: MAX_STREAMS }, ask));
    expect(all.every(({ status }) => status === 200)).toBe(true);
    const refused = await ask();
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "5"]);
    expect((await jsonOf(refused)).detail).toContain(`Expected at most ${MAX_STREAMS} streams`);
    await all[0]!.body!.cancel();
    expect((await ask()).status).toBe(200);
  });
});
