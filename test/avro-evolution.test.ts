/** Topic definitions that change: processes of the version before and the version after, side by side, in Avro. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { useEmbeddedBroker } from "./clients/embedded-broker.ts";
import { copyOfFunctions, start } from "./for-one-test.ts";
import { complaints, countOf, untilCaughtUp, untilHolds } from "./observe.ts";
import type { Platform } from "./platform.ts";
import { startTestRegistry, type TestRegistry } from "./registry.ts";
import { until } from "./until.ts";

const SOURCES = ["user-events", "application-logs", "system-metrics"];
const DERIVED = ["processed-events", "alerts", "anomalies"];
const ALL = [...SOURCES, ...DERIVED];
const PRODUCERS = "event-producer,log-producer,metrics-producer";
const CONSUMERS = "alert-consumer,analytics-consumer,logger-consumer";

/** The version before has a field with a default, which the version after has not; that one has two new ones. */
const BEFORE = 'legacy: z.string().default("none")';
const AFTER = 'note: z.string().optional(), origin: z.string().default("unknown")';

const SHARED = "timestamp: isoTimestamp,";

/** Functions whose topics have these fields as well, in the part that all kinds of their records share. */
async function functionsWith(fields: string, topics: readonly string[]): Promise<string> {
  const folder = await copyOfFunctions();
  for (const topic of topics)
    await replaceIn(join(folder, "topics", `${topic}.ts`), SHARED, `${SHARED} ${fields},`);
  return folder;
}

async function replaceIn(path: string, before: string, after: string): Promise<void> {
  const code = await readFile(path, "utf8");
  expect(code).toContain(before);
  await writeFile(path, code.replace(before, after));
}

describe("two versions of the topics in Avro", () => {
  const brokers = useEmbeddedBroker();
  let registry: TestRegistry;
  beforeAll(async () => {
    registry = await startTestRegistry(brokers());
  });
  afterAll(() => registry?.stop());

  const settings = (functions: string) => ({
    SERDE: "avro",
    KAFKA_BROKERS: brokers(),
    SCHEMA_REGISTRY_URL: registry.url,
    AUTO_REGISTER_SCHEMAS: "true",
    EVENT_PRODUCER_RATE_PER_SECOND: "20",
    METRICS_PRODUCER_SAMPLE_EVERY_MS: "2000",
    SLOW_BATCH_MS: "60000", // a busy machine is not what this is about
    LOG_PRODUCER_RATE_PER_SECOND: "20",
    ALERT_CONSUMER_ERROR_THRESHOLD: "1",
    FUNCTIONS_DIR: functions,
  });

  const run = (functions: string, only: string): Promise<Platform> =>
    start({ env: settings(functions), args: ["--only", only], typescript: true });

  /** All that the topics hold, as the platform's definitions have it, oldest first in each partition. */
  async function readAll(platform: Platform): Promise<Map<string, Record<string, unknown>[]>> {
    const entries = ALL.map(async (topic): Promise<[string, Record<string, unknown>[]]> => {
      const path = `/api/messages/${topic}?mode=oldest&limit=1000`;
      const { messages } = await platform.get<{ messages: { value: Record<string, unknown> }[] }>(path);
      return [topic, messages.map(({ value }) => value)];
    });
    return new Map(await Promise.all(entries));
  }

  /** Runs until all consumers have written something and have nothing left to read; then what there is to read. */
  async function runPair(producers: string, consumers: string) {
    const reading = await run(consumers, CONSUMERS);
    await reading.untilHealthy();
    const before = await Promise.all(DERIVED.map((topic) => countOf(reading, topic)));
    const writing = await run(producers, PRODUCERS);
    await Promise.all(DERIVED.map((topic, i) => untilHolds(reading, topic, before[i]! + 1)));
    writing.signal("SIGTERM");
    expect(await writing.ended).toMatchObject({ code: 0 });
    await untilCaughtUp(reading, 3);
    expect(await Promise.all(SOURCES.map((topic) => countOf(reading, `${topic}.dlq`)))).toEqual([0, 0, 0]);
    expect([...complaints(reading), ...complaints(writing)]).toEqual([]);
    const values = await readAll(reading);
    reading.signal("SIGTERM");
    expect(await reading.ended).toMatchObject({ code: 0 });
    const events = values.get("processed-events")!.filter(({ type }) => type === "event");
    expect(idsOf(events)).toEqual(idsOf(values.get("user-events")!));
    return values;
  }

  const idsOf = (values: readonly Record<string, unknown>[]): unknown[] =>
    values.map(({ event_id }) => event_id).sort();

  const all = (values: Map<string, Record<string, unknown>[]>) => [...values.values()].flat();

  it("lets a producer be one behind its consumer, and one ahead, on all topics: nothing is dead-lettered", async () => {
    const [older, newer] = [await functionsWith(BEFORE, ALL), await functionsWith(AFTER, ALL)];
    // The newer producer writes the new fields, too.
    const path = join(newer, "produce", "event-producer.ts");
    await replaceIn(
      path,
      "emit(userEvents, event)",
      'emit(userEvents, { ...event, note: "n", origin: "web" })',
    );

    const behind = await runPair(older, newer);
    // What the older producers wrote has the newer version's defaults, and no trace of the field that is gone.
    expect(all(behind).filter(({ origin, legacy }) => origin !== "unknown" || legacy !== undefined)).toEqual(
      [],
    );

    const ahead = await runPair(newer, older);
    expect(ahead.get("user-events")!.length).toBeGreaterThan(behind.get("user-events")!.length);
    expect(all(ahead).filter(({ legacy, origin, note }) => legacy !== "none" || origin || note)).toEqual([]);

    const platform = await run(newer, "analytics-consumer");
    await untilHolds(platform, "user-events", ahead.get("user-events")!.length);
    const written = (await readAll(platform)).get("user-events")!.filter(({ note }) => note !== undefined);
    expect(written.length).toBe(ahead.get("user-events")!.length - behind.get("user-events")!.length);
    expect(written.filter(({ origin, note }) => origin !== "web" || note !== "n")).toEqual([]);

    for (const topic of ALL) {
      const { body } = await registry.request("GET", `/subjects/${topic}-value/versions`);
      expect(body).toEqual([1, 2]);
    }
  }, 120_000);

  it("refuses a change that readers could not follow, names it, and stops that function alone", async () => {
    const broken = await functionsWith("tenant: text", ["user-events"]);
    const platform = await run(broken, PRODUCERS);
    const reason = await until(async () => {
      const { checks } = await platform.health();
      const why = checks["event-producer"]?.reason ?? null;
      return why?.startsWith("cannot") ? why : null;
    }, "the producer to be refused");
    expect(reason).toMatch(/^cannot write to its topics: .*user-events-value.* with 409: .*tenant/);
    await untilHolds(platform, "application-logs", (await countOf(platform, "application-logs")) + 1);
    const { checks } = await platform.health();
    expect(checks["log-producer"]).toEqual({ status: "healthy" });
    expect(complaints(platform)).toEqual([`event-producer: ${reason}; trying again`]);
  });
});
