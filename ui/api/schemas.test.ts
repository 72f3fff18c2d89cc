import { describe, expect, it } from "vitest";
import type { SchemasView } from "../../runtime/admin-view.ts";
import { createApp } from "../app.ts";
import { FakeAdmin } from "../fake-admin.ts";
import { fakeDeps, jsonOf } from "../fake-view.ts";

const newest = { subject: "user-events-value", version: 2, id: 7, type: "AVRO" };
const registry: SchemasView = {
  url: "http://127.0.0.1:8081",
  list: async () => [newest],
  subject: async (name) =>
    name === "a/b-value" || name === newest.subject
      ? { subject: name, compatibility: "FULL", count: 1, versions: [{ ...newest, schema: '"int"' }] }
      : null,
};

async function get(path: string, schemas: SchemasView | null) {
  const admin = Object.assign(new FakeAdmin(), { schemas });
  return jsonOf(await createApp(fakeDeps({ admin })).request(path));
}

describe("schemas", () => {
  it("are those of the registry in use", async () => {
    expect(await get("/api/schemas", registry)).toMatchObject({ registry: registry.url, subjects: [newest] });
    expect(await get("/api/schemas/user-events-value", registry)).toMatchObject({
      compatibility: "FULL",
      versions: [{ version: 2, id: 7, schema: '"int"' }],
    });
    expect(await get("/api/schemas/a%2Fb-value", registry)).toMatchObject({ subject: "a/b-value" });
  });

  it("are none without a registry", async () => {
    expect(await get("/api/schemas", null)).toMatchObject({ registry: null, subjects: [] });
    expect(await get("/api/schemas/user-events-value", null)).toMatchObject({ status: 404 });
  });

  it("of a subject that is not there are a 404, of a registry that does not answer a 503 with the reason", async () => {
    expect(await get("/api/schemas/none", registry)).toMatchObject({
      status: 404,
      detail: 'Expected a subject of the schema registry; got "none"',
    });
    const away = {
      ...registry,
      list: () =>
        Promise.reject(Object.assign(new Error("no schema registry answers"), { name: "NoRegistryError" })),
    };
    expect(await get("/api/schemas", away)).toMatchObject({
      status: 503,
      detail: "no schema registry answers",
    });
    const broken = { ...registry, list: () => Promise.reject(new TypeError("ours")) };
    expect(await get("/api/schemas", broken)).toMatchObject({ status: 500 });
  });
});
