/** The whole, as a newcomer runs it: one command, then records flow; and it ends as cleanly as it began. */
import { describe, expect, it } from "vitest";
import { useEmbeddedBroker } from "./clients/embedded-broker.ts";
import { expectCleanEnd, start } from "./for-one-test.ts";
import { gaps, produce, readTopic, type TopicRecord, userEvent, withAdmin } from "./kafka-client.ts";
import {
  countOf,
  eventIds,
  groupsOf,
  readProcessed,
  untilCaughtUp,
  untilHolds,
  untilProcessed,
} from "./observe.ts";
import { until } from "./until.ts";

/** Fast enough for a test. */
const BRISK = { EVENT_PRODUCER_RATE_PER_SECOND: "50" };
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

describe("the platform", () => {
  it("is healthy, fills all six topics and keeps up with them", async () => {
    const platform = await start({ env: { METRICS_PRODUCER_SAMPLE_EVERY_MS: "2000" } });
    await platform.untilHealthy();
    await until(async () => {
      const counts = await Promise.all(TOPICS.map((topic) => countOf(platform, topic)));
      return counts.every((count) => count > 0);
    }, "records in all six topics");
    await untilCaughtUp(platform, GROUPS.length);
    expect((await groupsOf(platform)).map(({ id }) => id)).toEqual(GROUPS);
    expect(platform.logs().filter(({ level }) => level >= WARN)).toEqual([]);
  });

  it("ends at Ctrl-C, which reaches its broker at the same time", async () => {
    const platform = await start({ env: BRISK });
    await untilHolds(platform, "processed-events", 20);
    platform.signalAll("SIGINT");
    await expectCleanEnd(platform);
    expect(platform.logs().at(-1)?.msg).toBe("stopped");
    expect(platform.logs().filter(({ level }) => level >= WARN)).toEqual([]);
  });

  it("sets aside what is no valid record, with the reason, and counts what is", async () => {
    const platform = await start({ args: ["--only", "analytics-consumer"] });
    await platform.untilHealthy();
    const valid = userEvent("5f0c7a52-6d0a-4a3e-9a0e-1d7a3a4f8b10");
    await produce(platform.brokers, "user-events", [
      valid,
      { key: "user_1", value: '{"event_id": ' },
      { key: "user_2", value: JSON.stringify({ ...JSON.parse(valid.value), event_type: "teleport" }) },
      { key: "user_3", value: null },
    ]);
    await untilHolds(platform, "user-events.dlq", 3);
    await untilProcessed(platform.brokers, ["5f0c7a52-6d0a-4a3e-9a0e-1d7a3a4f8b10"]);
    const letters = await readTopic(platform.brokers, "user-events.dlq");
    const reasons = letters
      .sort((a, b) => (a.key! < b.key! ? -1 : 1))
      .map(({ key, headers }) => [key, headers["ksp.dlq.kind"], headers["ksp.dlq.reason"]]);
    expect(reasons).toEqual([
      ["user_1", "invalid", expect.stringContaining("JSON")],
      ["user_2", "invalid", expect.stringContaining("event_type")],
      ["user_3", "invalid", expect.stringContaining("null")],
    ]);
    expect((await readProcessed(platform.brokers)).size).toBe(1);
  });

  it("shares a function's partitions with a second process, and takes them back when that one dies", async () => {
    const platform = await start({
      env: BRISK,
      args: ["--only", "event-producer,analytics-consumer"],
    });
    await untilHolds(platform, "processed-events", 20);
    const second = await start({
      env: { KAFKA_BROKERS: platform.brokers },
      args: ["--no-api", "--only", "analytics-consumer"],
    });
    const shares = async (): Promise<number[]> => {
      const [group] = await groupsOf(platform);
      return group!.members.map(
        ({ assignment }) => assignment.flatMap(({ partitions }) => partitions).length,
      );
    };
    await until(async () => (await shares()).sort().join() === "1,2", "the partitions to be split");
    const before = await countOf(platform, "user-events");
    await untilHolds(platform, "user-events", before + 50);
    await second.kill9();
    await until(async () => (await shares()).join() === "3", "the partitions to be handed over");
    await untilProcessed(platform.brokers, eventIds(await readTopic(platform.brokers, "user-events")));
  });
});

describe("the platform on a broker that outlives it", () => {
  const brokers = useEmbeddedBroker();

  it("at SIGTERM finishes what is at hand, commits and leaves its groups; started again it goes on from there", async () => {
    const env = { ...BRISK, KAFKA_BROKERS: brokers() };
    const first = await start({ env });
    await untilHolds(first, "processed-events", 50);
    first.signal("SIGTERM");
    await expectCleanEnd(first);
    expect(first.logs().filter(({ level }) => level >= WARN)).toEqual([]);
    await withAdmin(brokers(), async (admin) => {
      const { groups } = await admin.describeGroups(GROUPS);
      expect(groups.map(({ state, members }) => ({ state, members }))).toEqual(
        GROUPS.map(() => ({ state: "Empty", members: [] })),
      );
    });
    await expectDoneAsCommitted(brokers());

    const second = await start({ env });
    await untilHolds(second, "processed-events", (await countOf(second, "processed-events")) + 50);
    second.signal("SIGTERM");
    await expectCleanEnd(second);
    expect(gaps(await readTopic(brokers(), "user-events"))).toEqual([]);
    await expectDoneAsCommitted(brokers());
  });
});

/** What is committed was processed exactly once; what came after it, not at all. */
async function expectDoneAsCommitted(brokers: string): Promise<void> {
  const [committed] = await withAdmin(brokers, (admin) =>
    admin.fetchOffsets({ groupId: "analytics-group", topics: ["user-events"] }),
  );
  const next = new Map(committed!.partitions.map((one) => [one.partition, BigInt(one.offset)]));
  const events = await readTopic(brokers, "user-events");
  const isDone = (event: TopicRecord): boolean => BigInt(event.offset) < next.get(event.partition)!;
  const processed = await readProcessed(brokers);
  expect(events.filter(isDone).length).toBeGreaterThan(0);
  expect(eventIds(events.filter(isDone)).filter((id) => processed.get(id) !== 1)).toEqual([]);
  expect(eventIds(events.filter((event) => !isDone(event))).filter((id) => processed.has(id))).toEqual([]);
}
