import { describe, expect, it } from "vitest";
import { createApp } from "../app.ts";
import { aRefusal } from "../fake-browse.ts";
import { aRecord, FakeView, fakeDeps, jsonOf } from "../fake-view.ts";

const get = (path: string, view = new FakeView()) => createApp(fakeDeps({ view })).request(path);

describe("a page of records", () => {
  it("passes every parameter on, times in ms", async () => {
    const view = new FakeView();
    const query = new URLSearchParams({
      mode: "range",
      partitions: "0,2,0",
      offset: "9223372036854775807",
      timestamp: "2026-11-22T11:00:00+01:00",
      from: "1000",
      until: "2026-11-22",
      limit: "7",
      page_token: "abc",
      q: "text",
      regex: "a+",
      filter: "value.a == 1",
    });
    expect((await get(`/api/messages/user-events?${query}`, view)).status).toBe(200);
    expect(view.browse.requests).toEqual([
      {
        topic: "user-events",
        mode: "range",
        partitions: [0, 2],
        offset: "9223372036854775807",
        timestamp: Date.UTC(2026, 10, 22, 10),
        from: 1000,
        until: Date.UTC(2026, 10, 22),
        limit: 7,
        pageToken: "abc",
        q: "text",
        regex: "a+",
        filter: "value.a == 1",
      },
    ]);
  });

  it("is the newest 50 that a filter lets through when nothing else is said", async () => {
    const view = new FakeView();
    await get("/api/messages/user-events?q=x", view);
    expect(view.browse.requests).toEqual([
      expect.objectContaining({ mode: "newest", limit: 50, partitions: null }),
    ]);
  });

  it("answers records with exact numbers, the token, what was scanned and what failed", async () => {
    const view = new FakeView();
    const filterErrors = { count: 2, first: "No such key: a" };
    view.browse.pages = { records: [aRecord], nextPageToken: "next", scanned: 12, filterErrors };
    const text = await (await get("/api/messages/user-events?mode=oldest", view)).text();
    expect(text).toContain('"amount":9007199254740993,"price":1.50}');
    expect(JSON.parse(text)).toEqual({
      topic: "user-events",
      count: 1,
      next_page_token: "next",
      scanned: 12,
      filter_errors: filterErrors,
      timestamp: expect.stringMatching(/Z$/),
      messages: [
        expect.objectContaining({
          offset: "9007199254740993",
          key_size: 9,
          value_size: 61,
          truncated: false,
        }),
      ],
    });
  });

  it("gives a value that was cut as a string, and says so", async () => {
    const view = new FakeView();
    const cut = { ...aRecord, valueText: '{"a":"xx', isJson: false, isCut: true };
    view.browse.pages = { records: [cut], nextPageToken: null, scanned: 1, filterErrors: null };
    const { messages } = await jsonOf(await get("/api/messages/user-events?mode=oldest", view));
    expect(messages[0]).toMatchObject({ value: '{"a":"xx', truncated: true });
  });

  it("comes from the tail, without asking Kafka, when only a limit is given", async () => {
    const view = new FakeView();
    const answer = await jsonOf(await get("/api/messages/user-events?limit=1", view));
    expect(answer).toMatchObject({ count: 1, next_page_token: null, scanned: 1 });
    expect(view.browse.requests).toEqual([]);
  });

  it.each([
    ["mode=latest", "mode", "expected one of newest, oldest, from_offset"],
    ["partitions=0,x", "partitions", "partition numbers with commas"],
    ["partitions=-1", "partitions", "partition numbers with commas"],
    ["mode=from_offset&offset=9223372036854775808", "offset", "2^63−1, got"],
    ["mode=from_offset&offset=-1", "offset", 'got "-1"'],
    ["mode=from_offset&offset=x", "offset", 'got "x"'],
    ["timestamp=yesterday", "timestamp", "ISO 8601"],
    ["timestamp=2026-11-22T10:00:00", "timestamp", "with a time zone"],
    ["from=99999999999999999", "from", "expected one time"],
    ["until=2026-13-45", "until", "expected one time"],
    ["limit=0", "limit", "from 1 to 1000"],
    ["limit=1&limit=2", "limit", "one whole number"],
    ["q=", "q", "expected text"],
    [`regex=${"a".repeat(1_001)}`, "regex", "at most 1000 characters, got 1001"],
  ])("refuses ?%.60s", async (query, parameter, detail) => {
    const view = new FakeView();
    const response = await get(`/api/messages/user-events?${query}`, view);
    expect(response.status).toBe(400);
    expect((await jsonOf(response)).errors).toEqual([{ parameter, detail: expect.stringContaining(detail) }]);
    expect(view.browse.requests).toEqual([]);
  });

  it.each([
    [
      aRefusal("regex: expected RE2, got (", { kind: "invalid", parameter: "regex" }),
      400,
      "regex: expected RE2",
    ],
    [aRefusal("gone", { kind: "missing" }), 404, "Expected a topic of user-events"],
    [aRefusal("at most 16", { kind: "busy" }), 503, "at most 16"],
    [aRefusal("no leader", { kind: "unavailable" }), 503, "no leader"],
    [new Error("secret"), 500, "its log has the details"],
  ])("answers a refusal as a problem: %s", async (refusal, status, detail) => {
    const view = new FakeView();
    view.browse.refusal = refusal;
    const response = await get("/api/messages/user-events?mode=oldest", view);
    expect(response.status).toBe(status);
    expect((await jsonOf(response)).detail).toContain(detail);
  });

  it("names the parameter of a refusal", async () => {
    const view = new FakeView();
    view.browse.refusal = aRefusal("filter: expected CEL: no (at 3)", {
      kind: "invalid",
      parameter: "filter",
    });
    expect((await jsonOf(await get("/api/messages/user-events?filter=x", view))).errors).toEqual([
      { parameter: "filter", detail: "expected CEL: no (at 3)" },
    ]);
  });

  it("stops when the client leaves", async () => {
    const view = new FakeView();
    const leaving = new AbortController();
    await createApp(fakeDeps({ view })).request("/api/messages/user-events?mode=oldest", {
      signal: leaving.signal,
    });
    leaving.abort();
    expect(view.browse.signals[0]!.aborted).toBe(true);
  });
});

describe("one record", () => {
  it("is whole, with its bytes", async () => {
    const view = new FakeView();
    const raw = { offset: "7", key: "aw==", value: "e30=", headers: [["h", "AA=="]] } as const;
    view.browse.whole = { record: aRecord, raw };
    const text = await (await get("/api/records/user-events/1/9007199254740993", view)).text();
    expect(text).toContain(`"value":${aRecord.valueText},`);
    expect(JSON.parse(text)).toMatchObject({
      topic: "user-events",
      partition: 1,
      key_base64: "aw==",
      value_base64: "e30=",
      headers_base64: [["h", "AA=="]],
    });
  });

  it("answers 404 where there is none, and says what there is", async () => {
    const response = await get("/api/records/user-events/1/5");
    expect(response.status).toBe(404);
    expect((await jsonOf(response)).detail).toBe(
      'Expected an offset that partition 1 of "user-events" holds (they begin at 5 and end before 6), got 5',
    );
  });

  it.each(["x/1", "1/x", "-1/1", "1/-1", "1/9223372036854775808"])("refuses %s", async (where) => {
    expect((await get(`/api/records/user-events/${where}`)).status).toBe(400);
  });
});
