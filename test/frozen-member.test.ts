/** A member that is frozen past its session: another one has worked on its partitions when it wakes up. */
import { expect, it } from "vitest";
import { start, startBroker } from "./for-one-test.ts";
import { produce, readTopic, userEvent, withAdmin } from "./kafka-client.ts";
import { groupsOf, untilProcessed } from "./observe.ts";
import { until } from "./until.ts";

const GROUP = "analytics-group";

it("begins its partitions anew where the other has come to, and takes back no commit", async () => {
  const { brokers } = await startBroker();
  const options = { env: { KAFKA_BROKERS: brokers }, args: ["--only", "analytics-consumer"] };
  const committed = async (): Promise<number> => {
    const [topic] = await withAdmin(brokers, (admin) =>
      admin.fetchOffsets({ groupId: GROUP, topics: ["user-events"] }),
    );
    return topic!.partitions.reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0);
  };
  /** One for each of many users, so that all partitions have some. */
  const write = async (name: string): Promise<string[]> => {
    const ids = Array.from({ length: 30 }, (_, i) => `${name}-${i}`);
    await produce(
      brokers,
      "user-events",
      ids.map((id, i) => userEvent(id, `user_${1000 + i}`)),
    );
    return ids;
  };

  const frozen = await start(options);
  await frozen.untilHealthy();
  await untilProcessed(brokers, await write("before"));
  await until(async () => (await committed()) === 30, "the first events to be committed");
  frozen.signalAll("SIGSTOP");

  const other = await start(options);
  await untilProcessed(brokers, await write("meanwhile"));
  await until(async () => (await committed()) === 60, "the other member to commit");
  frozen.signalAll("SIGCONT");
  await until(async () => {
    const group = (await groupsOf(other)).find(({ id }) => id === GROUP);
    return group?.state === "Stable" && group.members.length === 2;
  }, "the frozen member to be back");
  other.signal("SIGTERM"); // now all partitions are the frozen one's again
  await other.ended;

  await untilProcessed(brokers, await write("after"));
  await until(async () => (await committed()) === 90, "all to be committed");
  const anew = frozen.logs().filter(({ msg }) => msg.startsWith("another member went on meanwhile"));
  expect(anew.length).toBeGreaterThan(0);
  const processed = await readTopic(brokers, "processed-events");
  expect(new Set(processed.map(({ key }) => key)).size).toBe(30);
});
