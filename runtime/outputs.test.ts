import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AbortedError, type OutRecord } from "./lane.ts";
import { createOutputs, type OutputsOptions, RefusedError } from "./outputs.ts";
import { createTestLog } from "./testing.ts";

interface Sent {
  readonly client: number;
  readonly topic: string;
  readonly acks: number;
  readonly compression: number;
  readonly messages: { key: unknown; value: Buffer; partition: number; timestamp: string; headers: object }[];
}

class KafkaError extends Error {
  readonly type: string;
  constructor(type: string) {
    super(`Kafka says ${type}`);
    this.type = type;
  }
}

/** Outputs over clients that record what they are sent; `answer` may reject a try. */
function start(answer: (sent: Sent) => Promise<void> | void = () => {}, more: Partial<OutputsOptions> = {}) {
  const tries: Sent[] = [];
  const clients: { connected: boolean }[] = [];
  const trouble: (string | null)[] = [];
  const recreated: string[] = [];
  const aborting = new AbortController();
  const { log, lines } = createTestLog();
  const outputs = createOutputs({
    name: "f",
    kafka: () =>
      ({
        producer: () => {
          const id = clients.push({ connected: false }) - 1;
          return {
            async connect() {
              clients[id]!.connected = true;
            },
            async disconnect() {
              clients[id]!.connected = false;
            },
            async send(given: Omit<Sent, "client">) {
              const sent = { ...given, client: id };
              tries.push(sent);
              await answer(sent);
            },
          };
        },
      }) as never,
    limits: {
      lingerMs: 10,
      batchBytes: 16_384,
      batchRecords: 1_000,
      backoff: { firstMs: 100, mostMs: 1_000 },
    },
    delivery: (topic) =>
      topic === "fast" ? { compression: "none", acks: "leader" } : { compression: "gzip", acks: "all" },
    partitionsOf: async (topic) => (topic === "one" ? 1 : 3),
    recreate: async (topic) => void recreated.push(topic),
    onTrouble: (reason) => trouble.push(reason),
    signal: aborting.signal,
    log,
    ...more,
  });
  return { outputs, tries, clients, trouble, recreated, lines, abort: () => aborting.abort() };
}

const record = (value: string, more: Partial<OutRecord> = {}): OutRecord => ({
  topic: "one",
  key: null,
  value: Buffer.from(value),
  headers: {},
  timestamp: 5,
  ...more,
});
const valuesOf = ({ messages }: Sent): string[] => messages.map((m) => m.value.toString());

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("send", () => {
  it("resolves when Kafka has acknowledged all of them, written as their topics say", async () => {
    const { outputs, tries, trouble } = start();
    const sent = outputs.send([
      record("a", { headers: { h: "x" }, key: "k" }),
      record("b"),
      record("c", { topic: "fast" }),
    ]);
    await vi.advanceTimersByTimeAsync(10);
    await sent;
    expect(tries.find((t) => t.topic === "one")).toMatchObject({
      acks: -1,
      compression: 1,
      messages: [
        { key: "k", value: Buffer.from("a"), partition: 0, timestamp: "5", headers: { h: "x" } },
        { key: null, value: Buffer.from("b"), partition: 0 },
      ],
    });
    expect(tries.find((t) => t.topic === "fast")).toMatchObject({ acks: 1, compression: 0 });
    expect(trouble).toEqual([null, null]);
  });

  it("resolves at once for nothing", async () => {
    const { outputs, clients } = start();
    await outputs.send([]);
    expect(clients).toEqual([]);
  });

  it("puts a key's records on the partition that the Java client chooses, whether it is text or bytes", async () => {
    const { outputs, tries } = start();
    const keys = ["user_1000", "user_1001", "user_1002", "web-server-01"];
    const sent = outputs.send(
      keys.flatMap((key) => [
        record(key, { topic: "three", key }),
        record(key, { topic: "three", key: Buffer.from(key) }),
      ]),
    );
    await vi.advanceTimersByTimeAsync(10);
    await sent;
    const partitions = new Map(
      tries.flatMap((t) => t.messages).map((m) => [m.value.toString(), m.partition]),
    );
    // org.apache.kafka.common.utils.Utils: toPositive(murmur2(key)) % 3.
    expect(Object.fromEntries(partitions)).toEqual({
      user_1000: 0,
      user_1001: 2,
      user_1002: 1,
      "web-server-01": 1,
    });
    expect(tries.flatMap((t) => t.messages)).toHaveLength(8);
  });

  it("waits an outage out with a new client each time, and says so until it is over", async () => {
    let down = true;
    const { outputs, tries, clients, trouble, lines } = start(() => {
      if (down) throw new Error("no broker");
    });
    let done = false;
    const sent = outputs.send([record("a")]).then(() => {
      done = true;
    });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(done).toBe(false);
    expect(trouble.every((reason) => reason === "cannot write to one: no broker")).toBe(true);
    down = false;
    await vi.advanceTimersByTimeAsync(1_000);
    await sent;
    expect(trouble.at(-1)).toBeNull();
    expect(new Set(tries.map((t) => t.client)).size).toBe(tries.length);
    expect(clients.filter((client) => client.connected)).toHaveLength(1);
    // One warning and not one for each try.
    expect(lines.filter((line) => line.level === 40)).toHaveLength(1);
  });

  it("does not throw away the new client because another lane's try on the old one fails as well", async () => {
    const fails = new Map<string, (error: Error) => void>();
    const { outputs, tries, clients } = start(({ client, topic }) => {
      if (client === 0) return new Promise<void>((_, reject) => fails.set(topic, reject));
    });
    const sent = outputs.send([record("a"), record("b", { topic: "fast", key: "k" })]);
    await vi.advanceTimersByTimeAsync(10);
    fails.get("one")!(new Error("no broker"));
    await vi.advanceTimersByTimeAsync(200); // that lane is through on a second client
    fails.get("fast")!(new Error("connection closed"));
    await vi.advanceTimersByTimeAsync(200);
    await sent;
    expect(clients.map((c) => c.connected)).toEqual([false, true]);
    expect(tries.map((t) => t.client).sort()).toEqual([0, 0, 1, 1]);
  });

  it("rejects with those that Kafka refuses, by their places, when all others are acknowledged", async () => {
    const { outputs, tries, clients } = start((sent) => {
      if (valuesOf(sent).some((value) => value.startsWith("huge"))) throw new KafkaError("MESSAGE_TOO_LARGE");
    });
    const sent = outputs.send(["a", "huge 1", "b", "huge 2"].map((value) => record(value)));
    const refusal = sent.catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(10);
    const error = (await refusal) as RefusedError;
    expect(error).toBeInstanceOf(RefusedError);
    expect([...error.refused]).toEqual([1, 3].map((i) => [i, "Kafka says MESSAGE_TOO_LARGE"]));
    expect(tries.filter((t) => !valuesOf(t).some((v) => v.startsWith("huge"))).flatMap(valuesOf)).toEqual([
      "a",
      "b",
    ]);
    expect(clients).toHaveLength(1); // nothing is wrong with it
  });

  it("makes a topic again that is gone", async () => {
    const { outputs, recreated } = start((sent) => {
      if (recreated.length === 0) throw new KafkaError("UNKNOWN_TOPIC_OR_PARTITION");
      expect(sent.topic).toBe("one");
    });
    const sent = outputs.send([record("a")]);
    await vi.advanceTimersByTimeAsync(200);
    await sent;
    expect(recreated).toEqual(["one"]);
  });

  it("waits while Kafka cannot be asked for a topic's partitions", async () => {
    let down = true;
    const partitionsOf = async (): Promise<number> => {
      if (down) throw new Error("no broker");
      return 1;
    };
    const { outputs, tries, trouble } = start(() => {}, { partitionsOf });
    const sent = outputs.send([record("a")]);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(trouble[0]).toBe("cannot ask for the partitions of one: no broker");
    down = false;
    await vi.advanceTimersByTimeAsync(2_000);
    await sent;
    expect(tries.flatMap(valuesOf)).toEqual(["a"]);
  });

  it.each<[string, Partial<OutputsOptions>]>([
    ["Kafka does not acknowledge", {}],
    ["Kafka cannot be asked for partitions", { partitionsOf: () => Promise.reject(new Error("no broker")) }],
  ])("rejects with AbortedError when waiting is over while %s", async (_, more) => {
    const { outputs, abort } = start(() => Promise.reject(new Error("no broker")), more);
    const sent = outputs.send([record("a")]).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(50);
    abort();
    await vi.advanceTimersByTimeAsync(50);
    expect(await sent).toBeInstanceOf(AbortedError);
  });
});

describe("stop", () => {
  it("waits for what is on its way, then closes the client", async () => {
    const { outputs, tries, clients } = start();
    void outputs.send([record("a")]);
    let stopped = false;
    const stopping = outputs.stop().then(() => {
      stopped = true;
    });
    await vi.advanceTimersByTimeAsync(9);
    expect([stopped, tries.length]).toEqual([false, 0]);
    await vi.advanceTimersByTimeAsync(1);
    await stopping;
    expect([tries.length, clients]).toEqual([1, [{ connected: false }]]);
  });
});
