import { describe, expect, it } from "vitest";
import type { SearchEvent } from "../../runtime/browse-view.ts";
import { createApp } from "../app.ts";
import { aRefusal } from "../fake-browse.ts";
import { aRecord, FakeLog, FakeView, fakeDeps, jsonOf } from "../fake-view.ts";

const PATH = "/api/search/user-events?q=x";
const EVENTS = { headers: { Accept: "text/event-stream" } };

const progress = { scanned: 5, total: 10, matched: 1, elapsedMs: 3 };
const done: SearchEvent = {
  kind: "done",
  ...progress,
  limitReached: true,
  nextPageToken: "next",
  filterErrors: null,
};

/** The events of a body: name and data, as an EventSource hands them out. */
function parse(body: string) {
  return body
    .split("\n\n")
    .filter((block) => block !== "")
    .map((block) => {
      const lines = block.split("\n");
      const data = lines.filter((line) => line.startsWith("data: ")).map((line) => line.slice(6));
      return { event: lines[0]!.replace("event: ", ""), text: data.join("\n") };
    });
}

function viewOf(...events: SearchEvent[]): FakeView {
  const view = new FakeView();
  view.browse.events = async function* () {
    yield* events;
  };
  return view;
}

const search = async (view: FakeView, init: RequestInit = {}, log = new FakeLog()) =>
  createApp(fakeDeps({ view, log })).request(PATH, init);

describe("a search", () => {
  it("tells progress, what it finds and its end", async () => {
    const view = viewOf({ kind: "progress", ...progress }, { kind: "record", record: aRecord }, done);
    const response = await search(view);
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    const events = parse(await response.text());
    expect(events.map(({ event }) => event)).toEqual(["progress", "message", "done"]);
    expect(JSON.parse(events[0]!.text)).toEqual({ scanned: 5, total: 10, matched: 1, elapsed_ms: 3 });
    expect(events[1]!.text).toContain('"amount":9007199254740993,"price":1.50}');
    expect(JSON.parse(events[2]!.text)).toEqual({
      scanned: 5,
      total: 10,
      matched: 1,
      elapsed_ms: 3,
      limit_reached: true,
      next_page_token: "next",
      filter_errors: null,
    });
    expect(view.browse.requests).toEqual([expect.objectContaining({ mode: "newest", limit: 50, q: "x" })]);
  });

  it("keeps a value whose JSON has line breaks one event", async () => {
    const valueText = '{\r\n "a":\n 9007199254740993,\r"b": "\\n"}';
    const events = parse(
      await (await search(viewOf({ kind: "record", record: { ...aRecord, valueText } }))).text(),
    );
    expect(events).toHaveLength(1);
    expect(events[0]!.text).toContain("9007199254740993");
    expect(JSON.parse(events[0]!.text).value.b).toBe("\n");
  });

  it("ends with a problem when reading fails", async () => {
    const view = new FakeView();
    view.browse.events = async function* () {
      yield { kind: "progress", ...progress };
      throw aRefusal("Kafka does not give it", { kind: "unavailable" });
    };
    const events = parse(await (await search(view)).text());
    expect(events.map(({ event }) => event)).toEqual(["progress", "problem"]);
    expect(JSON.parse(events[1]!.text)).toMatchObject({ status: 503, detail: "Kafka does not give it" });
  });

  it("logs a fault of its own under the id that the client gets, and tells nothing of it", async () => {
    const view = new FakeView();
    view.browse.events = () => {
      throw new Error("unused");
    };
    view.browse.events = async function* () {
      yield { kind: "progress", ...progress };
      throw new TypeError("secret");
    };
    const log = new FakeLog();
    const problem = JSON.parse(parse(await (await search(view, {}, log)).text())[1]!.text);
    expect(problem.status).toBe(500);
    expect(JSON.stringify(problem)).not.toContain("secret");
    expect(log.errors).toEqual([expect.objectContaining({ requestId: problem.requestId })]);
  });

  it("refuses a bad request with a 400, and an EventSource, which could not read it, with an event", async () => {
    const view = new FakeView();
    view.browse.refusal = aRefusal("regex: expected RE2, got (", { kind: "invalid", parameter: "regex" });
    const plain = await search(view);
    expect(plain.status).toBe(400);
    expect((await jsonOf(plain)).errors).toEqual([{ parameter: "regex", detail: "expected RE2, got (" }]);
    const events = await search(view, EVENTS);
    expect(events.status).toBe(200);
    expect(parse(await events.text())).toEqual([
      { event: "problem", text: expect.stringContaining("regex: expected RE2, got (") },
    ]);
  });

  it("stops when the client leaves, even while nothing is found", async () => {
    const view = new FakeView();
    view.browse.events = async function* () {
      yield { kind: "progress", ...progress };
      await new Promise(() => {});
    };
    const response = await search(view);
    const reader = response.body!.getReader();
    await reader.read();
    await reader.cancel();
    expect(view.browse.signals[0]!.aborted).toBe(true);
  });

  it("ends when the server stops, without calling that a problem", async () => {
    const view = new FakeView();
    const stopping = new AbortController();
    view.browse.events = async function* () {
      const signal = view.browse.signals[0]!;
      yield { kind: "progress", ...progress };
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve));
      throw signal.reason;
    };
    const response = await createApp(fakeDeps({ view, stopping: stopping.signal })).request(PATH);
    const body = response.text();
    stopping.abort();
    expect(parse(await body).map(({ event }) => event)).toEqual(["progress"]);
  });

  it("begins nothing for HEAD", async () => {
    const view = viewOf(done);
    expect((await search(view, { method: "HEAD" })).status).toBe(200);
    expect(view.browse.requests).toEqual([]);
  });
});
