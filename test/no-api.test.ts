/** What a process without the API leaves alone. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { startBroker } from "../infra/embedded/start.ts";
import { start } from "./for-one-test.ts";
import { until } from "./until.ts";

it("reads no topic for which it has no consumer", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "ksp-no-api-"));
  const broker = await startBroker({ port: 0, metricsPort: 0, dataDir });
  onTestFinished(async () => {
    await broker.stop();
    rmSync(dataDir, { recursive: true });
  });
  const total = async (name: string): Promise<number> => {
    const text = await (await fetch(`http://127.0.0.1:${broker.metricsPort}/metrics`)).text();
    return Number(new RegExp(`^${name} (\\d+)$`, "m").exec(text)![1]);
  };
  const env = { KAFKA_BROKERS: `127.0.0.1:${broker.port}`, EVENT_PRODUCER_RATE_PER_SECOND: "200" };
  const written = () => until(async () => (await total("ksp_broker_records_in_total")) > 300, "300 records");

  await start({ env, args: ["--no-api", "--only", "event-producer"] });
  await written();
  expect(await total("ksp_broker_records_out_total")).toBe(0);
  // With the API they are read, for the page: so the count would tell.
  await start({ env, args: ["--no-functions"] });
  await until(async () => (await total("ksp_broker_records_out_total")) > 0, "records read for the page");
});
