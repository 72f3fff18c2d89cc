import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { produce } from "../infra/embedded/broker/apis/00-produce.ts";
import { fetch } from "../infra/embedded/broker/apis/01-fetch.ts";
import { metadata } from "../infra/embedded/broker/apis/03-metadata.ts";
import type { ApiDefinition } from "../infra/embedded/broker/define-api.ts";
import { silentLogger } from "../infra/embedded/broker/logger.ts";
import { nodeFs } from "../infra/embedded/log/log-fs.ts";
import { type RunningBroker, type StartBrokerOptions, startBroker } from "../infra/embedded/start.ts";
import { FrameReader } from "../infra/embedded/wire/frame.ts";
import { Reader } from "../infra/embedded/wire/reader.ts";
import { encodeBatch, withRecords } from "../infra/embedded/wire/record-batch.ts";
import { ZERO_UUID } from "../infra/embedded/wire/schema.ts";
import { Writer } from "../infra/embedded/wire/writer.ts";

/** A bare connection: what a client library would never send is sent by hand. */
class Client {
  readonly socket: Socket;
  readonly closed: Promise<void>;
  private readonly frames = new FrameReader(100_000_000);
  private readonly waiting: ((frame: Buffer) => void)[] = [];
  private correlationId = 0;

  constructor(port: number) {
    this.socket = connect(port, "127.0.0.1");
    this.socket.on("error", () => {});
    this.closed = new Promise((resolve) => this.socket.on("close", () => resolve()));
    this.socket.on("data", (chunk) => {
      this.frames.push(chunk);
      for (let frame = this.frames.next(); frame; frame = this.frames.next()) this.waiting.shift()?.(frame);
    });
  }

  encode<Req, Res>(api: ApiDefinition<Req, Res>, version: number, request: Req): Buffer {
    const writer = new Writer();
    writer.int32(0);
    writer.int16(api.key);
    writer.int16(version);
    writer.int32(++this.correlationId);
    writer.int16(-1);
    api.request.write(writer, request, version, false);
    const frame = Buffer.concat(writer.finish());
    frame.writeInt32BE(frame.length - 4, 0);
    return frame;
  }

  /** The next frame that comes, read as that API's answer. */
  async next<Req, Res>(
    api: ApiDefinition<Req, Res>,
    version: number,
  ): Promise<{ correlationId: number; body: Res }> {
    const reader = new Reader(await new Promise<Buffer>((resolve) => this.waiting.push(resolve)));
    return { correlationId: reader.int32(), body: api.response.read(reader, version, false) };
  }

  async ask<Req, Res>(api: ApiDefinition<Req, Res>, version: number, request: Req): Promise<Res> {
    const answer = this.next(api, version);
    this.socket.write(this.encode(api, version, request));
    return (await answer).body;
  }
}

const askMetadata = {
  topics: [{ topicId: ZERO_UUID, name: "t" }],
  allowAutoTopicCreation: true,
  includeClusterAuthorizedOperations: false,
  includeTopicAuthorizedOperations: false,
};

function produceRequest(value: Buffer, acks = -1) {
  const records = encodeBatch({
    baseOffset: 0,
    records: [{ timestamp: Date.now(), key: null, value, headers: [] }],
  });
  return {
    transactionalId: null,
    acks,
    timeoutMs: 1_000,
    topics: [{ name: "t", partitions: [{ index: 0, records }] }],
  };
}

function fetchRequest(fetchOffset: number, maxWaitMs: number, maxBytes = 50_000_000) {
  const partition = {
    index: 0,
    currentLeaderEpoch: -1,
    fetchOffset,
    lastFetchedEpoch: -1,
    logStartOffset: -1,
    maxBytes,
  };
  return {
    replicaId: -1,
    maxWaitMs,
    minBytes: 1,
    maxBytes,
    isolationLevel: 0,
    sessionId: 0,
    sessionEpoch: -1,
    topics: [{ name: "t", topicId: ZERO_UUID, partitions: [partition] }],
    forgottenTopics: [],
    rackId: "",
  };
}

const releases: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const release of releases.splice(0).reverse()) await release();
});

async function start(options: Partial<StartBrokerOptions> = {}): Promise<RunningBroker> {
  const dataDir = options.dataDir ?? temporaryDir();
  const broker = await startBroker({ port: 0, dataDir, ...options });
  releases.push(() => broker.stop());
  return broker;
}

function temporaryDir(): string {
  const dir = mkdtempSync(join(tmpdir(), "embedded-server-"));
  releases.push(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

function open(broker: RunningBroker): Client {
  const client = new Client(broker.port);
  releases.push(() => void client.socket.destroy());
  return client;
}

/** A connection with the topic `t` there. */
async function openWithTopic(broker: RunningBroker): Promise<Client> {
  const client = open(broker);
  await client.ask(metadata, 6, askMetadata);
  return client;
}

/** DescribeGroups v0, framed. */
function manyGroups(count: number): string {
  const head = Buffer.from("00000000" + "000f0000" + "00000001" + "ffff" + "00000000", "hex");
  const frame = Buffer.concat([head, Buffer.alloc(2 * count)]);
  frame.writeInt32BE(frame.length - 4, 0);
  frame.writeInt32BE(count, head.length - 4);
  return frame.toString("hex");
}

describe("a connection of the embedded broker", () => {
  it.each([
    ["a length of −1", "ffffffff"],
    ["a length of 2^31−1", "7fffffff"],
    ["HTTP", Buffer.from("GET / HTTP/1.1\r\nHost: x\r\n\r\n").toString("hex")],
    ["TLS", "16030100c8010000c4"],
    ["an API that there is none of", "0000000a" + "03e70000" + "00000001" + "ffff"],
    ["Produce v2, which is listed but not served", "0000000a" + "00000002" + "00000001" + "ffff"],
    ["a Metadata request of more than 1 MiB", "00100001" + "00030001" + "00000001" + "ffff"],
    ["100,001 groups without a name", manyGroups(100_001)],
    ["an array of 2^31−1 topics", "0000000e" + "00030001" + "00000001" + "ffff" + "7fffffff"],
    ["half a header", "00000003" + "000300"],
  ])("is closed for %s, and only that one", async (_what, hex) => {
    const broker = await start();
    const other = open(broker);
    const client = open(broker);
    client.socket.write(Buffer.from(hex, "hex"));
    await client.closed;
    expect((await other.ask(metadata, 6, askMetadata)).brokers).toHaveLength(1);
  });

  it("may send more than 1 MiB of records at once", async () => {
    const client = await openWithTopic(await start());
    const records = encodeBatch({
      baseOffset: 0,
      records: [{ timestamp: Date.now(), key: null, value: Buffer.alloc(700_000), headers: [] }],
    });
    const request = produceRequest(Buffer.alloc(0));
    request.topics[0]!.partitions = [
      { index: 0, records },
      { index: 1, records },
    ];
    const answer = await client.ask(produce, 7, request);
    expect(answer.topics[0]?.partitions.map(({ errorCode }) => errorCode)).toEqual([0, 3]);
  });

  it("is closed when a request stays half sent", async () => {
    const broker = await start({ config: { stalledConnectionMs: 50 } });
    const client = open(broker);
    client.socket.write(Buffer.from("00000100" + "0003", "hex"));
    await client.closed;
  });

  it("is closed when it does not take its answer, and the broker serves on", async () => {
    let tell = (_reason: object): void => {};
    const closing = new Promise<object>((resolve) => {
      tell = resolve;
    });
    const broker = await start({
      config: { stalledConnectionMs: 100 },
      logger: { ...silentLogger, warn: tell },
    });
    const other = await openWithTopic(broker);
    for (let i = 0; i < 16; i++) await other.ask(produce, 7, produceRequest(Buffer.alloc(1_000_000)));
    const slow = open(broker);
    slow.socket.pause();
    const fetches = Array.from({ length: 4 }, () => slow.encode(fetch, 11, fetchRequest(0, 0)));
    slow.socket.write(Buffer.concat(fetches));
    expect(await closing).toMatchObject({ reason: "Expected its answer to be taken within 100 ms" });
    // Whoever reads nothing learns of the end only when it goes on.
    slow.socket.resume();
    await slow.closed;
    expect((await other.ask(metadata, 6, askMetadata)).brokers).toHaveLength(1);
  });

  it("is refused when too many are open", async () => {
    const broker = await start({ config: { maxConnections: 1 } });
    const first = await openWithTopic(broker);
    await open(broker).closed;
    expect((await first.ask(metadata, 6, askMetadata)).brokers).toHaveLength(1);
  });

  it("is closed when all together would hold too much", async () => {
    const broker = await start({ config: { maxBufferedBytes: 100_000 } });
    const client = open(broker);
    const length = Buffer.alloc(4);
    length.writeInt32BE(50_000_000);
    client.socket.write(Buffer.concat([length, Buffer.alloc(500_000)]));
    await client.closed;
    expect((await open(broker).ask(metadata, 6, askMetadata)).brokers).toHaveLength(1);
  });

  it("that holds the most is closed when all together hold too much, and not one that sends meanwhile", async () => {
    const broker = await start({ config: { maxBufferedBytes: 100_000 } });
    const innocent = await openWithTopic(broker);
    const hoarders = Array.from({ length: 4 }, () => open(broker));
    for (const { socket } of hoarders) {
      const start = Buffer.alloc(30_000);
      start.writeInt32BE(50_000_000);
      socket.write(start);
      const answer = await innocent.ask(produce, 7, produceRequest(Buffer.alloc(20_000)));
      expect(answer.topics[0]?.partitions[0]?.errorCode).toBe(0);
    }
    await Promise.race(hoarders.map(({ closed }) => closed));
    const answer = await innocent.ask(produce, 7, produceRequest(Buffer.alloc(20_000)));
    expect(answer.topics[0]?.partitions[0]?.errorCode).toBe(0);
  });

  it("has its requests answered in order, however many are sent at once", async () => {
    const broker = await start();
    const client = await openWithTopic(broker);
    const answers = Array.from({ length: 2_000 }, () => client.next(produce, 7));
    const requests = answers.map((_, i) => client.encode(produce, 7, produceRequest(Buffer.from(String(i)))));
    client.socket.write(Buffer.concat(requests));
    const got = await Promise.all(answers);
    expect(got.map(({ body }) => body.topics[0]?.partitions[0]?.baseOffset)).toEqual(got.map((_, i) => i));
    expect(got.map(({ correlationId }) => correlationId)).toEqual(got.map((_, i) => i + 2));
  });

  it("gets no answer to Produce with acks 0, and is closed when that is refused", async () => {
    const broker = await start();
    const client = await openWithTopic(broker);
    client.socket.write(client.encode(produce, 7, produceRequest(Buffer.from("v"), 0)));
    // The next frame that comes answers the next request.
    expect((await client.ask(metadata, 6, askMetadata)).brokers).toHaveLength(1);
    const refused = produceRequest(Buffer.from("v"), 0);
    refused.topics[0]!.name = "nothing";
    client.socket.write(client.encode(produce, 7, refused));
    await client.closed;
  });

  it("waiting for records holds up only itself, and is woken by the first", async () => {
    const broker = await start();
    const waiting = await openWithTopic(broker);
    const producing = open(broker);
    const fetched = waiting.ask(fetch, 11, fetchRequest(0, 60_000));
    await producing.ask(produce, 7, produceRequest(Buffer.from("v")));
    const partition = (await fetched).topics[0]?.partitions[0];
    expect(partition?.highWatermark).toBe(1);
    expect(partition?.records.length).toBe(1);
  });

  it("waiting for more bytes than an answer may have gets a full one", async () => {
    const broker = await start({ config: { fetchMaxBytes: 2_500 } });
    const client = await openWithTopic(broker);
    for (let i = 0; i < 3; i++) await client.ask(produce, 7, produceRequest(Buffer.alloc(1_000)));
    const request = { ...fetchRequest(0, 2 ** 31 - 1, 2 ** 31 - 1), minBytes: 2 ** 31 - 1 };
    const partition = (await client.ask(fetch, 11, request)).topics[0]?.partitions[0];
    expect(partition).toMatchObject({ errorCode: 0, highWatermark: 3 });
  });

  it("waiting for more records reads nothing of those it has until there are enough", async () => {
    const read = vi.spyOn(nodeFs, "readSync");
    releases.push(() => read.mockRestore());
    const readBytes = (): number => read.mock.calls.reduce((sum, [, , , length]) => sum + length, 0);
    const broker = await start();
    const producing = await openWithTopic(broker);
    const waiting = open(broker);
    const add = () => producing.ask(produce, 7, produceRequest(Buffer.alloc(1_000_000)));
    for (let i = 0; i < 4; i++) await add();
    read.mockClear();
    const answer = waiting.ask(fetch, 11, { ...fetchRequest(0, 2 ** 31 - 1), minBytes: 8_000_000 });
    for (let i = 0; i < 3; i++) await add();
    expect(readBytes()).toBeLessThan(100_000);
    await add();
    const records = (await answer).topics[0]?.partitions[0]?.records ?? [];
    expect(records.reduce((sum, { length }) => sum + length, 0)).toBeGreaterThan(8_000_000);
  });

  it("reads zstd only if its Fetch knows it, and may write it only if its Produce does", async () => {
    const client = await openWithTopic(await start());
    const request = produceRequest(Buffer.from("v"));
    const sound = request.topics[0]!.partitions[0]!.records;
    const partition = () => [{ index: 0, records: withRecords(sound, 4, Buffer.from("any")) }];
    const ask = async (version: number) => {
      request.topics[0]!.partitions = partition();
      return (await client.ask(produce, version, request)).topics[0]?.partitions[0]?.errorCode;
    };
    expect([await ask(6), await ask(7)]).toEqual([76, 0]);
    const get = async (version: number) =>
      (await client.ask(fetch, version, fetchRequest(0, 0))).topics[0]?.partitions[0]?.errorCode;
    expect([await get(9), await get(10)]).toEqual([76, 0]);
  });

  it("waiting for records does not keep the broker from stopping", async () => {
    const broker = await startBroker({ port: 0, dataDir: temporaryDir() });
    const waiting = await openWithTopic(broker);
    waiting.socket.write(waiting.encode(fetch, 11, fetchRequest(0, 600_000)));
    await open(broker).ask(metadata, 6, askMetadata);
    await broker.stop();
    await waiting.closed;
  });
});

describe("the embedded broker", () => {
  it("knows a batch that was sent before its restart, and answers with the first offset", async () => {
    const dataDir = temporaryDir();
    const sequence = (baseSequence: number) => {
      const request = produceRequest(Buffer.from("v"));
      const records = [{ timestamp: Date.now(), key: null, value: Buffer.from("v"), headers: [] }];
      const batch = encodeBatch({ baseOffset: 0, records, producerId: 5, producerEpoch: 0, baseSequence });
      request.topics[0]!.partitions[0]!.records = batch;
      return request;
    };
    const before = await startBroker({ port: 0, dataDir });
    const client = await openWithTopic(before);
    for (let i = 0; i < 3; i++) await client.ask(produce, 7, sequence(i));
    await before.stop();

    const again = open(await start({ dataDir }));
    const answer = async (i: number) => (await again.ask(produce, 7, sequence(i))).topics[0]?.partitions[0];
    expect(await answer(1)).toMatchObject({ errorCode: 0, baseOffset: 1 });
    expect(await answer(4)).toMatchObject({ errorCode: 45, baseOffset: -1 });
    expect(await answer(3)).toMatchObject({ errorCode: 0, baseOffset: 3 });
  });

  it("refuses a host that others can reach, and says where to go instead", async () => {
    await expect(startBroker({ port: 0, dataDir: temporaryDir(), host: "0.0.0.0" })).rejects.toThrow(
      'Expected a loopback host (127.0.0.1), got "0.0.0.0"',
    );
  });

  it("names a setting that it does not understand", async () => {
    const config = { groupMaxSize: 0 };
    await expect(startBroker({ port: 0, dataDir: temporaryDir(), config })).rejects.toThrow("groupMaxSize");
  });
});
