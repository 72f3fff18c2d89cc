import { mkdtempSync, rmSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type RunningBroker, startBroker } from "../infra/embedded/start.ts";
import { encodeBatch } from "../infra/embedded/wire/record-batch.ts";
import { Code, fetch as fetchRecords, produce } from "./broker/log-requests.ts";
import { connectRaw, type RawConnection } from "./broker/raw-connection.ts";
import { withAdmin } from "./kafka-client.ts";
import { until } from "./until.ts";

let broker: RunningBroker;
let connection: RawConnection;
const dataDir = mkdtempSync(join(tmpdir(), "ksp-metrics-"));
const address = (): string => `127.0.0.1:${broker.port}`;

beforeAll(async () => {
  const config = { logFlush: "always", autoCreateTopicsEnable: false } as const;
  broker = await startBroker({ port: 0, metricsPort: 0, dataDir, config });
  await withAdmin(address(), (admin) => admin.createTopics({ topics: [{ topic: "t", numPartitions: 3 }] }));
  connection = await connectRaw(address());
});

afterAll(async () => {
  await broker?.stop();
  rmSync(dataDir, { recursive: true });
});

/** What is served, by name and labels. */
async function scrape(): Promise<Map<string, number>> {
  const response = await fetch(`http://127.0.0.1:${broker.metricsPort}/metrics`);
  expect(response.headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
  const lines = (await response.text()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ")))]),
  );
}

const aBatch = (count: number): Buffer => {
  const records = Array.from({ length: count }, () => {
    return { timestamp: Date.now(), key: null, value: Buffer.alloc(100), headers: [] };
  });
  return encodeBatch({ baseOffset: 0, records });
};

describe("the broker's metrics", () => {
  it("count records, bytes, requests, errors and flushes by what clients do", async () => {
    const before = await scrape();
    const grown = (now: Map<string, number>, name: string) => (now.get(name) ?? 0) - (before.get(name) ?? 0);
    expect((await produce(connection, { topic: "t" }, aBatch(7))).error).toBe(Code.NONE);
    await produce(connection, { topic: "nowhere" }, aBatch(1));
    await fetchRecords(connection, { topic: "t" }, { offset: 0 });
    const after = await scrape();
    expect(grown(after, "ksp_broker_records_in_total")).toBe(7);
    expect(grown(after, "ksp_broker_records_out_total")).toBe(7);
    expect(grown(after, "ksp_broker_bytes_in_total")).toBeGreaterThan(700);
    expect(grown(after, "ksp_broker_bytes_out_total")).toBeGreaterThan(700);
    expect(grown(after, 'ksp_broker_requests_total{api="Produce"}')).toBe(2);
    expect(grown(after, 'ksp_broker_request_duration_seconds_count{api="Produce"}')).toBe(2);
    expect(grown(after, 'ksp_broker_request_duration_seconds_bucket{api="Produce",le="+Inf"}')).toBe(2);
    const unknown = 'ksp_broker_errors_total{api="Produce",error="UNKNOWN_TOPIC_OR_PARTITION",code="3"}';
    expect(grown(after, unknown)).toBe(1);
    expect(grown(after, "ksp_broker_log_flushes_total")).toBeGreaterThan(0);
  });

  it("tell what there is now: topics, partitions, sizes, connections, groups", async () => {
    const now = await scrape();
    expect(now.get("ksp_broker_topics")).toBe(2); // with __consumer_offsets
    expect(now.get("ksp_broker_partitions")).toBe(4);
    expect(now.get('ksp_broker_log_size_bytes{topic="t"}')).toBeGreaterThan(700);
    expect(now.get("ksp_broker_connections")).toBe(1);
    expect(now.get('ksp_broker_groups{state="Stable"}')).toBe(0);
    expect(now.get("ksp_broker_transactions_open")).toBe(0);
    expect(now.get("ksp_broker_recovery_seconds")).toBeGreaterThan(0);
  });

  it("tell of a fetch as long as it waits", async () => {
    const parked = 'ksp_broker_parked_requests{for="records"}';
    const waiting = await connectRaw(address());
    const answer = fetchRecords(waiting, { topic: "t", partition: 1 }, { offset: 0, maxWaitMs: 60_000 });
    await until(async () => (await scrape()).get(parked) === 1, "a fetch to wait");
    await produce(connection, { topic: "t", partition: 1 }, aBatch(1));
    await answer;
    expect((await scrape()).get(parked)).toBe(0);
    waiting.close();
  });

  it("are served under /metrics only", async () => {
    expect((await fetch(`http://127.0.0.1:${broker.metricsPort}/`)).status).toBe(404);
  });

  it.each([
    ["127.0.0.1:9", 200],
    ["localhost", 200],
    ["[::1]:80", 200],
    ["attacker.example", 403],
    ["127.0.0.1.attacker.example", 403],
  ])("asked under the name %s are answered with %i", async (host, expected) => {
    const status = new Promise<number | undefined>((resolve, reject) => {
      const url = `http://127.0.0.1:${broker.metricsPort}/metrics`;
      const asked = httpRequest(url, { headers: { host }, agent: false }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      asked.on("error", reject);
      asked.end();
    });
    expect(await status).toBe(expected);
  });

  it.each([
    ["that is kept alive", "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n", "200 OK"],
    ["with half a request", "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\nGET /metr", "200 OK"],
    ["that has sent nothing", "", ""],
  ])("do not keep the broker from stopping by a connection %s", async (_what, sent, answer) => {
    const own = mkdtempSync(join(tmpdir(), "ksp-metrics-"));
    onTestFinished(() => rmSync(own, { recursive: true }));
    const other = await startBroker({ port: 0, metricsPort: 0, dataDir: own });
    const socket = connect(other.metricsPort ?? 0, "127.0.0.1");
    const closed = new Promise((resolve) => socket.on("close", resolve));
    await new Promise((resolve) => socket.once("connect", resolve));
    socket.on("error", () => {});
    if (sent !== "") {
      socket.write(sent);
      const first = await new Promise<Buffer>((resolve) => socket.once("data", resolve));
      expect(first.toString()).toContain(answer);
    }
    socket.resume();
    await other.stop();
    await closed;
  });

  it("refuse a port that is taken, by the setting's name", async () => {
    const blocker = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => blocker.once("listening", resolve));
    const other = mkdtempSync(join(tmpdir(), "ksp-metrics-"));
    onTestFinished(() => {
      blocker.close();
      rmSync(other, { recursive: true });
    });
    const { port } = blocker.address() as { port: number };
    await expect(startBroker({ port: 0, metricsPort: port, dataDir: other })).rejects.toMatchObject({
      code: "METRICS_PORT_IN_USE",
      message: expect.stringContaining(`Port ${port} `),
    });
  });
});
