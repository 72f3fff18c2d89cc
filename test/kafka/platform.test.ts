/** The platform on Apache Kafka, one broker: the same program, with KAFKA_BROKERS. */
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { freePorts } from "../../infra/apache-kafka/free-ports.ts";
import { KAFKA_VERSIONS } from "../../infra/apache-kafka/jars.ts";
import { type ApacheKafka, startApacheKafka } from "../../infra/apache-kafka/start.ts";
import { expectCleanEnd, start, temporaryFolder } from "../for-one-test.ts";
import { gaps, readTopic, startLoad, withAdmin } from "../kafka-client.ts";
import { countOf, eventIds, groupsOf, untilCaughtUp, untilHolds, untilProcessed } from "../observe.ts";
import { until } from "../until.ts";

const TOPICS = [
  "user-events",
  "application-logs",
  "system-metrics",
  "processed-events",
  "alerts",
  "anomalies",
];
const GROUPS = ["alert-group", "analytics-group", "logger-group"];
const WARN = 40;

describe.each(KAFKA_VERSIONS)("the platform on Apache Kafka %s", (version) => {
  let kafka: ApacheKafka;
  beforeAll(async () => {
    kafka = await startApacheKafka({ version });
  });
  afterAll(() => kafka?.stop());

  it("is healthy, fills all six topics, keeps up with them, and leaves its groups at SIGTERM", async () => {
    const env = { KAFKA_BROKERS: kafka.brokers, METRICS_PRODUCER_SAMPLE_EVERY_MS: "2000" };
    const platform = await start({ env });
    await platform.untilHealthy();
    await until(async () => {
      const counts = await Promise.all(TOPICS.map((topic) => countOf(platform, topic)));
      return counts.every((count) => count > 0);
    }, "records in all six topics");
    await untilCaughtUp(platform, GROUPS.length);
    expect((await groupsOf(platform)).map(({ id }) => id)).toEqual(GROUPS);
    platform.signal("SIGTERM");
    await expectCleanEnd(platform);
    expect(platform.logs().filter(({ level }) => level >= WARN)).toEqual([]);
    const { groups } = await withAdmin(kafka.brokers, (admin) => admin.describeGroups(GROUPS));
    expect(groups.map(({ state }) => state)).toEqual(GROUPS.map(() => "Empty"));
  });
});

describe("two processes on Apache Kafka", () => {
  it("share a function's partitions; when one is killed the other takes over, and nothing is missed", async () => {
    const kafka = await startApacheKafka();
    onTestFinished(() => kafka.stop());
    const env = { KAFKA_BROKERS: kafka.brokers, EVENT_PRODUCER_RATE_PER_SECOND: "50" };
    const first = await start({ env, args: ["--only", "event-producer,analytics-consumer"] });
    const untilShared = (parts: string) =>
      until(async () => {
        const group = (await groupsOf(first)).find(({ id }) => id === "analytics-group");
        const owned = group!.members.map((m) => m.assignment.flatMap(({ partitions }) => partitions).length);
        return owned.sort().join() === parts;
      }, `partitions shared as ${parts}`);
    await untilShared("3");
    const second = await start({ env, args: ["--no-api", "--only", "analytics-consumer"] });
    await untilShared("1,2");
    await untilHolds(first, "user-events", (await countOf(first, "user-events")) + 50);
    await second.kill9();
    await untilShared("3");
    await untilProcessed(kafka.brokers, eventIds(await readTopic(kafka.brokers, "user-events")));
  });
});

describe("the platform on an Apache Kafka that goes away", () => {
  it("goes on by itself when the broker is back, and loses nothing", async () => {
    const [port] = (await freePorts(1)) as [number];
    const options = { port, dataDir: await temporaryFolder() };
    const kafka = await startApacheKafka(options);
    let again: ApacheKafka | null = null;
    try {
      const platform = await start({
        env: { KAFKA_BROKERS: kafka.brokers },
        args: ["--only", "analytics-consumer"],
      });
      const load = startLoad(kafka.brokers);
      onTestFinished(() => load.stop());
      await untilHolds(platform, "processed-events", 200);
      await kafka.stop();
      await until(async () => (await platform.health()).status === "unhealthy", "it to be told");
      const before = load.acknowledged.size;
      again = await startApacheKafka(options);
      await until(() => load.acknowledged.size >= before + 200, "records to be acknowledged again");
      await load.stop();
      const events = await readTopic(kafka.brokers, "user-events");
      expect(gaps(events)).toEqual([]);
      const there = new Set(eventIds(events));
      expect([...load.acknowledged].filter((id) => !there.has(id))).toEqual([]);
      await untilProcessed(kafka.brokers, there);
      await platform.untilHealthy();
    } finally {
      kafka.kill();
      again?.kill();
      await again?.exited;
    }
  }, 240_000);
});
