import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { startBroker } from "../infra/embedded/start.ts";
import { createBrokerUnderTest } from "./broker/broker-under-test.ts";
import { fetch, metadata, produce } from "./broker/log-requests.ts";
import { connectRaw } from "./broker/raw-connection.ts";
import { toBatch } from "./broker/record-batch.ts";
import { type FaultProxy, startFaultProxy } from "./fault-proxy.ts";

const PRODUCE = 0;
let proxy: FaultProxy;
let direct: string;

beforeEach(async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "fault-proxy-"));
  const broker = await startBroker({ port: 0, dataDir });
  direct = `127.0.0.1:${broker.port}`;
  proxy = await startFaultProxy(direct);
  return async () => {
    await proxy.close();
    await broker.stop();
    await rm(dataDir, { recursive: true });
  };
});

async function connected(brokers: string) {
  const connection = await connectRaw(brokers);
  onTestFinished(() => connection.close());
  return connection;
}

async function refused(): Promise<boolean> {
  const socket = connect(Number(proxy.brokers.split(":")[1]), "127.0.0.1");
  const connects = once(socket, "connect").then(
    () => false,
    (error: NodeJS.ErrnoException) => error.code === "ECONNREFUSED",
  );
  return connects.finally(() => socket.destroy());
}

describe("the fault proxy", () => {
  const through = createBrokerUnderTest(() => proxy.brokers);

  it("without faults is not noticed, and names itself as the broker", async () => {
    const topic = await through.createTopic();
    const connection = await connected(proxy.brokers);
    const { brokers } = await metadata(connection, [topic]);
    expect(brokers.map(({ host, port }) => `${host}:${port}`)).toEqual([proxy.brokers]);
    const producer = await through.producer();
    await producer.send({ topic, messages: [{ value: "through" }] });
    expect((await fetch(await connected(direct), { topic }, { offset: 0 })).highWatermark).toBe(1);
  });

  it("cuts connections, and serves new ones", async () => {
    const connection = await connected(proxy.brokers);
    await metadata(connection, []);
    proxy.cut();
    await connection.closed;
    expect((await metadata(await connected(proxy.brokers), [])).brokers).toHaveLength(1);
  });

  it("refuses connections until it is healed", async () => {
    const connection = await connected(proxy.brokers);
    await metadata(connection, []);
    await proxy.refuse();
    await connection.closed;
    expect(await refused()).toBe(true);
    await proxy.heal();
    expect((await metadata(await connected(proxy.brokers), [])).brokers).toHaveLength(1);
  });

  it("in a black hole accepts connections and delivers nothing before it is healed", async () => {
    const old = await connected(proxy.brokers);
    await metadata(old, []);
    proxy.blackhole();
    const young = await connected(proxy.brokers);
    const answers = [metadata(old, []), metadata(young, [])];
    // The broker itself answers the while; by then the proxied requests would have been answered too.
    for (let i = 0; i < 20; i++) await metadata(await connected(direct), []);
    expect([old.answered.length, young.answered.length]).toEqual([1, 0]);
    await proxy.heal();
    expect(await Promise.all(answers)).toHaveLength(2);
  });

  it("delays, and keeps the order", async () => {
    const topic = await through.createTopic();
    const connection = await connected(proxy.brokers);
    await metadata(connection, [topic]);
    proxy.delay(50);
    const started = performance.now();
    const late = [metadata(connection, [topic]), metadata(connection, [topic])];
    await Promise.all(late);
    expect(performance.now() - started).toBeGreaterThan(98); // there and back
    proxy.delay(0);
    await metadata(connection, [topic]);
    expect(connection.answered).toEqual([1, 2, 3, 4]);
  });

  it("drops the responses of one API: the record is there, but nobody is told", async () => {
    const topic = await through.createTopic();
    const connection = await connected(proxy.brokers);
    const dropped = proxy.dropResponses(PRODUCE);
    const answer = produce(connection, { topic }, await toBatch([{ value: "unknown outcome" }]));
    await dropped;
    expect((await metadata(connection, [topic])).topics).toHaveLength(1);
    expect((await fetch(connection, { topic }, { offset: 0 })).highWatermark).toBe(1);
    expect(connection.answered).toEqual([2, 3]);
    proxy.cut();
    await expect(answer).rejects.toThrow("closed the connection");
  });
});
