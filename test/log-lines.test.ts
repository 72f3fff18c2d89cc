/** The log of a platform that meets faults: each event is one line of JSON that says whose and about what it is. */
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { kill9, start, startBroker, temporaryFolder } from "./for-one-test.ts";
import { untilHolds } from "./observe.ts";
import type { LogLine, Platform } from "./platform.ts";
import { until } from "./until.ts";

const ORDERS = { FUNCTIONS_DIR: fileURLToPath(new URL("orders", import.meta.url)) };

const linesOf = (platform: Platform, message: string): LogLine[] =>
  platform.logs().filter(({ msg }) => msg.startsWith(message));

const number = expect.any(Number);
const offset = expect.stringMatching(/^\d+$/);

describe("the log", () => {
  it("tells of dead letters, slow batches and rebalances, each once, with function, topic, partition and offset", async () => {
    const env = { ...ORDERS, SLOW_BATCH_MS: "0", ORDER_PRODUCER_LAST: "400" };
    const platform = await start({ env, typescript: true });
    await untilHolds(platform, "orders.dlq", 4);
    const place = { function: "order-consumer", topic: "orders", partition: number };

    const letters = linesOf(platform, "dead letter: ");
    expect(letters).toHaveLength(4);
    for (const line of letters)
      expect(line).toMatchObject({ level: 40, ...place, offset, kind: "threw", error: "TypeError" });
    expect(new Set(letters.map((line) => `${line.partition}:${line.offset}`)).size).toBe(4);

    const slow = linesOf(platform, "slow batch: ");
    expect(slow.length).toBeGreaterThan(0);
    for (const line of slow) {
      expect(line).toMatchObject({ ...place, first_offset: offset, last_offset: offset, records: number });
      expect(line).toMatchObject({ level: 40, duration_ms: number, handler_ms: number });
    }

    const [first] = linesOf(platform, "partitions assigned");
    const member = { function: "order-consumer", topic: "orders", group: "order-group" };
    expect(first).toMatchObject({ ...member, partitions: [0, 1, 2], assigned: [0, 1, 2], revoked: [] });
    const second = await start({
      env: { ...ORDERS, KAFKA_BROKERS: platform.brokers },
      args: ["--only", "order-consumer", "--no-api"],
      typescript: true,
    });
    await until(() => linesOf(platform, "partitions assigned").length > 1, "the group to share");
    await until(() => linesOf(second, "partitions assigned").length > 0, "the newcomer to be told");
    expect(linesOf(platform, "group rebalances")[0]).toMatchObject({ ...member, partitions: [0, 1, 2] });
    const after = linesOf(platform, "partitions assigned")[1]!;
    expect([...(after.partitions as number[]), ...(after.revoked as number[])].sort()).toEqual([0, 1, 2]);
    expect(after.revoked).not.toEqual([]);
  });

  it("tells once that Kafka is gone, however often is tried", async () => {
    const dataDir = await temporaryFolder();
    const broker = await startBroker(dataDir);
    const platform = await start({ env: { ...ORDERS, KAFKA_BROKERS: broker.brokers }, typescript: true });
    await untilHolds(platform, "shipments", 20);
    await kill9(broker);
    await until(() => linesOf(platform, "cannot write to ").length > 0, "the platform to notice");
    await startBroker(dataDir, Number(broker.brokers.split(":")[1]));
    const before = Number(
      (await platform.get<{ records_out: number }>("/api/functions/order-producer")).records_out,
    );
    await until(
      async () =>
        (await platform.get<{ records_out: number }>("/api/functions/order-producer")).records_out >
        before + 40,
      "the producer to go on",
    );
    for (const name of ["order-producer", "order-consumer"]) {
      const told = linesOf(platform, "cannot write to ").filter((line) => line.function === name);
      expect(told.length).toBeLessThan(3); // a batch that was on its way counts apart from the next one
      for (const line of told)
        expect(line).toMatchObject({ level: 40, topic: expect.any(String), partition: number });
    }
  });
});
