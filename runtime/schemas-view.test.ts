import { expect, it } from "vitest";
import { RegistryError } from "./registry-client.ts";
import { createSchemasView } from "./schemas-view.ts";
import { createFakeRegistry } from "./testing-registry.ts";

it("tells the newest version of each subject, and of a subject the versions, newest first", async () => {
  const registry = createFakeRegistry();
  for (const type of ["int", "long"]) await registry.register("a-value", JSON.stringify(type));
  await registry.register("b-value", '"string"');
  const view = createSchemasView({ ...registry, subjects: async () => ["b-value", "a-value"] });
  expect((await view.list()).map(({ subject, version, type }) => [subject, version, type])).toEqual([
    ["a-value", 2, "AVRO"],
    ["b-value", 1, "AVRO"],
  ]);
  const found = await view.subject("a-value");
  expect(found).toMatchObject({ subject: "a-value", compatibility: "BACKWARD", count: 2 });
  expect(found!.versions.map(({ version, schema }) => [version, schema])).toEqual([
    [2, '"long"'],
    [1, '"int"'],
  ]);
});

it("asks for no more than the newest fifty versions", async () => {
  const registry = createFakeRegistry();
  const asked: unknown[] = [];
  const view = createSchemasView({
    ...registry,
    versions: async () => Array.from({ length: 120 }, (_, i) => i + 1),
    version: async (subject, version) => {
      asked.push(version);
      return { subject, version: Number(version), id: 1, schema: '"int"' };
    },
  });
  const found = await view.subject("a-value");
  expect([found!.count, found!.versions.length, found!.versions[0]!.version]).toEqual([120, 50, 120]);
  expect(asked).toHaveLength(50);
});

it("knows a subject that is not there from a registry that does not answer", async () => {
  const failing = (error: Error) =>
    createSchemasView({ ...createFakeRegistry(), versions: () => Promise.reject(error) });
  expect(await failing(new RegistryError("none", 404, 40401)).subject("x")).toBeNull();
  await expect(failing(new RegistryError("away", 500, 50001)).subject("x")).rejects.toThrow("away");
});
