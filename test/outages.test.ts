/** Kafka gone for a while, or hard to reach: the platform tells it once, waits, and goes on where it was. */
import { describe, expect, it, onTestFinished } from "vitest";
import { startFaultProxy } from "./fault-proxy.ts";
import { expectCleanEnd, kill9, start, startBroker, temporaryFolder } from "./for-one-test.ts";
import { gaps, readTopic, startLoad, tally } from "./kafka-client.ts";
import { complaints, eventIds, readProcessed, untilMoreProcessed, untilProcessed } from "./observe.ts";
import type { Platform } from "./platform.ts";
import { until } from "./until.ts";

const BUSY = {
  EVENT_PRODUCER_RATE_PER_SECOND: "200",
  METRICS_PRODUCER_SAMPLE_EVERY_MS: "1000",
};
const FUNCTIONS = 6;

const checksOf = async (platform: Platform) => Object.values((await platform.health()).checks);

/** Ends the platform and has another one do what is left: every event is there, and has been processed. */
async function expectNothingLost(
  platform: Platform,
  brokers: string,
  acknowledged: ReadonlySet<string> = new Set(),
): Promise<string[]> {
  platform.signal("SIGTERM");
  await expectCleanEnd(platform);
  await start({ args: ["--only", "analytics-consumer"], env: { KAFKA_BROKERS: brokers } });
  const events = await readTopic(brokers, "user-events");
  expect(gaps(events)).toEqual([]);
  const ids = eventIds(events);
  const there = new Set(ids);
  expect([...acknowledged].filter((id) => !there.has(id))).toEqual([]);
  await untilProcessed(brokers, ids);
  return ids;
}

describe("a broker that is killed and started again", () => {
  it("is told once a function; all go on by themselves, and nothing is lost or begun anew", async () => {
    const dataDir = await temporaryFolder();
    const broker = await startBroker(dataDir);
    const platform = await start({ env: { ...BUSY, KAFKA_BROKERS: broker.brokers } });
    const load = startLoad(broker.brokers);
    onTestFinished(() => load.stop());
    await untilMoreProcessed(platform, 200);
    await kill9(broker);
    await until(async () => {
      const checks = await checksOf(platform);
      return checks.length === FUNCTIONS + 1 && checks.every(({ status }) => status === "unhealthy");
    }, "all to notice the outage");
    const { brokers } = await startBroker(dataDir, Number(broker.brokers.split(":")[1]));
    await platform.untilHealthy();
    await untilMoreProcessed(platform, 200);
    await load.stop();
    // What a function reads and what it writes are told apart; Kafka as a whole is told as well.
    const told = tally(
      complaints(platform).map((line) => line.split(/: (?:Connection|Closed|No broker)/)[0]!),
    );
    expect([...told].filter(([, times]) => times > 1)).toEqual([]);
    expect(
      [...told.keys()].filter((line) => !/does not answer|consumer stopped|cannot write/.test(line)),
    ).toEqual([]);
    await expectNothingLost(platform, brokers, load.acknowledged);
  }, 120_000);
});

describe("a network", () => {
  it("that loses everything for longer than a session: all go on, and nothing is lost", async () => {
    const broker = await startBroker();
    const proxy = await startFaultProxy(broker.brokers);
    onTestFinished(() => proxy.close());
    const platform = await start({ env: { ...BUSY, KAFKA_BROKERS: proxy.brokers } });
    await untilMoreProcessed(platform, 200);
    proxy.blackhole();
    await until(
      async () => (await platform.health()).checks.kafka?.status === "unhealthy",
      "it to be noticed",
    );
    await proxy.heal();
    proxy.cut();
    await platform.untilHealthy();
    await untilMoreProcessed(platform, 200);
    await expectNothingLost(platform, broker.brokers);
  }, 120_000);

  it("that is slow changes nothing: each event is processed once, and nobody complains", async () => {
    const broker = await startBroker();
    const proxy = await startFaultProxy(broker.brokers);
    onTestFinished(() => proxy.close());
    const platform = await start({ env: { ...BUSY, KAFKA_BROKERS: proxy.brokers } });
    proxy.delay(100);
    await untilMoreProcessed(platform, 500);
    await proxy.heal();
    await platform.untilHealthy();
    expect(complaints(platform)).toEqual([]);
    const ids = await expectNothingLost(platform, broker.brokers);
    expect(await readProcessed(broker.brokers)).toEqual(tally(ids));
  });
});
