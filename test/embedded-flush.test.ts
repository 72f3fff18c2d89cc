/** EMBEDDED_KAFKA_FLUSH from the setting to the disk: what the broker's own process syncs, as its metrics tell. */
import { expect, it } from "vitest";
import { encodeBatch } from "../infra/embedded/wire/record-batch.ts";
import { Code, produce } from "./broker/log-requests.ts";
import { connectRaw } from "./broker/raw-connection.ts";
import { startBroker } from "./for-one-test.ts";
import { withAdmin } from "./kafka-client.ts";
import { until } from "./until.ts";

const PRODUCED = 20;
const record = { timestamp: Date.now(), key: null, value: Buffer.from("v"), headers: [] };

/** Produces one by one to a broker with these settings. Returns what tells its syncs since then. */
async function produceTo(env: Readonly<Record<string, string>>): Promise<() => Promise<number>> {
  const broker = await startBroker(undefined, 0, { EMBEDDED_KAFKA_METRICS_PORT: "0", ...env });
  const line = broker.stderr.find((text) => text.includes("embedded broker is ready"))!;
  const { metricsPort } = JSON.parse(line) as { metricsPort: number };
  const syncs = async (): Promise<number> => {
    const metrics = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
    return Number(/^ksp_broker_log_flushes_total (\d+)$/m.exec(metrics)![1]);
  };
  await withAdmin(broker.brokers, (admin) => admin.createTopics({ topics: [{ topic: "t" }] }));
  const connection = await connectRaw(broker.brokers);
  const before = await syncs();
  for (let i = 0; i < PRODUCED; i++) {
    const batch = encodeBatch({ baseOffset: 0, records: [record] });
    expect((await produce(connection, { topic: "t" }, batch)).error).toBe(Code.NONE);
  }
  connection.close();
  return async () => (await syncs()) - before;
}

it("always: each acknowledgement has waited for a sync of its own", async () => {
  const syncsSince = await produceTo({ EMBEDDED_KAFKA_FLUSH: "always" });
  expect(await syncsSince()).toBeGreaterThanOrEqual(PRODUCED);
});

it("os: acknowledgements wait for none", async () => {
  const syncsSince = await produceTo({ EMBEDDED_KAFKA_FLUSH: "os" });
  expect(await syncsSince()).toBe(0);
});

it("interval: a sync follows what was acknowledged", async () => {
  const syncsSince = await produceTo({
    EMBEDDED_KAFKA_FLUSH: "interval",
    EMBEDDED_KAFKA_FLUSH_INTERVAL_MS: "200",
  });
  await until(async () => (await syncsSince()) > 0, "a sync");
});
