/** Searches and downloads of topics on the embedded broker, over real sockets. */
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { aMessage, type BrowsePlatform, numbers, startBrowsePlatform, valuesOf } from "./browse-platform.ts";

let platform: BrowsePlatform;
beforeAll(async () => {
  platform = await startBrowsePlatform();
});
afterAll(() => platform.stop());

interface SearchEvent {
  readonly event: string;
  readonly data: Record<string, unknown>;
}

/** The events of a search as they come. */
async function* search(query: string, signal?: AbortSignal): AsyncGenerator<SearchEvent> {
  const response = await platform.get(`/api/search/${query}`, { ...(signal && { signal }) });
  expect(response.status).toBe(200);
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of response.body!) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    const blocks = text.split("\n\n");
    text = blocks.pop()!;
    for (const block of blocks) {
      const [, event, data] = /^event: (\w+)\ndata: (.*)$/.exec(block)!;
      yield { event: event!, data: JSON.parse(data!) as Record<string, unknown> };
    }
  }
}

describe("search", () => {
  const RECORDS = 60_000;
  beforeAll(async () => {
    await platform.createTopic("hay");
    await platform.createTopic("growing");
    await platform.produce(
      "growing",
      numbers(0, 60).map((i) => aMessage(i)),
    );
    await platform.produce(
      "hay",
      numbers(0, RECORDS).map((i) => aMessage(i, { i, note: i === 45_000 ? "Planted" : "hay" })),
    );
  });

  it.each(["oldest", "newest"])(
    "finds one among many, %s first, and tells how far it has come",
    async (mode) => {
      const events: SearchEvent[] = [];
      for await (const event of search(`hay?q=pLANTED&mode=${mode}`)) events.push(event);
      expect(events[0]).toEqual({
        event: "progress",
        data: { scanned: 0, total: RECORDS, matched: 0, elapsed_ms: expect.any(Number) },
      });
      expect(events.filter(({ event }) => event === "message").map(({ data }) => data.value)).toEqual([
        { i: 45_000, note: "Planted" },
      ]);
      expect(events.at(-1)).toEqual({
        event: "done",
        data: {
          scanned: RECORDS,
          total: RECORDS,
          matched: 1,
          elapsed_ms: expect.any(Number),
          limit_reached: false,
          next_page_token: null,
          filter_errors: null,
        },
      });
    },
  );

  it("ends at the end that it saw, whatever comes in meanwhile", async () => {
    let total: unknown;
    let last: SearchEvent | undefined;
    for await (const event of search("growing?q=nowhere&mode=oldest")) {
      total ??= event.data.total;
      if (event.event === "progress") await platform.produce("growing", [aMessage(1_000, { i: -1 })]);
      last = event;
    }
    expect(last).toMatchObject({ event: "done", data: { total, scanned: total, matched: 0 } });
  });

  it("stops at the limit, and a page goes on from there", async () => {
    const events: SearchEvent[] = [];
    for await (const event of search("hay?q=hay&mode=oldest&limit=5")) events.push(event);
    const done = events.at(-1)!;
    expect(done.data).toMatchObject({ matched: 5, limit_reached: true, next_page_token: expect.any(String) });
    const next = await platform.page(
      `/api/messages/hay?q=hay&mode=oldest&limit=2&page_token=${done.data.next_page_token}`,
    );
    expect(valuesOf(next)).toEqual([5, 6]);
  });

  it("frees its connection when the client leaves in the middle, and when it is done", async () => {
    const leaving = new AbortController();
    const all = search("hay?filter=value.i%20%3C%200", leaving.signal);
    expect((await all.next()).value).toMatchObject({ event: "progress" });
    expect(platform.open()).toBe(1);
    leaving.abort();
    await expect(all.next()).rejects.toThrow();
    await expect.poll(() => platform.open(), { timeout: 10_000 }).toBe(0);
  });

  it("runs four at a time and refuses a fifth", async () => {
    const leaving = new AbortController();
    onTestFinished(() => leaving.abort());
    const four = numbers(0, 4).map(() => search("hay?filter=value.i%20%3C%200", leaving.signal));
    await Promise.all(four.map((one) => one.next()));
    const fifth = await platform.get("/api/search/hay?q=x");
    expect(fifth.status).toBe(503);
    expect(fifth.headers.get("retry-after")).toBe("5");
    expect(await fifth.json()).toMatchObject({ detail: expect.stringContaining("at most 4 searches") });
    leaving.abort();
    await expect.poll(() => platform.open(), { timeout: 10_000 }).toBe(0);
    for await (const { event } of search("hay?q=planted")) expect(event).not.toBe("problem");
  });

  it("leaves a turn to others while it runs", async () => {
    const events: SearchEvent[] = [];
    let answers = 0;
    let isOver = false;
    const others = (async () => {
      while (!isOver) {
        await platform.get("/livez");
        answers += 1;
      }
    })();
    for await (const event of search("hay?filter=value.i%20%3C%200&mode=oldest")) events.push(event);
    isOver = true;
    await others;
    expect(events.at(-1)!.data).toMatchObject({ scanned: RECORDS, matched: 0 });
    // Less than once in 60,000 records would be a search that nobody gets past.
    expect(answers).toBeGreaterThan(5);
  });

  it("downloads what matches", async () => {
    const response = await platform.get(
      "/api/messages/hay/download?filter=value.i%20%25%2020000%20%3D%3D%207",
    );
    const lines = (await response.text()).trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line).value.i)).toEqual([7, 20_007, 40_007]);
    const csv = await platform.get("/api/messages/hay/download?format=csv&limit=50000");
    expect((await csv.text()).split("\r\n")).toHaveLength(50_002);
    await expect.poll(() => platform.open(), { timeout: 10_000 }).toBe(0);
  });
});
