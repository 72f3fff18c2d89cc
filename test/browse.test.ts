/** Pages of topics on the embedded broker, over real sockets. */
import { CompressionTypes } from "kafkajs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  AT,
  aMessage,
  type BrowsePlatform,
  numbers,
  type Page,
  startBrowsePlatform,
  valuesOf,
} from "./browse-platform.ts";

let platform: BrowsePlatform;
beforeAll(async () => {
  platform = await startBrowsePlatform();
});
afterAll(() => platform.stop());

/** The numbers on all pages from `path` on, page by page. */
async function allPages(path: string, between: () => Promise<void> = async () => {}): Promise<number[][]> {
  const pages: number[][] = [];
  let token: string | null = null;
  do {
    const got: Page = await platform.page(
      token === null ? path : `${path}&page_token=${encodeURIComponent(token)}`,
    );
    pages.push(valuesOf(got));
    token = got.next_page_token;
    await between();
  } while (token !== null);
  return pages;
}

describe.each([
  ["plain", CompressionTypes.None],
  ["gzip", CompressionTypes.GZIP],
])("pages of %s batches", (name, compression) => {
  const topic = `pages-${name}`;
  beforeAll(async () => {
    await platform.createTopic(topic);
    await platform.produce(
      topic,
      numbers(0, 90).map((i) => aMessage(i)),
      compression,
    );
  });

  it.each([
    ["mode=oldest&limit=7", numbers(0, 7)],
    ["mode=newest&limit=7", numbers(83, 90)],
    ["mode=newest&limit=3&partitions=1", [82, 85, 88]],
    ["mode=from_offset&offset=28&limit=4", [84, 85, 86, 87]],
    ["mode=to_offset&offset=1&limit=4", [2, 3, 4, 5]],
    [`mode=from_timestamp&timestamp=${AT + 9_500}&limit=3`, [10, 11, 12]],
    [`mode=to_timestamp&timestamp=${new Date(AT + 10_000).toISOString()}&limit=3`, [8, 9, 10]],
    [`mode=range&from=${AT + 10_000}&until=${AT + 13_000}`, [10, 11, 12, 13]],
    [`mode=range&from=${AT + 1_000_000}`, []],
    ["mode=oldest&filter=value.i%20%25%2030%20%3D%3D%201", [1, 31, 61]],
    ["mode=newest&q=K8&limit=2", [88, 89]],
    ["mode=oldest&regex=%5Ek.5%24&limit=2", [15, 25]],
  ])("?%s", async (query, expected) => {
    expect(valuesOf(await platform.page(`/api/messages/${topic}?${query}`))).toEqual(expected);
  });

  it("have every record once, in the order of time, forth and back", async () => {
    const forth = await allPages(`/api/messages/${topic}?mode=oldest&limit=13`);
    expect(forth.flat()).toEqual(numbers(0, 90));
    const back = await allPages(`/api/messages/${topic}?mode=newest&limit=13`);
    expect(back.reverse().flat()).toEqual(numbers(0, 90));
  });
});

describe("pages", () => {
  it("have every record once while records come in", async () => {
    await platform.createTopic("growing");
    let written = 30;
    await platform.produce(
      "growing",
      numbers(0, written).map((i) => aMessage(i)),
    );
    const write = async () => {
      if (written >= 60) return;
      await platform.produce(
        "growing",
        numbers(written, written + 15).map((i) => aMessage(i)),
      );
      written += 15;
    };
    const forth = await allPages("/api/messages/growing?mode=oldest&limit=20", write);
    expect(forth.flat()).toEqual(numbers(0, 60));
    written = 45; // one more round of writing, of numbers that are there
    const back = await allPages("/api/messages/growing?mode=newest&limit=20", write);
    expect(back.reverse().flat().slice(0, 60)).toEqual(numbers(0, 60));
  });

  it("give large values cut, and the record has the whole", async () => {
    await platform.createTopic("large");
    const text = "é".repeat(100_000);
    await platform.produce("large", [{ ...aMessage(0, { i: 0, text }), partition: 2 }]);
    const [message] = (await platform.page("/api/messages/large?mode=oldest")).messages as unknown as [
      Record<string, unknown> & { value: string },
    ];
    const whole = JSON.stringify({ i: 0, text });
    expect(message).toMatchObject({ truncated: true, value_size: Buffer.byteLength(whole), key_size: 2 });
    expect(Buffer.byteLength(message.value)).toBe(16_383); // the next character has two bytes
    const record = (await (await platform.get("/api/records/large/2/0")).json()) as Record<string, unknown>;
    expect(record).toMatchObject({
      value: { i: 0, text },
      truncated: false,
      headers_base64: [["source", "dGVzdA=="]],
    });
    expect(Buffer.from(String(record.value_base64), "base64").toString()).toBe(whole);
    expect((await platform.get("/api/records/large/2/1")).status).toBe(404);
    expect((await platform.get("/api/records/large/1/0")).status).toBe(404);
    expect((await platform.get("/api/records/large/9/0")).status).toBe(404);
  });

  it("refuse what does not exist, and tokens of others", async () => {
    const first = await platform.page("/api/messages/growing?mode=oldest&limit=1");
    const foreign = await platform.get(
      `/api/messages/growing?mode=newest&page_token=${first.next_page_token}`,
    );
    expect(foreign.status).toBe(400);
    expect((await platform.get("/api/messages/nothing?mode=oldest")).status).toBe(404);
    const partition = await platform.get("/api/messages/growing?partitions=7");
    expect(partition.status).toBe(400);
    expect(await partition.json()).toMatchObject({ detail: "partitions: expected some of 0–2, got 7" });
  });
});
