/** The REST API in the corners, over a topic in memory. */
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { silentLogger } from "../broker/logger.ts";
import { createApp } from "./app.ts";
import { startRegistry } from "./registry.ts";
import { type KeyValue, toStored } from "./stored-records.ts";
import { createMemoryTopic, type MemoryTopic } from "./testing.ts";

let topic: MemoryTopic;
let request: (method: string, path: string, body?: unknown) => Promise<{ status: number; body: unknown }>;

/** A registry over what the topic holds by now. */
async function start(): Promise<void> {
  const registry = startRegistry(topic.as("self"), silentLogger);
  onTestFinished(() => registry.stop());
  await registry.loaded;
  const app = createApp(registry, silentLogger);
  request = async (method, path, body) => {
    const response = await app.request(`http://127.0.0.1${path}`, {
      method,
      headers: { host: "127.0.0.1", "content-type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.json() };
  };
}

beforeEach(async () => {
  topic = createMemoryTopic();
  await start();
});

const avro = (name: string, ...fields: object[]) => JSON.stringify({ type: "record", name, fields });
const int = { name: "a", type: "int" };
const post = async (subject: string, schema: string, more: object = {}, query = "") =>
  (await request("POST", `/subjects/${subject}/versions${query}`, { schema, ...more })).body;
const get = async (path: string) => (await request("GET", path)).body;
const put = async (path: string, body: object) => (await request("PUT", path, body)).body;
const code = (error_code: number) => expect.objectContaining({ error_code });

describe("modes", () => {
  it("IMPORT takes ids and versions as they are given, and is refused where there are versions already", async () => {
    await post("there", avro("There"));
    expect(await put("/mode/there", { mode: "IMPORT" })).toEqual(code(42205));
    expect(await put("/mode/there?force=true", { mode: "IMPORT" })).toEqual({ mode: "IMPORT" });
    expect(await put("/mode/new", { mode: "IMPORT" })).toEqual({ mode: "IMPORT" });
    expect(await post("new", avro("New"))).toEqual(code(42205));
    expect(await post("new", avro("New"), { id: 77, version: 5 })).toEqual({ id: 77 });
    expect(await get("/subjects/new/versions")).toEqual([5]);
    expect(await post("new", avro("Else"), { id: 77, version: 6 })).toEqual(code(42207));
    // What is imported needs not be compatible.
    expect(await post("new", avro("New", int), { id: 78, version: 6 })).toEqual({ id: 78 });
    await request("DELETE", "/mode/new");
    expect(await post("other", avro("Other"))).toEqual({ id: 79 });
  });

  it("an id is taken in no other mode", async () => {
    expect(await post("new", avro("New"), { id: 77 })).toEqual(code(42205));
  });

  it("a global READONLY_OVERRIDE goes over a subject's own, a global READONLY does not", async () => {
    await put("/mode/mine", { mode: "READWRITE" });
    await put("/mode", { mode: "READONLY" });
    expect(await post("mine", avro("A"))).toEqual({ id: 1 });
    expect(await post("other", avro("B"))).toEqual(code(42205));
    await put("/mode", { mode: "READONLY_OVERRIDE" });
    expect(await post("mine", avro("C"))).toEqual(code(42205));
    expect((await request("DELETE", "/subjects/mine")).body).toEqual(code(42205));
    expect(await put("/config/mine", { compatibility: "NONE" })).toEqual(code(42205));
    await put("/mode", { mode: "READWRITE" });
    expect(await put("/config/mine", { compatibility: "NONE" })).toEqual({ compatibility: "NONE" });
  });
});

describe("normalisation", () => {
  const props = (...entries: [string, unknown][]) =>
    JSON.stringify({ type: "record", name: "P", fields: [], ...Object.fromEntries(entries) });
  const [one, two] = [props(["x", 1], ["y", 2]), props(["y", 2], ["x", 1])];

  it("gives schemas that mean the same one id, where it is asked for", async () => {
    expect(await post("asked", one, {}, "?normalize=true")).toEqual({ id: 1 });
    expect(await post("asked", two, {}, "?normalize=true")).toEqual({ id: 1 });
    const found = await request("POST", "/subjects/asked?normalize=true", { schema: two });
    expect(found).toMatchObject({ status: 200, body: { id: 1, version: 1 } });
  });

  it("is by the subject's setting otherwise", async () => {
    await put("/config/set", { normalize: true });
    expect(await post("set", one)).toEqual(await post("set", two));
    expect(await post("unset", one)).not.toEqual(await post("unset", two));
  });

  it("does the same for JSON Schema", async () => {
    const json = (schema: object) =>
      post("json", JSON.stringify(schema), { schemaType: "JSON" }, "?normalize=true");
    expect(await json({ type: "string", minLength: 1 })).toEqual(
      await json({ minLength: 1, type: "string" }),
    );
  });
});

describe("an id that no schema has", () => {
  it.each(["-1", "0", "7", "99999999999999999999"])("is answered with 40403: %s", async (id) => {
    for (const rest of ["", "/schema", "/subjects", "/versions"])
      expect(await request("GET", `/schemas/ids/${id}${rest}`)).toMatchObject({
        status: 404,
        body: { error_code: 40403 },
      });
  });

  it("is no place where it is no number", async () => {
    expect(await get("/schemas/ids/one")).toEqual(code(404));
  });
});

describe("a lookup", () => {
  it("finds what is softly deleted only when asked for it", async () => {
    await post("s", avro("A"));
    await post("s", avro("A", { ...int, default: 1 }));
    await request("DELETE", "/subjects/s/versions/1");
    const lookup = (query: string) => request("POST", `/subjects/s${query}`, { schema: avro("A") });
    expect((await lookup("")).body).toEqual(code(40403));
    expect((await lookup("?deleted=true")).body).toMatchObject({ id: 1, version: 1 });
    await request("DELETE", "/subjects/s");
    expect((await lookup("")).body).toEqual(code(40401));
    expect((await lookup("?deleted=true")).body).toMatchObject({ id: 1, version: 1 });
  });

  it("takes references into account", async () => {
    await post("inner", avro("Inner"));
    const schema = avro("Outer", { name: "inner", type: "Inner" });
    const references = [{ name: "Inner", subject: "inner", version: 1 }];
    await post("outer", schema, { references });
    const found = await request("POST", "/subjects/outer", { schema, references });
    expect(found.body).toMatchObject({ version: 1, references });
    expect((await request("POST", "/subjects/outer", { schema })).body).toEqual(code(42201));
  });
});

describe("references in JSON Schema", () => {
  const json = (subject: string, schema: object, references: object[] = []) =>
    post(subject, JSON.stringify(schema), { schemaType: "JSON", references });
  const reference = (subject: string) => ({ name: `${subject}.json`, subject, version: 1 });
  const ref = (name: string) => ({ type: "object", properties: { at: { $ref: name } } });

  it("lead to other subjects by name, and into them", async () => {
    await json("b", { definitions: { word: { type: "string" } } });
    expect(await json("a", ref("b.json#/definitions/word"), [reference("b")])).toEqual({ id: 2 });
    expect(await json("c", ref("b.json#/definitions/none"), [reference("b")])).toEqual(code(42201));
    expect(await json("c", ref("b.json"), [])).toEqual(code(42201));
  });

  it("may be recursive, and may not be a circle of nothing else", async () => {
    expect(await json("tree", { properties: { left: { $ref: "#" } } })).toEqual({ id: 1 });
    const circle = {
      $ref: "#/definitions/a",
      definitions: { a: { $ref: "#/definitions/b" }, b: { $ref: "#/definitions/a" } },
    };
    expect(await json("circle", circle)).toEqual(code(42201));
  });

  it("many that lead to one anchor cost one look for it", async () => {
    const entries = Array.from({ length: 20_000 }, (_, i) => [`d${i}`, { $ref: "#last" }]);
    const $defs = { ...Object.fromEntries(entries), last: { $anchor: "last" } };
    const $schema = "https://json-schema.org/draft/2020-12/schema";
    expect(await json("anchors", { $schema, $defs })).toEqual({ id: 1 });
  });

  it("10,000 $ref in a row are refused, and so are 10,000 levels", async () => {
    const definitions = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, i) => [`d${i}`, { $ref: `#/definitions/d${i + 1}` }]),
    );
    const chain = { definitions: { ...definitions, d10000: {} }, $ref: "#/definitions/d0" };
    expect(await json("chain", chain)).toEqual(code(42201));
    const deep = `${'{"not":'.repeat(10_000)}{}${"}".repeat(10_000)}`;
    expect(await post("deep", deep, { schemaType: "JSON" })).toEqual(code(42201));
  });
});

describe("references as another registry may have left them", () => {
  const stored = (i: number, to: number): KeyValue =>
    toStored({
      type: "schema",
      subject: `s${i}`,
      version: 1,
      value: {
        subject: `s${i}`,
        version: 1,
        id: i + 1,
        schema: avro(`T${i}`),
        references: [{ name: `T${to}`, subject: `s${to}`, version: 1 }],
        deleted: false,
      },
    });
  const toFirst = { references: [{ name: "T0", subject: "s0", version: 1 }] };

  it("in a circle are refused", async () => {
    topic.write("another", stored(0, 1));
    topic.write("another", stored(1, 0));
    await start();
    expect(await post("new", avro("New"), toFirst)).toEqual(code(42201));
  });

  it("10,000 deep are refused", async () => {
    for (let i = 0; i < 10_000; i++) topic.write("another", stored(i, i + 1));
    await start();
    expect(await post("new", avro("New"), toFirst)).toEqual(code(42201));
  });
});

describe("a default in Avro", () => {
  const self = (type: unknown, value: unknown) => avro("R", { name: "next", type, default: value });

  it.each([
    ["a record of itself", self("R", {})],
    ["a list of itself", self({ type: "array", items: "R" }, [{}])],
    [
      "records of each other",
      avro("A", {
        name: "b",
        default: {},
        type: { type: "record", name: "B", fields: [{ name: "a", type: "A", default: {} }] },
      }),
    ],
  ])("that contains itself without end is refused: %s", async (_, schema) => {
    expect(await post("s", schema)).toMatchObject({
      error_code: 42201,
      message: expect.stringContaining("contains itself"),
    });
  });

  it.each([
    ["null", self(["null", "R"], null)],
    ["an empty list", self({ type: "array", items: "R" }, [])],
    ["a record that says it all", self(["R", "null"], { next: { next: null } })],
  ])("that ends is taken: %s", async (_, schema) => {
    expect(await post("s", schema)).toEqual({ id: 1 });
  });
});

describe("a number that no double holds", () => {
  it.each([
    ["as a default", '{"type":"record","name":"R","fields":[{"name":"a","type":"double","default":1e999}]}'],
    [
      "in a default",
      '{"type":"record","name":"R","fields":[{"name":"a","type":{"type":"array","items":"float"},"default":[1,-1e999]}]}',
    ],
    ["in what has no meaning", '{"type":"string","limit":1e999}'],
  ])(
    "is refused %s: it would be stored as null, and the subject take no schema any more",
    async (_, schema) => {
      expect(await post("s", schema)).toEqual(code(42201));
      expect(await get("/subjects")).toEqual([]);
    },
  );

  it("is no matter in text", async () => {
    expect(await post("s", '{"type":"string","doc":"1e999"}')).toEqual({ id: 1 });
  });
});

describe("what $schema names", () => {
  const named = ($schema: unknown) => post("s", JSON.stringify({ $schema }), { schemaType: "JSON" });

  it.each([
    "http://json-schema.org/draft-07/schema",
    "http://json-schema.org/draft-07/schema#",
    "https://json-schema.org/draft-07/schema#",
    "https://json-schema.org/draft/2020-12/schema",
    "https://json-schema.org/draft/2020-12/schema#",
  ])("is taken: %s", async (name) => {
    expect(await named(name)).toEqual({ id: 1 });
  });

  it.each([
    "toString",
    "__proto__",
    "constructor",
    "",
    "http://json-schema.org/draft-04/schema#",
    "https://json-schema-org/draft-07/schema",
    7,
    null,
    ["http://json-schema.org/draft-07/schema#"],
  ])("is refused: %j", async (name) => {
    expect(await named(name)).toEqual(code(42201));
  });
});

describe("/health", () => {
  it("is good where the topic is read and nobody else writes, and says why not otherwise", async () => {
    expect(await request("GET", "/health")).toEqual({ status: 200, body: { status: "healthy" } });
    topic.write(null, { key: '{"keytype":"NOOP","magic":0}', value: null });
    await expect
      .poll(() => request("GET", "/health"))
      .toMatchObject({
        status: 503,
        body: { status: "unhealthy", reason: expect.stringContaining("one that does not name itself") },
      });
  });
});
