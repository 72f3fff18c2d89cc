import { describe, expect, it, onTestFinished } from "vitest";
import { silentLogger } from "../broker/logger.ts";
import { ApiError } from "./api-error.ts";
import { decideRegister } from "./register.ts";
import { type Registry, startRegistry } from "./registry.ts";
import { toStored } from "./stored-records.ts";
import { createMemoryTopic, type MemoryTopic } from "./testing.ts";

async function start(topic: MemoryTopic, name: string, beforeAppend?: () => void): Promise<Registry> {
  const registry = startRegistry(topic.as(name, beforeAppend), silentLogger);
  onTestFinished(() => registry.stop());
  await registry.loaded;
  return registry;
}

const requestOf = (name: string) => ({
  schema: JSON.stringify({ type: "record", name, fields: [] }),
  schemaType: "AVRO",
  references: [],
  id: null,
  version: null,
});
const register = (registry: Registry, name: string, subject = name) =>
  registry.write((state) => decideRegister(state, subject, requestOf(name), false));
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    (answer) => answer,
    (error: unknown) => (error instanceof ApiError ? error.code : error),
  );

const recordOf = (name: string, id: number, subject = name) =>
  toStored({
    type: "schema",
    subject,
    version: 1,
    value: { subject, version: 1, id, schema: requestOf(name).schema, deleted: false },
  });

describe("beside another registry that writes", () => {
  it("the one that finds the other's record writes no more, says which it is, and reads on", async () => {
    const topic = createMemoryTopic();
    const [a, b] = [await start(topic, "a"), await start(topic, "b")];
    expect(await register(a, "A")).toEqual({ id: 1 });
    expect(await codeOf(register(b, "B"))).toBe(50004);
    expect(b.trouble()).toMatch(/Another schema registry writes .*: a, at offset 0/);
    expect([...b.state().subjects.keys()]).toEqual(["A"]);
    expect(await register(a, "C")).toEqual({ id: 2 });
    expect(a.trouble()).toBeNull();
  });

  it("what needs no writing is still answered", async () => {
    const topic = createMemoryTopic();
    const [a, b] = [await start(topic, "a"), await start(topic, "b")];
    await register(a, "A");
    expect(await register(b, "A")).toEqual({ id: 1 });
  });

  it("one that is started later takes over, and the one before finds out", async () => {
    const topic = createMemoryTopic();
    const a = await start(topic, "a");
    await register(a, "A");
    const b = await start(topic, "b");
    expect(await register(b, "B")).toEqual({ id: 2 });
    expect(await codeOf(register(a, "C"))).toBe(50004);
  });

  it.each([
    ["another subject", "Other"],
    ["the same subject", "B"],
  ])("an id that both gave out at one moment, for %s, is taken back by the later one", async (_, subject) => {
    const topic = createMemoryTopic();
    let raced = false;
    const b = await start(topic, "b", () => {
      if (!raced) topic.write(null, recordOf("Other", 1, subject));
      raced = true;
    });
    expect(await codeOf(register(b, "B"))).toBe(50004);
    expect(b.trouble()).toMatch(/one that does not name itself/);
    const c = await start(topic, "c");
    expect([...c.state().subjects].map(([name, versions]) => [name, versions.get(1)?.schema])).toEqual([
      [subject, requestOf("Other").schema],
    ]);
  });

  it("one that writes after it, before it has read its own back, leaves it its answer", async () => {
    const topic = createMemoryTopic();
    const inner = topic.as("a");
    const after = {
      ...inner,
      async append(...args: Parameters<typeof inner.append>) {
        const last = await inner.append(...args);
        topic.write("b", recordOf("B", 2));
        return last;
      },
    };
    const a = startRegistry(after, silentLogger);
    onTestFinished(() => a.stop());
    await a.loaded;
    expect(await register(a, "A")).toEqual({ id: 1 });
    expect(await codeOf(register(a, "C"))).toBe(50004);
  });
});
