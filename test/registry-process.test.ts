/** The schema registry as a process, killed. */
import { once } from "node:events";
import { afterEach, expect, it } from "vitest";
import { useEmbeddedBroker } from "./clients/embedded-broker.ts";
import { type RegistryProcess, requestRegistry, startRegistryProcess } from "./registry.ts";

const brokers = useEmbeddedBroker();
const processes: RegistryProcess[] = [];
afterEach(async () => {
  for (const one of processes.splice(0)) await one.kill();
});

async function start(port = 0): Promise<RegistryProcess> {
  const one = await startRegistryProcess(brokers(), port);
  processes.push(one);
  return one;
}

it("keeps ids, levels and deletions over kill -9, and gives out no id twice", async () => {
  const first = await start();
  const register = async (url: string, subject: string, name: string) => {
    const schema = JSON.stringify({ type: "record", name, fields: [] });
    return (await requestRegistry(url, "POST", `/subjects/${subject}/versions`, { schema })).body;
  };
  const ids = await Promise.all(["A", "B", "C"].map((name) => register(first.url, `${name}-value`, name)));
  await requestRegistry(first.url, "PUT", "/config/A-value", { compatibility: "FULL" });
  await requestRegistry(first.url, "DELETE", "/subjects/C-value");
  await first.kill();

  const second = await start();
  expect(await Promise.all(["A", "B"].map((name) => register(second.url, `${name}-value`, name)))).toEqual(
    ids.slice(0, 2),
  );
  expect((await requestRegistry(second.url, "GET", "/config/A-value")).body).toEqual({
    compatibilityLevel: "FULL",
  });
  expect((await requestRegistry(second.url, "GET", "/subjects")).body).toEqual(["A-value", "B-value"]);
  expect(await register(second.url, "D-value", "D")).toEqual({ id: 4 });
});

it("keeps every id that it answered over kill -9 in a stream of registrations, and gives none out twice", async () => {
  const answered = new Map<string, number>();
  const register = async (url: string, name: string): Promise<void> => {
    const schema = JSON.stringify({ type: "record", name, fields: [] });
    const path = `/subjects/stream-${name}/versions`;
    const { body } = await requestRegistry(url, "POST", path, { schema });
    const { id } = body as { id?: number };
    if (id === undefined) return;
    expect(answered.get(name) ?? id).toBe(id);
    answered.set(name, id);
  };
  for (let round = 0; round < 3; round++) {
    const one = await start();
    for (const name of answered.keys()) await register(one.url, name);
    const before = answered.size;
    const names = Array.from({ length: 200 }, (_, i) => `R${round}x${i}`);
    let running = 0;
    const lanes = Array.from({ length: 4 }, async (_, lane) => {
      for (const name of names.filter((_, i) => i % 4 === lane)) {
        running++;
        await register(one.url, name);
        if (answered.size === before + 20) void one.kill();
      }
    });
    // Requests that the kill cut off have no answer; all else is a fault.
    for (const { status, reason } of (await Promise.allSettled(lanes)) as PromiseRejectedResult[])
      if (status === "rejected") expect(String(reason)).toContain("fetch failed");
    await one.kill();
    expect(running).toBeLessThan(200);
    expect(answered.size).toBeGreaterThanOrEqual(before + 20);
  }
  const last = await start();
  for (const name of [...answered.keys()]) await register(last.url, name);
  expect(new Set(answered.values()).size).toBe(answered.size);
}, 60_000);

it("names a port that is taken", async () => {
  const { message } = await start();
  const { message: failed } = await start(message.port);
  expect(failed).toMatchObject({
    type: "failed",
    code: "PORT_IN_USE",
    message: expect.stringContaining(`${message.port}`),
  });
});

it("ends with its parent's word", async () => {
  const { child } = await start();
  const exited = once(child, "exit");
  child.send({ type: "stop" });
  expect(await exited).toEqual([0, null]);
});
