import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { loadConfig } from "./config.ts";
import { defineTopic } from "./define.ts";
import { createSerdes, registryOf } from "./serdes.ts";
import { createTestLog, numbers } from "./testing.ts";

const others = defineTopic({ ...numbers, name: "others" });
const URL = "SCHEMA_REGISTRY_URL";

function start(env: Record<string, string>, embeddedUrl: string | null = "http://127.0.0.1:8081") {
  const { log, lines } = createTestLog();
  const config = loadConfig(env);
  const topics = [numbers, others];
  return { serdeOf: createSerdes({ config, topics, embeddedUrl, now: () => 0, log }), lines, config, log };
}

describe("the serdes", () => {
  it.each([
    [{}, "json", "json"],
    [{ SERDE: "avro" }, "avro", "avro"],
    [{ SERDE: "json,others=avro" }, "json", "avro"],
    [{ SERDE: "avro,numbers=json" }, "json", "avro"],
  ])("follow %j", (env, ofNumbers, ofOthers) => {
    const { serdeOf } = start(env);
    expect([serdeOf("numbers").name, serdeOf("others").name, serdeOf("numbers.dlq").name]).toEqual([
      ofNumbers,
      ofOthers,
      "json",
    ]);
  });

  it.each([
    [
      { SERDE: "xml" },
      'SERDE: expected json or avro, or topic=json or topic=avro, comma-separated, got "xml"',
    ],
    [{ SERDE: "json,avro" }, 'SERDE: expected one for all topics, got another: "avro"'],
    [{ SERDE: "numbers=avro,numbers=json" }, 'SERDE: expected "numbers" once, got another: "numbers=json"'],
    [{ SERDE: "nmbers=avro" }, 'SERDE: expected one of numbers, others, got "nmbers"'],
    [{ SERDE: "avro", [URL]: "ftp://x" }, "SCHEMA_REGISTRY_URL: expected an http:// or https:// URL"],
    [{ SERDE: "avro", SCHEMA_REGISTRY_USERNAME: "u" }, "SCHEMA_REGISTRY_PASSWORD: expected it"],
    [{ SERDE: "avro", SCHEMA_REGISTRY_PASSWORD: "hunter2" }, "SCHEMA_REGISTRY_USERNAME: expected it"],
    [{ SERDE: "avro", SCHEMA_REGISTRY_CA_FILE: "/nowhere" }, "SCHEMA_REGISTRY_CA_FILE: expected a file"],
    [
      {
        SERDE: "avro",
        SCHEMA_REGISTRY_TOKEN: "t",
        SCHEMA_REGISTRY_USERNAME: "u",
        SCHEMA_REGISTRY_PASSWORD: "hunter2",
      },
      "SCHEMA_REGISTRY_TOKEN: expected it or SCHEMA_REGISTRY_USERNAME, got both",
    ],
  ])("refuse %j, naming the setting", (env, message) => {
    expect(() => start(env as Record<string, string>)).toThrow(message);
  });

  it("print no credentials of a URL", () => {
    const env = { SERDE: "avro", [URL]: "https://u:hunter2@registry" };
    expect(() => start(env)).toThrow(/without credentials, got one with credentials in it$/m);
    expect(() => start(env)).not.toThrow(/hunter2/);
  });

  it("need a registry where Kafka is not the platform's own", () => {
    expect(() => start({ SERDE: "avro" }, null)).toThrow(
      "SCHEMA_REGISTRY_URL: expected a URL for avro, as KAFKA_BROKERS is set, or EMBEDDED_REGISTRY=true, got neither",
    );
    expect(start({}, null).serdeOf("numbers").name).toBe("json");
  });

  it("name a topic that Avro cannot hold", () => {
    const { config, log } = start({ SERDE: "avro" });
    const schema = z.looseObject({ id: z.string(), when: z.date() });
    const topics = [defineTopic({ ...numbers, schema, key: "id" })];
    const embeddedUrl = "http://127.0.0.1:8081";
    expect(() => createSerdes({ config, topics, embeddedUrl, now: () => 0, log })).toThrow(
      "numbers.value.when: expected a part of a definition that Avro has a form for, got z.date",
    );
  });

  it.each([
    ["http://127.0.0.1:8081", {}, []],
    ["https://registry", { SCHEMA_REGISTRY_TOKEN: "t" }, []],
    ["http://registry", {}, ["schemas from registry can be changed on the way"]],
    [
      "http://registry",
      { SCHEMA_REGISTRY_TOKEN: "t" },
      ["credentials travel to registry for everybody to read"],
    ],
  ])("warn of what %s with %j lets others do", (url, env, expected) => {
    const { lines } = start({ SERDE: "avro", [URL]: url, ...(env as Record<string, string>) });
    expect(lines.map(({ msg }) => msg)).toEqual(
      expected.map((what) => `SCHEMA_REGISTRY_URL is http://: ${what}`),
    );
  });

  it("take the registry that is named rather than the embedded one", () => {
    const { config, log } = start({ [URL]: "https://registry/" });
    expect(registryOf(config, "http://127.0.0.1:8081", log).url).toBe("https://registry");
  });

  it("do not take a folder for a CA file", () => {
    const folder = mkdtempSync(join(tmpdir(), "ksp-test-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    expect(() => start({ SERDE: "avro", SCHEMA_REGISTRY_CA_FILE: folder })).toThrow("(EISDIR)");
  });
});
