/** What befalls a platform in its life: processes die, connections break, brokers go and topics vanish. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { freePorts } from "../infra/apache-kafka/free-ports.ts";
import { useEmbeddedBroker } from "./clients/embedded-broker.ts";
import { startFaultProxy } from "./fault-proxy.ts";
import { start, temporaryFolder } from "./for-one-test.ts";
import { gaps, jsonOf, type Load, readTopic, startLoad, tally, withAdmin } from "./kafka-client.ts";
import { countOf, eventIds, untilCaughtUp, untilHolds, untilProcessed } from "./observe.ts";
import { type Platform, runKsp } from "./platform.ts";
import { until } from "./until.ts";

/** A thousand a second: 60000 make a minute of it. */
const LAST_ORDER = Number(process.env.LAST_ORDER ?? 3_000);
const ORDERS = fileURLToPath(new URL("orders", import.meta.url));
const ONLY_ANALYTICS = ["--only", "analytics-consumer"];
const WARN = 40;

function load(brokers: string): Load {
  const running = startLoad(brokers);
  onTestFinished(() => running.stop());
  return running;
}

const untilAcknowledged = ({ acknowledged }: Load, count: number): Promise<true> =>
  until(() => acknowledged.size >= count, `${count} records to be acknowledged`);

/** Stops the load, and expects that Kafka has kept all that it acknowledged, and the platform has processed it. */
async function expectNothingLost(brokers: string, running: Load): Promise<void> {
  await running.stop();
  const events = await readTopic(brokers, "user-events");
  expect(gaps(events)).toEqual([]);
  const there = new Set(eventIds(events));
  expect([...running.acknowledged].filter((id) => !there.has(id))).toEqual([]);
  await untilProcessed(brokers, there);
}

describe("the platform with a broker of its own", () => {
  it("loses nothing that was acknowledged when all of it is killed ten times under load", async () => {
    const [port] = await freePorts(1);
    const options = { dataDir: await temporaryFolder(), env: { EMBEDDED_KAFKA_PORT: String(port) } };
    let platform = await start(options);
    const running = load(platform.brokers);
    for (let kill = 1; kill <= 10; kill++) {
      await untilAcknowledged(running, running.acknowledged.size + 200);
      await platform.kill9();
      platform = await start(options);
    }
    await untilAcknowledged(running, running.acknowledged.size + 200);
    await expectNothingLost(platform.brokers, running);
    await untilCaughtUp(platform, 3);
  }, 180_000);

  it("starts its broker again when that dies, and goes on", async () => {
    const platform = await start({ args: ONLY_ANALYTICS });
    const running = load(platform.brokers);
    await untilHolds(platform, "processed-events", 200);
    process.kill(await brokerOf(platform), "SIGKILL");
    await until(
      () => platform.stderr.some((line) => line.includes("the embedded broker ended (SIGKILL)")),
      "the platform to notice",
    );
    await untilAcknowledged(running, running.acknowledged.size + 200);
    await expectNothingLost(platform.brokers, running);
    await platform.untilHealthy();
  });

  it(
    "sets aside each record that a handler throws a TypeError on, once, and never stops over it",
    async () => {
      const last = LAST_ORDER;
      const platform = await start({
        env: { FUNCTIONS_DIR: ORDERS, ORDER_PRODUCER_LAST: String(last) },
        typescript: true,
      });
      const shipped = async () => (await countOf(platform, "shipments")) >= last * 0.99;
      await until(shipped, "every good order to be shipped", 45_000 + 2 * last);
      await untilHolds(platform, "orders.dlq", last * 0.01);
      await untilCaughtUp(platform, 1);
      const numbers = async (topic: string): Promise<number[]> =>
        (await readTopic(platform.brokers, topic)).map((record) => jsonOf<{ number: number }>(record).number);
      const all = Array.from({ length: last }, (_, i) => i + 1);
      const inOrder = (list: number[]): number[] => list.sort((a, b) => a - b);
      expect(inOrder(await numbers("orders.dlq"))).toEqual(all.filter((number) => number % 100 === 0));
      expect(inOrder(await numbers("shipments"))).toEqual(all.filter((number) => number % 100 !== 0));
      const letters = await readTopic(platform.brokers, "orders.dlq");
      expect(tally(letters.map(({ headers }) => headers["ksp.dlq.error"]))).toEqual(
        new Map([["TypeError", last * 0.01]]),
      );
      expect(await platform.get("/api/functions/order-consumer")).toMatchObject({
        status: "running",
        restarts: 0,
        dead_letters: last * 0.01,
      });
    },
    60_000 + 2 * LAST_ORDER,
  );
});

/** The embedded broker's process: it writes its id into the lock of its data folder. */
const brokerOf = async ({ dataDir }: Platform): Promise<number> =>
  Number.parseInt(await readFile(join(dataDir, "kafka", "lock"), "utf8"), 10);

describe("the platform on a broker elsewhere", () => {
  const brokers = useEmbeddedBroker();

  it("goes on when its connections are cut, again and again, or refused for a while", async () => {
    const proxy = await startFaultProxy(brokers());
    onTestFinished(() => proxy.close());
    const platform = await start({ env: { KAFKA_BROKERS: proxy.brokers }, args: ONLY_ANALYTICS });
    const running = load(brokers());
    for (let cut = 1; cut <= 5; cut++) {
      const processed = await countOf(platform, "processed-events").catch(() => 0);
      await untilHolds(platform, "processed-events", processed + 100);
      proxy.cut();
    }
    await proxy.refuse();
    await until(async () => (await platform.health()).checks.kafka?.status === "unhealthy", "it to be told");
    await proxy.heal();
    await expectNothingLost(brokers(), running);
    await platform.untilHealthy();
  }, 120_000);

  it.each(["processed-events", "user-events"])(
    "creates %s again when someone deletes it, and goes on",
    async (topic) => {
      const env = { KAFKA_BROKERS: brokers(), EVENT_PRODUCER_RATE_PER_SECOND: "50" };
      const platform = await start({ env, args: ["--only", "event-producer,analytics-consumer"] });
      await untilHolds(platform, "processed-events", 50);
      await withAdmin(brokers(), (admin) => admin.deleteTopics({ topics: [topic] }));
      await until(
        () => platform.logs().some((line) => line.topic === topic && line.msg.includes("created again")),
        "the platform to notice",
      );
      await untilHolds(platform, topic, 20);
      const before = await countOf(platform, "processed-events");
      await untilHolds(platform, "processed-events", before + 50);
      await platform.untilHealthy();
    },
  );
});

describe("the platform without a broker", () => {
  it("says so in its health and once in its log, and works as soon as there is one", async () => {
    const [port] = await freePorts(1);
    const platform = await start({ env: { KAFKA_BROKERS: `127.0.0.1:${port}` } });
    await until(() => platform.logs().some(({ level }) => level >= WARN), "the log to tell");
    expect(await platform.health()).toMatchObject({
      status: "unhealthy",
      checks: { kafka: { status: "unhealthy", reason: expect.stringContaining("Kafka does not answer") } },
    });
    const broker = runKsp(["broker"], {
      env: { EMBEDDED_KAFKA_PORT: String(port), DATA_DIR: await temporaryFolder() },
    });
    onTestFinished(() => broker.signalAll("SIGKILL"));
    await platform.untilHealthy();
    await untilHolds(platform, "processed-events", 1);
    const told = platform.logs().filter(({ level }) => level >= WARN);
    expect(told.map(({ msg }) => msg)).toEqual([expect.stringContaining("Kafka is not ready")]);
  });
});
