/** The platform with exactly the rights that `ksp acls` lists, on a Kafka that denies by default. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Admin } from "kafkajs";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { aclEntries } from "../../runtime/acl-entries.ts";
import type { Acl, AclList } from "../../runtime/acls.ts";
import { start, temporaryFolder } from "../for-one-test.ts";
import { readTopic, startLoad, withAdmin } from "../kafka-client.ts";
import { eventIds, untilHolds, untilProcessed } from "../observe.ts";
import { type Platform, runKsp } from "../platform.ts";
import { until } from "../until.ts";
import { LIMITED, type SecuredKafka, startSecuredKafka } from "./secured-kafka.ts";

const FUNCTION = "analytics-consumer";
const GROUP = "analytics-group";
let kafka: SecuredKafka;
const asAdmin = <T>(use: (admin: Admin) => Promise<T>): Promise<T> => withAdmin(kafka.plain, use);
const grant = (acls: readonly Acl[]) =>
  asAdmin((admin) => admin.createAcls({ acl: aclEntries(acls, `User:${LIMITED.user}`) }));
const revoke = (acls: readonly Acl[]) =>
  asAdmin((admin) => admin.deleteAcls({ filters: aclEntries(acls, `User:${LIMITED.user}`) }));

beforeAll(async () => {
  kafka = await startSecuredKafka();
});
afterAll(() => kafka?.stop());

const committed = async (): Promise<string> => {
  const offsets = await asAdmin((admin) => admin.fetchOffsets({ groupId: GROUP, topics: ["user-events"] }));
  return JSON.stringify(offsets[0]!.partitions.map(({ partition, offset }) => [partition, offset]).sort());
};

/** Topics that the page says it cannot show. */
async function unreadable(platform: Platform): Promise<string[]> {
  const { topics } = await platform.get<{ topics: { name: string; unreadable: string | null }[] }>(
    "/api/topics",
  );
  return topics.flatMap(({ name, unreadable: why }) =>
    why?.startsWith("TOPIC_AUTHORIZATION_FAILED") ? [name] : [],
  );
}

describe("the platform with the rights that ksp acls lists", () => {
  it("works; stops with the named error what misses one, without moving offsets; and resumes by itself", async () => {
    const list = JSON.parse((await runKsp(["acls", "--json"]).ended).stdout) as AclList;
    const own = list.functions.find(({ name }) => name === FUNCTION)!.acls;
    await grant([...own, ...list.api, ...list.topicCreation]);
    const platform = await start({
      env: {
        KAFKA_BROKERS: kafka.at.SASLTLS,
        KAFKA_SSL: "true",
        KAFKA_SSL_CA_FILE: kafka.authority.ca,
        KAFKA_SASL_MECHANISM: "scram-sha-512",
        KAFKA_SASL_USERNAME: LIMITED.user,
        KAFKA_SASL_PASSWORD: LIMITED.password,
        LOG_LEVEL: "trace",
      },
      args: ["--only", FUNCTION],
    });
    await platform.untilHealthy();
    const load = startLoad(kafka.plain);
    onTestFinished(() => load.stop());
    await untilHolds(platform, "processed-events", 100);

    const rights: [Acl, string][] = [
      [{ resource: "topic", name: "processed-events", operations: ["Write"] }, "TOPIC_AUTHORIZATION_FAILED"],
      [{ resource: "group", name: GROUP, operations: ["Read"] }, "GROUP_AUTHORIZATION_FAILED"],
      [{ resource: "topic", name: "user-events", operations: ["Read"] }, "TOPIC_AUTHORIZATION_FAILED"],
    ];
    for (const [right, error] of rights) {
      await revoke([right]);
      await until(async () => {
        const { checks } = await platform.health();
        const told = checks[FUNCTION]?.reason?.includes(error) ?? false;
        return told && checks.kafka?.status === "healthy";
      }, `${error} of the function alone`);
      const grown = async (by: number): Promise<void> => {
        const goal = load.acknowledged.size + by;
        await until(() => load.acknowledged.size >= goal, "more records");
      };
      await grown(400); // a second: what was on its way when the right went is committed by now
      const before = await committed();
      await grown(400);
      expect(await committed()).toBe(before);
      if (right.operations[0] === "Read" && right.resource === "topic") {
        await until(async () => (await unreadable(platform)).join() === "user-events", "the page to tell it");
      }
      await grant([right]);
      await platform.untilHealthy();
    }
    await until(async () => (await unreadable(platform)).length === 0, "the page to show all topics");
    await load.stop();
    await untilProcessed(kafka.plain, eventIds(await readTopic(kafka.plain, "user-events")));

    const file = join(await temporaryFolder(), "capture.ndjson");
    const args = ["--count", "3", "--out", file, "--url", platform.url];
    const capturing = runKsp(["capture", FUNCTION, ...args]);
    const more = startLoad(kafka.plain);
    expect((await capturing.ended).code).toBe(0);
    await more.stop();

    const seen = [
      ...platform.stderr,
      await readFile(file, "utf8"),
      ...(await Promise.all(
        ["/api/about", "/health", "/api/functions", "/api/brokers", "/metrics", "/openapi.json"].map(
          async (path) => (await fetch(`${platform.url}${path}`)).text(),
        ),
      )),
    ].join("\n");
    expect(seen).toContain("analytics-consumer");
    expect(seen).not.toContain(LIMITED.password);
    expect(seen).not.toContain(Buffer.from(LIMITED.password).toString("base64"));
  }, 240_000);
});
