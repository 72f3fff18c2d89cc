import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRegistry } from "../runtime/registry-client.ts";
import { createBrokerUnderTest } from "./broker/broker-under-test.ts";
import { produce } from "./broker/log-requests.ts";
import { CODECS, toBatch } from "./broker/record-batch.ts";
import { useEmbeddedBroker } from "./clients/embedded-broker.ts";
import { startTestRegistry, type TestRegistry } from "./registry.ts";
import { until } from "./until.ts";

const avro = (name: string, ...fields: object[]) => JSON.stringify({ type: "record", name, fields });
const id = { name: "id", type: "string" };

describe("the schema registry", () => {
  const brokers = useEmbeddedBroker();
  let registry: TestRegistry;
  beforeAll(async () => {
    registry = await startTestRegistry(brokers());
  });
  afterAll(() => registry?.stop());

  const register = async (subject: string, schema: string, more: object = {}) => {
    const path = `/subjects/${encodeURIComponent(subject)}/versions`;
    const { status, body } = await registry.request("POST", path, { schema, ...more });
    return status === 200 ? (body as { id: number }).id : (body as { error_code: number }).error_code;
  };
  const get = async (path: string) => (await registry.request("GET", path)).body;

  it("gives a schema one id in all subjects, and a version in each", async () => {
    const schema = avro("Order", id);
    const first = await register("orders-value", schema);
    expect(await register("orders-value", schema)).toBe(first);
    expect(await register("archive/orders-value", ` ${schema} `)).toBe(first);
    expect(
      await register("orders-value", avro("Order", id, { name: "note", type: "string", default: "" })),
    ).toBe(first + 1);
    expect(await get("/subjects/orders-value/versions")).toEqual([1, 2]);
    expect(await get(`/schemas/ids/${first}`)).toEqual({ schema });
    expect(await get(`/schemas/ids/${first}/subjects`)).toEqual(["archive/orders-value", "orders-value"]);
    expect(await get("/subjects/archive%2Forders-value/versions/latest")).toEqual({
      subject: "archive/orders-value",
      version: 1,
      id: first,
      schema,
    });
  });

  it("refuses what does not follow the level, and says why", async () => {
    await register("strict-value", avro("Strict", id));
    const path = "/subjects/strict-value/versions";
    const { status, body } = await registry.request("POST", path, {
      schema: avro("Strict", id, { name: "sum", type: "double" }),
    });
    expect(status).toBe(409);
    expect(body).toEqual({
      error_code: 409,
      message: expect.stringContaining("READER_FIELD_MISSING_DEFAULT_VALUE"),
    });
  });

  it.each([
    ["what is no JSON", "{", 42201],
    ["nesting 10,000 deep", "[".repeat(10_000), 42201],
    ["an unknown type", avro("A", { name: "a", type: "Missing" }), 42201],
    ["no schema", "", 42201],
  ])("refuses %s", async (_, schema, code) => {
    expect(await register("bad-value", schema)).toBe(code);
  });

  it("fetches nothing, and refuses circles of $ref and Protobuf", async () => {
    const json = (schema: object) => register("bad-value", JSON.stringify(schema), { schemaType: "JSON" });
    expect(await json({ $ref: "http://127.0.0.1:1/x.json" })).toBe(42201);
    expect(await json({ $ref: "#/definitions/a", definitions: { a: { $ref: "#/definitions/a" } } })).toBe(
      42201,
    );
    expect(await register("bad-value", 'syntax = "proto3";', { schemaType: "PROTOBUF" })).toBe(42201);
    expect(
      await register("bad-value", avro("A"), { references: [{ name: "B", subject: "none", version: 1 }] }),
    ).toBe(42201);
  });

  it("takes references, and keeps what is referred to", async () => {
    await register("address", avro("Address", id));
    const schema = avro("Customer", { name: "home", type: "Address" });
    const references = [{ name: "Address", subject: "address", version: 1 }];
    const referrer = await register("customer", schema, { references });
    expect(await get("/subjects/address/versions/1/referencedby")).toEqual([referrer]);
    const refused = await registry.request("DELETE", "/subjects/address");
    expect(refused).toMatchObject({ status: 422, body: { error_code: 42206 } });
  });

  it("deletes softly, then for good, in this order only", async () => {
    const code = async (path: string) => {
      const { body } = await registry.request("DELETE", path);
      return (body as { error_code?: number }).error_code ?? body;
    };
    expect(await code("/subjects/gone")).toBe(40401);
    const first = await register("gone", avro("Gone", id));
    expect(await code("/subjects/gone/versions/2")).toBe(40402);
    expect(await code("/subjects/gone/versions/x")).toBe(42202);
    expect(await code("/subjects/gone?permanent=true")).toBe(40405);
    expect(await code("/subjects/gone/versions/1?permanent=true")).toBe(40407);
    expect(await code("/subjects/gone/versions/1")).toBe(1);
    expect(await code("/subjects/gone/versions/1")).toBe(40406);
    expect(await code("/subjects/gone")).toBe(40404);
    expect(await get(`/schemas/ids/${first}`)).toHaveProperty("schema");
    expect(await code("/subjects/gone?permanent=true")).toEqual([1]);
    expect(await get(`/schemas/ids/${first}`)).toMatchObject({ error_code: 40403 });
  });

  it("has levels and modes, global and by subject", async () => {
    expect(await get("/config")).toEqual({ compatibilityLevel: "BACKWARD" });
    expect(await get("/config/levels")).toMatchObject({ error_code: 40408 });
    expect(await get("/config/levels?defaultToGlobal=true")).toEqual({ compatibilityLevel: "BACKWARD" });
    const put = async (path: string, body: object) => (await registry.request("PUT", path, body)).body;
    expect(await put("/config/levels", { compatibility: "full" })).toEqual({ compatibility: "FULL" });
    expect(await put("/config/levels", { compatibility: "some" })).toMatchObject({ error_code: 42203 });
    expect(await put("/mode/levels", { mode: "none" })).toMatchObject({ error_code: 42204 });
    expect(await put("/mode/levels", { mode: "READONLY" })).toEqual({ mode: "READONLY" });
    expect(await register("levels", avro("L", id))).toBe(42205);
    expect(await get("/mode/levels")).toEqual({ mode: "READONLY" });
  });

  it("reads what other registries wrote in any codec, and then writes no more until it is started again", async () => {
    const connection = await createBrokerUnderTest(brokers).connect();
    for (const [i, codec] of CODECS.entries()) {
      const [subject, id] = [`by-${codec}`, 1000 + i];
      const key = JSON.stringify({ keytype: "SCHEMA", subject, version: 1, magic: 1 });
      const schema = avro(`By_${codec}`);
      const value = JSON.stringify({ subject, version: 1, id, schema, deleted: false });
      await produce(connection, { topic: "_schemas" }, await toBatch([{ key, value }], { codec }));
      await until(
        async () => (await registry.request("GET", `/schemas/ids/${id}`)).status === 200,
        `the schema compressed with ${codec}`,
      );
    }
    expect(await register("after-value", avro("After"))).toBe(50004);
    expect(await registry.request("GET", "/health")).toMatchObject({
      status: 503,
      body: { reason: expect.stringContaining("Another schema registry writes to _schemas") },
    });
    await registry.stop();
    registry = await startTestRegistry(brokers());
    expect(await register("after-value", avro("After"))).toBe(1000 + CODECS.length);
  });

  it("tells its client what a registration would say, with every version that the level is about", async () => {
    const client = createRegistry({
      url: registry.url,
      username: null,
      password: null,
      token: null,
      ca: null,
    });
    const a = { name: "a", type: "int" };
    for (const fields of [[], [{ ...a, default: 0 }]]) await register("checked", avro("R", ...fields));
    const withoutDefault = avro("R", a);
    expect(await client.check("checked", withoutDefault)).toMatchObject({ isCompatible: true });
    await registry.request("PUT", "/config/checked", { compatibility: "BACKWARD_TRANSITIVE" });
    expect(await client.check("checked", withoutDefault)).toMatchObject({ isCompatible: false });
    expect(await register("checked", withoutDefault)).toBe(409);
  });

  it("answers only its own name, JSON bodies and a mebibyte", async () => {
    const url = `${registry.url}/subjects/x/versions`;
    expect(
      (await fetch(url, { method: "POST", body: "{}", headers: { "content-type": "text/plain" } })).status,
    ).toBe(415);
    expect((await registry.request("POST", "/subjects/x/versions", "{")).status).toBe(400);
    expect((await registry.request("POST", "/subjects/x/versions", " ".repeat(1024 * 1024 + 1))).status).toBe(
      413,
    );
    expect((await registry.request("GET", "/nowhere")).body).toMatchObject({ error_code: 404 });
    expect((await registry.request("GET", "/subjects")).type).toBe("application/vnd.schemaregistry.v1+json");
  });
});
