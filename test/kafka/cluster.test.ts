/** The platform on three brokers that replicate everything, some of which are killed. */
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type ApacheKafka, startApacheKafka } from "../../infra/apache-kafka/start.ts";
import { killLeader } from "../failover.ts";
import { start } from "../for-one-test.ts";
import { gaps, readTopic, startLoad, withAdmin } from "../kafka-client.ts";
import { countOf, eventIds, groupsOf, untilHolds, untilProcessed } from "../observe.ts";
import { until } from "../until.ts";

const TOPICS = { source: "user-events", derived: "processed-events" };

describe("the platform on three brokers", () => {
  let kafka: ApacheKafka;
  beforeAll(async () => {
    kafka = await startApacheKafka({ nodes: 3 });
  });
  afterAll(() => kafka?.stop());

  it("goes on when leaders are killed under load; nothing that was acknowledged is lost or left unread", async () => {
    const platform = await start({
      env: { KAFKA_BROKERS: kafka.brokers },
      args: ["--only", "event-producer,analytics-consumer"],
    });
    const load = startLoad(kafka.brokers);
    onTestFinished(() => load.stop());
    await untilHolds(platform, "processed-events", 200);
    for (const partition of [0, 1]) await killLeader(kafka, load, { ...TOPICS, partition });
    await load.stop();
    await platform.untilHealthy();
    const events = await readTopic(kafka.brokers, "user-events");
    expect(gaps(events)).toEqual([]);
    const there = new Set(eventIds(events));
    expect([...load.acknowledged].filter((id) => !there.has(id))).toEqual([]);
    platform.signal("SIGTERM");
    expect((await platform.ended).code).toBe(0);
    await start({
      env: { KAFKA_BROKERS: kafka.brokers },
      args: ["--no-api", "--only", "analytics-consumer"],
    });
    await untilProcessed(kafka.brokers, eventIds(await readTopic(kafka.brokers, "user-events")));
    const { topics } = await withAdmin(kafka.brokers, (admin) =>
      admin.fetchTopicMetadata({ topics: Object.values(TOPICS) }),
    );
    for (const { replicas } of topics.flatMap((topic) => topic.partitions)) expect(replicas).toHaveLength(3);
  }, 240_000);

  it("shares a function's partitions among three processes; those of one that is killed go to the others", async () => {
    const env = { KAFKA_BROKERS: kafka.brokers, EVENT_PRODUCER_RATE_PER_SECOND: "50" };
    const first = await start({ env, args: ["--only", "event-producer,analytics-consumer"] });
    const only = ["--no-api", "--only", "analytics-consumer"];
    const others = [await start({ env, args: only }), await start({ env, args: only })];
    const untilShared = (parts: string) =>
      until(async () => {
        const group = (await groupsOf(first)).find(({ id }) => id === "analytics-group");
        const owned = group!.members.map((m) => m.assignment.flatMap(({ partitions }) => partitions).length);
        return owned.sort().join() === parts;
      }, `partitions shared as ${parts}`);
    await untilShared("1,1,1");
    await untilHolds(first, "user-events", (await countOf(first, "user-events")) + 50);
    await others[0]!.kill9();
    await untilShared("1,2");
    await untilProcessed(kafka.brokers, eventIds(await readTopic(kafka.brokers, "user-events")));
  });
});
