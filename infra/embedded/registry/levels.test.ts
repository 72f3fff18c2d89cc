/** The compatibility levels over the REST API: who must read whom, and how far back. */
import { describe, expect, it, onTestFinished } from "vitest";
import { silentLogger } from "../broker/logger.ts";
import { createApp } from "./app.ts";
import { READABLE, UNREADABLE } from "./avro/resolution-cases.ts";
import { startRegistry } from "./registry.ts";
import { LEVELS, type Level } from "./settings.ts";
import { createMemoryTopic } from "./testing.ts";

async function start() {
  const registry = startRegistry(createMemoryTopic().as("self"), silentLogger);
  onTestFinished(() => registry.stop());
  await registry.loaded;
  const app = createApp(registry, silentLogger);
  return async (method: string, path: string, body: object) => {
    const response = await app.request(`http://127.0.0.1${path}`, {
      method,
      headers: { host: "127.0.0.1", "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as { is_compatible?: boolean } };
  };
}

/** Whether the last may follow those before it: as the check says, which must be what a registration does. */
async function follows(
  request: Awaited<ReturnType<typeof start>>,
  level: Level,
  subject: string,
  history: unknown[],
) {
  const schemas = history.map((one) => ({ schema: JSON.stringify(one) }));
  const versions = `/subjects/${subject}/versions`;
  await request("PUT", `/config/${subject}`, { compatibility: "NONE" });
  for (const one of schemas.slice(0, -1)) expect((await request("POST", versions, one)).status).toBe(200);
  await request("PUT", `/config/${subject}`, { compatibility: level });
  const { body } = await request("POST", `/compatibility${versions}`, schemas.at(-1)!);
  const { status } = await request("POST", versions, schemas.at(-1)!);
  expect(status).toBe(body.is_compatible ? 200 : 409);
  return body.is_compatible;
}

const record = (...fields: object[]) => ({ type: "record", name: "R", fields });
const a = { name: "a", type: "int" };
const withDefault = { ...a, default: 0 };
const text = { name: "a", type: "string", default: "" };

/** Three versions, and the levels at which the third may follow. */
const HISTORIES: [string, unknown[], readonly Level[]][] = [
  [
    "a field removed, then another",
    [record(a, { name: "b", type: "int" }), record(a), record()],
    ["NONE", "BACKWARD", "BACKWARD_TRANSITIVE"],
  ],
  [
    "a field added, then another",
    [record(), record(a), record(a, { name: "b", type: "int" })],
    ["NONE", "FORWARD", "FORWARD_TRANSITIVE"],
  ],
  [
    "fields with defaults",
    [record(), record(withDefault), record(withDefault, { name: "b", type: "int", default: 1 })],
    [...LEVELS],
  ],
  [
    "a default that is gone, though the first version has not the field",
    [record(), record(withDefault), record(a)],
    ["NONE", "BACKWARD", "FORWARD", "FORWARD_TRANSITIVE", "FULL"],
  ],
  [
    "a field removed that the first version has no default for",
    [record(a), record(withDefault), record()],
    ["NONE", "BACKWARD", "BACKWARD_TRANSITIVE", "FORWARD", "FULL"],
  ],
  [
    "a field that comes back as another",
    [record(withDefault), record(), record(text)],
    ["NONE", "BACKWARD", "FORWARD", "FULL"],
  ],
  ["what nobody reads", [record(a), record(a), record(text)], ["NONE"]],
];

describe.each(LEVELS)("at %s", (level) => {
  it.each(HISTORIES)("%s", async (_, history, levels) => {
    expect(await follows(await start(), level, "s", history)).toBe(levels.includes(level));
  });

  it("each reader of the table follows its writer, or not", async () => {
    const request = await start();
    const backward = level.startsWith("BACKWARD") || level.startsWith("FULL");
    const forward = level.startsWith("FORWARD") || level.startsWith("FULL");
    const cases = [
      ...READABLE.map(([name, reader, writer]) => ({ name, reader, writer, reads: true })),
      ...UNREADABLE.map(([name, reader, writer]) => ({ name, reader, writer, reads: false })),
    ];
    for (const [i, { name, reader, writer, reads }] of cases.entries()) {
      // What is the same to the registry is not looked at; that the other way round is not the table's.
      if (backward && !(forward && reads))
        expect(await follows(request, level, `new-${i}`, [writer, reader]), `new reads ${name}`).toBe(reads);
      if (forward && !(backward && reads))
        expect(await follows(request, level, `old-${i}`, [reader, writer]), `old reads ${name}`).toBe(reads);
      if (level === "NONE") expect(await follows(request, level, `s-${i}`, [writer, reader])).toBe(true);
    }
  });
});
