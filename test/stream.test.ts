/** The live stream on real sockets: what only those can do wrong; and on the embedded broker, through the runtime. */
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { type ClientRequest, get, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Partitioners, type Producer } from "kafkajs";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type RunningBroker, startBroker } from "../infra/embedded/start.ts";
import { orders } from "../runtime/capture/fixtures.ts";
import { createKafkaFactory, type KafkaFactory } from "../runtime/kafka.ts";
import { createLogger } from "../runtime/log.ts";
import { createRuntime, type Runtime } from "../runtime/runtime.ts";
import type { ReadView } from "../runtime/view.ts";
import { aRecord, FakeView, fakeDeps } from "../ui/fake-view.ts";
import type { Listener } from "../ui/listener.ts";
import { startServer } from "../ui/server.ts";
import { until } from "./until.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function serve(view: ReadView): Promise<Listener> {
  const server = await startServer({ ...fakeDeps({ view }), port: 0 });
  closers.push(() => server.stop());
  return server;
}

interface Client {
  readonly request: ClientRequest;
  readonly response: IncomingMessage;
  /** All that has come. */
  text(): string;
  /** Whether the server has ended the answer as it should. */
  ended(): boolean;
}

/** A client that reads all at once; paused, it reads nothing until it is told to. */
async function connect(server: Listener, query: string, headers = {}, paused = false): Promise<Client> {
  const request = get(`${server.url}/api/stream?${query}`, { headers, agent: false });
  closers.push(() => request.destroy());
  const [response] = (await once(request, "response")) as [IncomingMessage];
  let text = "";
  response.setEncoding("utf8");
  response.on("error", () => {}); // cut off: told by `complete`
  if (paused) response.pause();
  response.on("data", (chunk) => {
    text += chunk;
  });
  if (paused) response.pause();
  return { request, response, text: () => text, ended: () => response.complete };
}

const offsetsIn = (text: string): number[] => {
  const messages = text.matchAll(
    /^event: message\ndata: \{"topic":"[^"]+","partition":\d+,"offset":"(\d+)"/gm,
  );
  return [...messages].map(([, offset]) => Number(offset));
};
const lastIdIn = (text: string): string => [...text.matchAll(/^id: (.*)$/gm)].at(-1)![1]!;

describe("on a socket", () => {
  const record = (offset: number, valueText = "{}") => ({
    ...aRecord,
    partition: 0,
    offset: String(offset),
    valueText,
  });

  it("takes 1,000 clients, and answers 503 to one more until one has left", async () => {
    const view = new FakeView();
    const server = await serve(view);
    const clients: Client[] = [];
    for (let n = 0; n < 1_000; n++) clients.push(await connect(server, "topics=user-events"));
    const refused = await connect(server, "topics=user-events");
    expect(refused.response.statusCode).toBe(503);
    expect(refused.response.headers["retry-after"]).toBe("5");
    // Everything else is answered all the same.
    expect((await fetch(`${server.url}/api/stats`)).status).toBe(200);
    view.stream.write("user-events", 0, [record(1)]);
    await until(() => clients.every((client) => offsetsIn(client.text()).length === 1), "the record at all");
    clients[0]!.request.destroy();
    await until(async () => {
      const { response, request } = await connect(server, "topics=user-events");
      if (response.statusCode === 200) return true;
      request.destroy();
      return false;
    }, "a place");
  });

  it("holds no more than its bound for a client that does not read, and tells it what it lost", async () => {
    const view = new FakeView();
    const server = await serve(view);
    const quick = await connect(server, "topics=user-events");
    const slow = await connect(server, "topics=user-events", {}, true);
    const large = `"${"x".repeat(500_000)}"`;
    for (let n = 1; n <= 60; n++) view.stream.write("user-events", 0, [record(n, large)]);
    await until(() => offsetsIn(quick.text()).length === 60, "all at the quick one");
    slow.response.resume();
    await until(() => offsetsIn(slow.text()).at(-1) === 60, "the last at the slow one");
    const lost = [...slow.text().matchAll(/"count":(\d+),"reason":"slow"/g)].map(([, count]) =>
      Number(count),
    );
    expect(lost.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(10);
    expect(offsetsIn(slow.text()).length + lost.reduce((sum, count) => sum + count, 0)).toBe(60);
  });

  it("lets go of everything when the client's connection breaks", async () => {
    const view = new FakeView();
    const server = await serve(view);
    const client = await connect(server, "topics=*&lag=1&stats=1&invocations=*");
    const { stream } = view;
    const listeners = () =>
      stream.batchListeners.size + stream.lagListeners.size + stream.invocationListeners.size;
    expect(listeners()).toBe(3);
    client.request.destroy();
    await until(() => listeners() === 0, "nobody listening");
  });

  it("ends streams whole when the server stops, also past a client that does not read", async () => {
    const view = new FakeView();
    const server = await serve(view);
    const reading = await connect(server, "topics=user-events&stats=1");
    await connect(server, "topics=user-events", {}, true);
    view.stream.write("user-events", 0, [record(1, `"${"x".repeat(8_000_000)}"`)]);
    await until(() => offsetsIn(reading.text()).length === 1, "the record");
    const ended = once(reading.response, "end");
    await server.stop();
    await ended;
    expect(reading.ended()).toBe(true);
  });
});

describe("on the embedded broker", () => {
  let folder: string;
  let broker: RunningBroker;
  let kafka: KafkaFactory;
  let producer: Producer;
  const topic = orders.name;
  let produced = 0;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "ksp-stream-"));
    broker = await startBroker({ port: 0, dataDir: folder });
    const brokers = [`127.0.0.1:${broker.port}`];
    kafka = createKafkaFactory({ brokers, clientId: "stream-test" }, await createLogger("silent"));
    producer = kafka("producer").producer({ createPartitioner: Partitioners.DefaultPartitioner });
    await producer.connect();
  });
  afterAll(async () => {
    await producer.disconnect();
    await broker.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** Writes so many more numbers, in turn to all partitions. */
  async function produce(count: number): Promise<void> {
    const messages = Array.from({ length: count }, (_, i) => ({
      value: String(produced + i),
      partition: (produced + i) % orders.partitions,
    }));
    produced += count;
    await producer.send({ topic, messages });
  }

  /** All numbers that came, in the order of their coming. */
  const numbersIn = (text: string): number[] =>
    [...text.matchAll(/^event: message\ndata: .*"value":(\d+),/gm)].map(([, number]) => Number(number));
  const from = (first: number): number[] => Array.from({ length: produced - first }, (_, i) => first + i);
  const sorted = (numbers: readonly number[]): number[] => [...numbers].sort((a, b) => a - b);

  async function start(): Promise<{ runtime: Runtime; server: Listener; stop(): Promise<void> }> {
    const log = await createLogger("silent");
    const runtime = createRuntime({
      live: true,
      functions: [],
      known: [],
      topics: [orders],
      version: "1.2.3",
      kafka,
      brokers: [`127.0.0.1:${broker.port}`],
      replicationFactor: 1,
      guard: false,
      brokerTrouble: () => null,
      brokerText: null,
      tracing: null,
      slowBatchMs: 1_000,
      log,
    });
    runtime.start();
    const server = await serve(runtime.view);
    let stopped: Promise<void> | undefined;
    const stop = (): Promise<void> => {
      stopped ??= server.stop().then(() => runtime.stop(1_000));
      return stopped;
    };
    closers.push(stop);
    await until(() => runtime.view.topic(topic) !== null, "the topic");
    return { runtime, server, stop };
  }

  it("tells records as they are written, and leaves no gap where a client comes back", async () => {
    const { server } = await start();
    const first = await connect(server, `topics=${topic}`);
    await until(() => first.text().includes("id: "), "the positions");
    const begin = produced;
    await produce(30);
    await until(() => numbersIn(first.text()).length === 30, "the first records");
    first.request.destroy();
    await produce(700);
    const second = await connect(server, `topics=${topic}`, { "Last-Event-ID": lastIdIn(first.text()) });
    await produce(20);
    await until(() => numbersIn(second.text()).length >= 720, "the records since");
    const came = [...numbersIn(first.text()), ...numbersIn(second.text())];
    expect(sorted(came)).toEqual(from(begin));
    expect(second.text()).not.toContain("event: dropped");
  });

  it("leaves no gap where the platform was started anew, and tells nothing old as new", async () => {
    const before = await start();
    const first = await connect(before.server, `topics=${topic}`);
    await until(() => first.text().includes("id: "), "the positions");
    const begin = produced;
    await produce(10);
    await until(() => numbersIn(first.text()).length === 10, "the first records");
    await before.stop();
    await produce(200);
    const { server } = await start();
    const fresh = await connect(server, `topics=${topic}`);
    await until(() => fresh.text().includes("id: "), "the positions");
    const second = await connect(server, `topics=${topic}`, { "Last-Event-ID": lastIdIn(first.text()) });
    await produce(5);
    await until(() => numbersIn(second.text()).length >= 205, "the records since");
    expect(sorted([...numbersIn(first.text()), ...numbersIn(second.text())])).toEqual(from(begin));
    await until(() => numbersIn(fresh.text()).length >= 5, "the new records");
    expect(sorted(numbersIn(fresh.text()))).toEqual(from(produced - 5));
  });

  it("tells the lag of a group in records and seconds, live and over time", async () => {
    const { server, runtime } = await start();
    await produce(30);
    const consumer = kafka("consumer").consumer({ groupId: "stream-test-group" });
    closers.push(() => consumer.disconnect());
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({ autoCommit: false, eachMessage: async () => {} });
    const client = await connect(server, "lag=1");
    const groups = (): { id: string; lag: number; lag_seconds: number | null; state: string }[] => {
      const [, data] = [...client.text().matchAll(/^event: lag\ndata: (.*)$/gm)].at(-1) ?? [];
      return data === undefined ? [] : JSON.parse(data).groups;
    };
    const group = () => groups().find(({ id }) => id === "stream-test-group");
    await until(() => group()?.lag === produced && group()?.state === "Stable", "all of it as lag");
    await until(() => typeof group()?.lag_seconds === "number", "the lag in seconds");
    const ends = runtime.view.topic(topic)!.partitions;
    await consumer.commitOffsets(
      ends.map(({ partition, endOffset }) => ({ topic, partition, offset: endOffset })),
    );
    await until(() => group()?.lag === 0 && group()?.lag_seconds === 0, "no lag");
    const answer = await fetch(`${server.url}/api/groups/stream-test-group/lag`);
    const { points } = (await answer.json()) as { points: { lag: number; partitions: unknown[] }[] };
    expect(points.map(({ lag }) => lag)).toEqual(expect.arrayContaining([produced, 0]));
    expect(points.at(-1)!.partitions).toHaveLength(orders.partitions);
  });
});
