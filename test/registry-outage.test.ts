/** Kafka gone while the embedded schema registry runs. */
import { readFile } from "node:fs/promises";
import { expect, it, onTestFinished } from "vitest";
import { kill9, start, startBroker, temporaryFolder } from "./for-one-test.ts";
import { requestRegistry, startTestRegistry } from "./registry.ts";
import { until } from "./until.ts";

const schemaOf = (name: string) => JSON.stringify({ type: "record", name, fields: [] });

it("without Kafka the registry reads on, refuses writes, and writes again by itself when Kafka is back", async () => {
  const dataDir = await temporaryFolder();
  const broker = await startBroker(dataDir);
  const registry = await startTestRegistry(broker.brokers);
  onTestFinished(() => registry.stop());
  const register = (name: string) =>
    registry.request("POST", `/subjects/${name}-value/versions`, { schema: schemaOf(name) });
  expect((await register("A")).body).toEqual({ id: 1 });

  await kill9(broker);
  const refused = await register("B");
  expect(refused.status).toBe(500);
  expect([50001, 50002]).toContain((refused.body as { error_code: number }).error_code);
  expect((await registry.request("GET", "/schemas/ids/1")).body).toEqual({ schema: schemaOf("A") });
  const health = () => registry.request("GET", "/health");
  await until(async () => (await health()).status === 503, "the registry to notice");

  await startBroker(dataDir, Number(broker.brokers.split(":")[1]));
  await until(async () => (await health()).status === 200, "the registry to reach Kafka again");
  expect((await register("A")).body).toEqual({ id: 1 });
  expect((await register("C")).status).toBe(200);
});

it("the platform starts its registry again when that dies, on the same port", async () => {
  const platform = await start({
    env: { EMBEDDED_REGISTRY: "true", EMBEDDED_REGISTRY_PORT: "0" },
    args: ["--only", "event-producer"],
  });
  await platform.untilHealthy();
  expect((await platform.health()).checks["schema registry"]).toEqual({ status: "healthy" });
  const told = (pattern: RegExp) =>
    platform.stderr.map((line) => pattern.exec(line)?.[1]).find((found) => found !== undefined) ?? null;
  const url = await until(() => told(/"schema registry: (http[^"]+)"/), "the registry's address");
  expect((await requestRegistry(url, "POST", "/subjects/a/versions", { schema: '"int"' })).body).toEqual({
    id: 1,
  });
  process.kill(await registryOf(platform.pid), "SIGKILL");
  await until(() => told(/(the embedded schema registry ended \(SIGKILL\))/), "the platform to notice");
  await platform.untilHealthy();
  const again = await until(() => requestRegistry(url, "GET", "/schemas/ids/1"), "the registry to answer");
  expect(again.body).toEqual({ schema: '"int"' });
});

/** The process id of a platform's registry. */
async function registryOf(platform: number): Promise<number> {
  const children = await readFile(`/proc/${platform}/task/${platform}/children`, "utf8");
  for (const pid of children.trim().split(" ")) {
    if ((await readFile(`/proc/${pid}/cmdline`, "utf8")).includes("registry/main.")) return Number(pid);
  }
  throw new Error(`Expected a registry among ${children}`);
}
