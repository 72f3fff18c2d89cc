/** Browsing and searching over real sockets: the API, and behind it the embedded broker. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CompressionTypes, type Message, Partitioners } from "kafkajs";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type RunningBroker, startBroker } from "../infra/embedded/start.ts";
import { type Browse, createBrowse } from "../runtime/browse.ts";
import { type Cluster, createCluster } from "../runtime/cluster.ts";
import { createKafkaFactory, type KafkaFactory } from "../runtime/kafka.ts";
import { createLogger } from "../runtime/log.ts";
import { FakeView, fakeDeps } from "../ui/fake-view.ts";
import { type ApiServer, startServer } from "../ui/server.ts";

const AT = Date.UTC(2026, 0, 1);
const PARTITIONS = 3;

let dataDir: string;
let broker: RunningBroker;
let kafka: KafkaFactory;
let browse: Browse;
let server: ApiServer;
/** Connections that are open, of those made for requests. */
let open = 0;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "browse-"));
  broker = await startBroker({ port: 0, dataDir });
  kafka = createKafkaFactory(
    { brokers: [`127.0.0.1:${broker.port}`], clientId: "test" },
    await createLogger("silent"),
  );
  browse = createBrowse(countedCluster, () => performance.now());
  const view = Object.assign(new FakeView(), { browse });
  server = await startServer({ ...fakeDeps({ view }), port: 0 });
});

afterAll(async () => {
  await server.stop();
  browse.stop();
  await broker.stop();
  await rm(dataDir, { recursive: true });
});

function countedCluster(): Cluster {
  const cluster = createCluster(kafka("browse"));
  open += 1;
  return {
    ...cluster,
    async disconnect() {
      await cluster.disconnect();
      open -= 1;
    },
  };
}

async function createTopic(topic: string): Promise<void> {
  const admin = kafka("admin").admin();
  await admin.connect();
  await admin.createTopics({
    topics: [{ topic, numPartitions: PARTITIONS, configEntries: [{ name: "retention.ms", value: "-1" }] }],
  });
  await admin.disconnect();
}

async function produce(
  topic: string,
  messages: Message[],
  compression = CompressionTypes.None,
): Promise<void> {
  const producer = kafka("producer").producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  for (let i = 0; i < messages.length; i += 1_000) {
    await producer.send({ topic, messages: messages.slice(i, i + 1_000), compression });
  }
  await producer.disconnect();
}

/** Record `i` of a topic: a second after the one before it, in the next partition. */
const aMessage = (i: number, value: unknown = { i }): Message => ({
  key: `k${i}`,
  partition: i % PARTITIONS,
  timestamp: String(AT + 1_000 * i),
  value: JSON.stringify(value),
  headers: { source: "test" },
});
const numbers = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

const get = (path: string, init?: RequestInit) => fetch(`${server.url}${path}`, init);
interface Page {
  readonly messages: readonly {
    readonly offset: string;
    readonly partition: number;
    readonly value: { i: number };
  }[];
  readonly next_page_token: string | null;
  readonly scanned: number;
  readonly detail: string;
}
const page = async (path: string): Promise<Page> => (await get(path)).json() as Promise<Page>;
const valuesOf = ({ messages }: Page): number[] => messages.map(({ value }) => value.i);

/** The numbers on all pages from `path` on, page by page. */
async function allPages(path: string, between: () => Promise<void> = async () => {}): Promise<number[][]> {
  const pages: number[][] = [];
  let token: string | null = null;
  do {
    const got: Page = await page(token === null ? path : `${path}&page_token=${encodeURIComponent(token)}`);
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
    await createTopic(topic);
    await produce(
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
    expect(valuesOf(await page(`/api/messages/${topic}?${query}`))).toEqual(expected);
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
    await createTopic("growing");
    let written = 30;
    await produce(
      "growing",
      numbers(0, written).map((i) => aMessage(i)),
    );
    const write = async () => {
      if (written >= 60) return;
      await produce(
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
    await createTopic("large");
    const text = "é".repeat(100_000);
    await produce("large", [{ ...aMessage(0, { i: 0, text }), partition: 2 }]);
    const [message] = (await page("/api/messages/large?mode=oldest")).messages as unknown as [
      Record<string, unknown> & { value: string },
    ];
    const whole = JSON.stringify({ i: 0, text });
    expect(message).toMatchObject({ truncated: true, value_size: Buffer.byteLength(whole), key_size: 2 });
    expect(Buffer.byteLength(message.value)).toBe(16_383); // the next character has two bytes
    const record = (await (await get("/api/records/large/2/0")).json()) as Record<string, unknown>;
    expect(record).toMatchObject({
      value: { i: 0, text },
      truncated: false,
      headers_base64: [["source", "dGVzdA=="]],
    });
    expect(Buffer.from(String(record.value_base64), "base64").toString()).toBe(whole);
    expect((await get("/api/records/large/2/1")).status).toBe(404);
    expect((await get("/api/records/large/1/0")).status).toBe(404);
    expect((await get("/api/records/large/9/0")).status).toBe(404);
  });

  it("refuse what does not exist, and tokens of others", async () => {
    const first = await page("/api/messages/growing?mode=oldest&limit=1");
    const foreign = await get(`/api/messages/growing?mode=newest&page_token=${first.next_page_token}`);
    expect(foreign.status).toBe(400);
    expect((await get("/api/messages/nothing?mode=oldest")).status).toBe(404);
    const partition = await get("/api/messages/growing?partitions=7");
    expect(partition.status).toBe(400);
    expect(await partition.json()).toMatchObject({ detail: "partitions: expected some of 0–2, got 7" });
  });
});

interface SearchEvent {
  readonly event: string;
  readonly data: Record<string, unknown>;
}

/** The events of a search as they come. */
async function* search(query: string, signal?: AbortSignal): AsyncGenerator<SearchEvent> {
  const response = await get(`/api/search/${query}`, { ...(signal && { signal }) });
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
    await createTopic("hay");
    await produce(
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
      if (event.event === "progress") await produce("growing", [aMessage(1_000, { i: -1 })]);
      last = event;
    }
    expect(last).toMatchObject({ event: "done", data: { total, scanned: total, matched: 0 } });
  });

  it("stops at the limit, and a page goes on from there", async () => {
    const events: SearchEvent[] = [];
    for await (const event of search("hay?q=hay&mode=oldest&limit=5")) events.push(event);
    const done = events.at(-1)!;
    expect(done.data).toMatchObject({ matched: 5, limit_reached: true, next_page_token: expect.any(String) });
    const next = await page(
      `/api/messages/hay?q=hay&mode=oldest&limit=2&page_token=${done.data.next_page_token}`,
    );
    expect(valuesOf(next)).toEqual([5, 6]);
  });

  it("frees its connection when the client leaves in the middle, and when it is done", async () => {
    const leaving = new AbortController();
    const all = search("hay?filter=value.i%20%3C%200", leaving.signal);
    expect((await all.next()).value).toMatchObject({ event: "progress" });
    expect(open).toBe(1);
    leaving.abort();
    await expect(all.next()).rejects.toThrow();
    await expect.poll(() => open).toBe(0);
  });

  it("runs four at a time and refuses a fifth", async () => {
    const leaving = new AbortController();
    onTestFinished(() => leaving.abort());
    const four = numbers(0, 4).map(() => search("hay?filter=value.i%20%3C%200", leaving.signal));
    await Promise.all(four.map((one) => one.next()));
    const fifth = await get("/api/search/hay?q=x");
    expect(fifth.status).toBe(503);
    expect(fifth.headers.get("retry-after")).toBe("5");
    expect(await fifth.json()).toMatchObject({ detail: expect.stringContaining("at most 4 searches") });
    leaving.abort();
    await expect.poll(() => open).toBe(0);
    for await (const { event } of search("hay?q=planted")) expect(event).not.toBe("problem");
  });

  it("leaves a turn to others while it runs", async () => {
    const events: SearchEvent[] = [];
    let answers = 0;
    let isOver = false;
    const others = (async () => {
      while (!isOver) {
        await get("/livez");
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
    const response = await get("/api/messages/hay/download?filter=value.i%20%25%2020000%20%3D%3D%207");
    const lines = (await response.text()).trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line).value.i)).toEqual([7, 20_007, 40_007]);
    const csv = await get("/api/messages/hay/download?format=csv&limit=50000");
    expect((await csv.text()).split("\r\n")).toHaveLength(50_002);
    await expect.poll(() => open).toBe(0);
  });
});
