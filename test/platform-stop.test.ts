/** How the platform ends when that is not easy: signals to all of it, twice, and while Kafka is away or unsettled. */
import { expect, it } from "vitest";
import { expectCleanEnd, kill9, start, startBroker, temporaryFolder } from "./for-one-test.ts";
import { withAdmin } from "./kafka-client.ts";
import { complaints, untilMoreProcessed } from "./observe.ts";
import { until } from "./until.ts";

const BRISK = { EVENT_PRODUCER_RATE_PER_SECOND: "50" };
const GROUPS = ["alert-group", "analytics-group", "logger-group"];

const groupStates = async (brokers: string): Promise<string[]> => {
  const { groups } = await withAdmin(brokers, (admin) => admin.describeGroups(GROUPS));
  return groups.map(({ state, members }) => `${state}, ${members.length} members`);
};

it("SIGTERM to all of its processes at once, as a service manager sends it, lets it finish on its broker", async () => {
  const dataDir = await temporaryFolder();
  const platform = await start({ env: BRISK, dataDir });
  await untilMoreProcessed(platform, 50);
  platform.signalAll("SIGTERM");
  await expectCleanEnd(platform);
  expect(complaints(platform)).toEqual([]);
  const broker = await startBroker(dataDir);
  expect(await groupStates(broker.brokers)).toEqual(GROUPS.map(() => "Empty, 0 members"));
});

it("a second signal ends it at once", async () => {
  const broker = await startBroker();
  const platform = await start({ env: { ...BRISK, KAFKA_BROKERS: broker.brokers } });
  await platform.untilHealthy();
  broker.signalAll("SIGSTOP"); // so that what is at hand cannot be finished
  await until(async () => (await platform.health()).status === "unhealthy", "the outage to be noticed");
  platform.signal("SIGTERM");
  await until(() => platform.logs().some(({ msg }) => msg.startsWith("stopping")), "the stop to begin");
  platform.signal("SIGTERM");
  await expectCleanEnd(platform, 143);
  expect(platform.logs().some(({ msg }) => msg === "stopped")).toBe(false);
});

it("while Kafka is away it gives up waiting, and says what was not delivered", async () => {
  const broker = await startBroker();
  const platform = await start({ env: { ...BRISK, KAFKA_BROKERS: broker.brokers } });
  await platform.untilHealthy();
  await kill9(broker);
  const failed = () => complaints(platform).some((line) => line.includes("cannot write to user-events"));
  await until(failed, "a failed write");
  platform.signal("SIGTERM");
  await expectCleanEnd(platform);
  expect(complaints(platform)).toContain(
    "event-producer: stopped before Kafka acknowledged its last outputs",
  );
});

it("while it is joining its groups it leaves none of its members behind", async () => {
  const dataDir = await temporaryFolder();
  const broker = await startBroker(dataDir);
  const platform = await start({ env: { ...BRISK, KAFKA_BROKERS: broker.brokers } });
  const only = ["--only", "alert-consumer,analytics-consumer,logger-consumer"];
  const other = await start({ env: { KAFKA_BROKERS: broker.brokers }, args: ["--no-api", ...only] });
  const shared = async () =>
    (await groupStates(broker.brokers)).every((state) => state === "Stable, 2 members");
  await until(shared, "both to be members");
  await untilMoreProcessed(platform, 50);
  await Promise.all([other.kill9(), kill9(broker)]);
  await until(
    () => complaints(platform).filter((line) => line.includes("consumer stopped")).length === GROUPS.length,
    "all consumers to stop",
  );
  const { brokers } = await startBroker(dataDir, Number(broker.brokers.split(":")[1]));
  // The broker waits for the other's members, of whom it never hears again, until their sessions are over.
  const joining = async () =>
    (await groupStates(brokers)).filter((state) => state.startsWith("PreparingRebalance")).length >= 2;
  await until(joining, "groups to wait for their former members");
  platform.signal("SIGTERM");
  await expectCleanEnd(platform);
  const empty = async () => (await groupStates(brokers)).every((state) => state === "Empty, 0 members");
  await until(empty, "the sessions of the former members to end, and nobody else to be there");
});
