import { describe, expect, it } from "vitest";
import { z } from "zod";
import { defineConsumer, defineProducer } from "./define.ts";
import type { Invocation } from "./invoke.ts";
import { createJournal } from "./journal.ts";
import type { KafkaTrigger } from "./kafka-trigger.ts";
import { createObserver } from "./observer.ts";
import { createReadView, type ReadViewDeps } from "./read-view.ts";
import { createStatus, setState } from "./status.ts";
import { load, numbers, tickOf } from "./testing.ts";
import { createTestCluster } from "./testing-cluster.ts";
import { createTopology } from "./topic-role.ts";

const consumer = load(
  defineConsumer({
    description: "sums",
    topic: numbers,
    group: "g",
    emits: [],
    config: z.object({}),
    handler: () => ({}),
  }),
  "summing",
  { limit: 5 },
);
const producer = load(
  defineProducer({ description: "counts", emits: [numbers], config: z.object({}), handler: () => ({}) }),
  "counting",
);

async function start(more: Partial<ReadViewDeps> = {}) {
  const cluster = createTestCluster();
  for (const [name, leaders] of [
    ["numbers", [1, 2]],
    ["numbers.dlq", [1]],
    ["other", [1]],
  ] as const) {
    cluster.createTopic(name, leaders);
  }
  cluster.append("numbers", 0, ...new Array(10).fill(0));
  cluster.append("numbers", 1, ...new Array(3).fill(0));
  cluster.cut("numbers", 0, 4n);
  let now = 50_000;
  const observer = createObserver(cluster, () => now);
  const statuses = new Map([consumer, producer].map((fn) => [fn.name, createStatus(fn)]));
  const journal = createJournal();
  const trigger = { lag: () => 7, stateKeys: () => 3 } as unknown as KafkaTrigger;
  const tail = {
    recent: (topic: string, limit: number) =>
      topic === "numbers" ? [{ topic, offset: "1" }].slice(0, limit) : [],
    recentCount: () => 5,
    consumed: () => 9,
    lastUpdate: () => 42,
    unreadable: (topic: string) => (topic === "other" ? "DENIED" : null),
  };
  // Only what these tests ask for.
  const deps: Partial<ReadViewDeps> = {
    statuses,
    triggers: new Map([["summing", trigger]]),
    journal,
    observer,
    tail: tail as never,
    stream: { view: {}, lag: {} } as never,
    topics: [numbers],
    topology: createTopology([numbers], [consumer, producer]),
    facts: { known: () => null } as never,
    now: () => now,
    brokerTrouble: () => null,
    ...more,
  };
  const view = createReadView(deps as ReadViewDeps);
  const pass = (ms: number): void => {
    now += ms;
  };
  return { view, cluster, observer, statuses, journal, pass };
}

describe("health", () => {
  it("is what Kafka and each function say", async () => {
    const { view, observer, statuses } = await start();
    await observer.refresh();
    for (const status of statuses.values()) setState(status, "running");
    expect(view.health()).toEqual({
      status: "healthy",
      checks: {
        kafka: { status: "healthy" },
        summing: { status: "healthy" },
        counting: { status: "healthy" },
      },
    });
    setState(statuses.get("counting")!, "waiting", "cannot write");
    expect(view.health()).toMatchObject({
      status: "unhealthy",
      checks: { counting: { status: "unhealthy", reason: "cannot write" }, summing: { status: "healthy" } },
    });
    setState(statuses.get("counting")!, "starting");
    expect(view.health().checks.counting).toEqual({ status: "unhealthy", reason: "is starting" });
  });

  it("says why Kafka is not: it never was there, does not answer, or has fallen silent", async () => {
    const { view, cluster, observer, pass } = await start();
    expect(view.ready()).toEqual({ status: "unhealthy", reason: "Kafka does not answer: not connected yet" });
    await observer.refresh();
    pass(15_000);
    expect(view.ready()).toEqual({ status: "healthy" });
    pass(1);
    expect(view.ready()).toEqual({ status: "unhealthy", reason: "Kafka has not answered for 15 s" });
    cluster.trouble = new Error("no broker");
    await observer.refresh().catch(() => {});
    expect(view.ready()).toEqual({ status: "unhealthy", reason: "Kafka does not answer: no broker" });
  });

  it("says first what is wrong with the broker that belongs to the platform", async () => {
    const { view } = await start({ brokerTrouble: () => "the embedded broker has ended" });
    expect(view.health().checks.kafka).toEqual({
      status: "unhealthy",
      reason: "the embedded broker has ended",
    });
  });
});

describe("the platform's own schema registry", () => {
  it("is a check of its own, where there is one", async () => {
    expect((await start()).view.health().checks).not.toHaveProperty("schema registry");
    let trouble: string | null = null;
    const { view } = await start({ registryTrouble: () => trouble });
    expect(view.health().checks["schema registry"]).toEqual({ status: "healthy" });
    trouble = "it ended";
    expect(view.health().checks["schema registry"]).toEqual({ status: "unhealthy", reason: "it ended" });
    expect(view.health().status).toBe("unhealthy");
  });
});

describe("topics", () => {
  it("are none before the first picture", async () => {
    const { view } = await start();
    expect([view.topics(), view.topic("numbers"), await view.messages("numbers", 5)]).toEqual([
      [],
      null,
      null,
    ]);
  });

  it("are told with their partitions and counts", async () => {
    const { view, observer } = await start();
    await observer.refresh();
    expect(view.topics().map((topic) => topic.name)).toEqual(["numbers", "numbers.dlq", "other"]);
    expect(view.topic("numbers")).toMatchObject({
      defined: true,
      key: "id",
      partitions: [
        { partition: 0, leader: 1, replicas: [1], isr: [1], startOffset: "4", endOffset: "10" },
        { partition: 1, leader: 2, startOffset: "0", endOffset: "3" },
      ],
      replicationFactor: 1,
      messageCount: 9,
      recentCount: 5,
      totalConsumed: 9,
      rate: 0,
      unreadable: null,
    });
    expect(view.topic("numbers.dlq")).toMatchObject({
      defined: true,
      description: "Dead letters of numbers",
    });
    expect(view.topic("other")).toMatchObject({
      defined: false,
      description: null,
      key: null,
      unreadable: "DENIED",
    });
    expect(view.topic("nope")).toBeNull();
  });

  it("have messages from the tail, and null when they are not there", async () => {
    const { view, observer } = await start();
    await observer.refresh();
    expect(await view.messages("numbers", 5)).toHaveLength(1);
    expect([await view.messages("other", 5), await view.messages("nope", 5)]).toEqual([[], null]);
    expect(await view.latest("numbers")).toMatchObject({ offset: "1" });
    expect([await view.latest("other"), view.lastUpdate()]).toEqual([null, 42]);
  });
});

describe("functions", () => {
  it("are told with what they declare and how they are doing", async () => {
    const { view, statuses } = await start();
    const status = statuses.get("summing")!;
    Object.assign(status, { recordsIn: 4, assignment: [1] });
    status.metrics.set("__proto__", { name: "__proto__", labels: {}, value: 2 });
    setState(status, "failing", "why");
    expect(view.functions().map((fn) => fn.name)).toEqual(["summing", "counting"]);
    const told = view.function("summing")!;
    expect(told).toMatchObject({
      kind: "consumer",
      description: "sums",
      codeHash: "hash",
      config: { limit: 5 },
      topic: "numbers",
      group: "g",
      emits: [],
      status: "failing",
      reason: "why",
      recordsIn: 4,
      assignment: [1],
      state: { durability: "memory", keys: 3 },
      lag: 7,
    });
    expect(Object.entries(told.metrics)).toEqual([["__proto__", 2]]);
    expect(view.function("counting")).toMatchObject({
      kind: "producer",
      topic: null,
      group: null,
      emits: ["numbers"],
      lag: null,
    });
    expect(view.function("nope")).toBeNull();
    expect(JSON.parse(JSON.stringify(view.functions()))).toHaveLength(2);
  });

  it("are followed, without the secrets in their settings", async () => {
    const { view, journal } = await start();
    const seen: Invocation[] = [];
    const leave = view.follow("counting", (one) => seen.push(one));
    const invocation = {
      id: "1",
      function: "counting",
      input: tickOf(),
      config: { rate: 1, apiToken: "hidden" },
    } as unknown as Invocation;
    journal.add(invocation);
    leave();
    journal.add(invocation);
    expect(seen).toHaveLength(1);
    expect(JSON.stringify([seen, view.invocations("counting")])).not.toContain("hidden");
    expect(view.invocations("counting")).toMatchObject([{ id: "1", config: { rate: 1 } }, { id: "1" }]);
  });
});
