import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { useEmbeddedBroker } from "./clients/embedded-broker.ts";
import { startTestRegistry, type TestRegistry } from "./registry.ts";

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
});
