import { describe, expect, it } from "vitest";
import { z } from "zod";
import { defineConsumer } from "../define.ts";
import type { KafkaTrigger } from "../kafka-trigger.ts";
import type { ClusterPicture } from "../observer.ts";
import { countInvocation, createStatus, sumMetrics } from "../status.ts";
import { batchOf, load, numbers, rec } from "../testing.ts";
import type { GroupView } from "../view.ts";
import { createMetrics } from "./metrics.ts";

const fn = load(
  defineConsumer({
    description: "",
    topic: numbers,
    group: "g",
    emits: [],
    config: z.object({}),
    handler: () => ({}),
  }),
  "summing",
);

const partition = (n: number, leader: number, isr = [1, 2]) => ({
  partition: n,
  leader,
  replicas: [1, 2],
  isr,
});

const picture = (): ClusterPicture => ({
  brokers: [{ id: 1, host: "localhost", port: 9092 }],
  topics: new Map([["numbers", [partition(0, 1), partition(1, 2, [2]), partition(2, -1)]]]),
  starts: new Map([
    [
      "numbers",
      new Map([
        [0, 4n],
        [1, 0n],
      ]),
    ],
  ]),
  ends: new Map([
    [
      "numbers",
      new Map([
        [0, 10n],
        [1, 3n],
      ]),
    ],
  ]),
  takenAt: 0,
});

const group: GroupView = {
  id: "g",
  state: "Stable",
  protocol: "range",
  members: [{ id: "m", clientId: "c", host: "/127.0.0.1", assignment: [] }],
  partitions: [
    {
      topic: "numbers",
      partition: 0,
      committedOffset: "7",
      endOffset: "10",
      lag: 3,
      lagSeconds: 1.5,
      memberId: "m",
    },
    {
      topic: "numbers",
      partition: 1,
      committedOffset: null,
      endOffset: "3",
      lag: 3,
      lagSeconds: null,
      memberId: "m",
    },
    {
      topic: "never",
      partition: 0,
      committedOffset: null,
      endOffset: "9",
      lag: 9,
      lagSeconds: 2,
      memberId: "m",
    },
  ],
  lag: 15,
  lagSeconds: null,
};

function start() {
  const kafka = { up: true, picture: picture() as ClusterPicture | null };
  const owned = [
    { partition: 0, position: 8n as bigint | null, end: 10n, queuedRecords: 5, stateBytes: 70 },
    { partition: 1, position: null, end: 3n, queuedRecords: 0, stateBytes: 30 },
  ];
  const status = createStatus(fn, (invocation) => metrics.onInvocation(invocation));
  const broker = { text: null as string | null };
  const trigger = { lag: () => 2, stateKeys: () => 3, partitions: () => owned } as unknown as KafkaTrigger;
  const metrics = createMetrics({
    version: "1.2.3",
    statuses: new Map([["summing", status]]),
    triggers: new Map([["summing", trigger]]),
    observer: { picture: () => kafka.picture },
    lag: { current: () => [group], secondsBehind: (_topic, _partition, offset) => Number(offset) / 4 },
    ready: () => ({ status: kafka.up ? "healthy" : "unhealthy" }),
    brokerText: async () => broker.text,
  });
  /** Lines of the families that begin like this. */
  const lines = async (prefix: string): Promise<string[]> =>
    (await metrics.scrape()).text.split("\n").filter((line) => line.startsWith(prefix));
  return { kafka, owned, status, broker, metrics, lines };
}

describe("metrics of topics", () => {
  it("have kafka_exporter's names and labels", async () => {
    const { lines } = start();
    expect(await lines("kafka_brokers")).toEqual(["kafka_brokers 1"]);
    expect(await lines("kafka_broker_info")).toEqual([
      'kafka_broker_info{id="1",address="localhost:9092"} 1',
    ]);
    expect(await lines("kafka_topic_partitions")).toEqual(['kafka_topic_partitions{topic="numbers"} 3']);
    expect(await lines("kafka_topic_partition_current_offset")).toEqual([
      'kafka_topic_partition_current_offset{topic="numbers",partition="0"} 10',
      'kafka_topic_partition_current_offset{topic="numbers",partition="1"} 3',
    ]);
    expect(await lines("kafka_topic_partition_oldest_offset")).toContain(
      'kafka_topic_partition_oldest_offset{topic="numbers",partition="0"} 4',
    );
    const ofPartition = async (name: string): Promise<(string | undefined)[]> =>
      (await lines(`kafka_topic_partition_${name}{`)).map((line) => line.split(" ")[1]);
    expect(await ofPartition("leader")).toEqual(["1", "2"]);
    expect(await ofPartition("leader_is_preferred")).toEqual(["1", "0", "0"]);
    expect(await ofPartition("replicas")).toEqual(["2", "2", "2"]);
    expect(await ofPartition("in_sync_replica")).toEqual(["2", "1", "2"]);
    expect(await ofPartition("under_replicated_partition")).toEqual(["0", "1", "0"]);
  });

  it("are left out while Kafka does not answer, which ksp_kafka_up tells", async () => {
    const { kafka, lines } = start();
    kafka.up = false;
    expect(await lines("kafka_")).toEqual([]);
    expect(await lines("ksp_kafka_up")).toEqual(["ksp_kafka_up 0"]);
  });

  it("forget a topic that is gone", async () => {
    const { kafka, lines } = start();
    await lines("kafka_topic");
    kafka.picture = { ...picture(), topics: new Map() };
    expect(await lines("kafka_topic")).toEqual([]);
  });
});

describe("metrics of groups", () => {
  it("are -1 where nothing is committed, and leave out topics without any commit", async () => {
    const { lines } = start();
    const of = (p: number): string => `{consumergroup="g",topic="numbers",partition="${p}"}`;
    expect(await lines("kafka_consumergroup_lag{")).toEqual([
      `kafka_consumergroup_lag${of(0)} 3`,
      `kafka_consumergroup_lag${of(1)} -1`,
      `kafka_consumergroup_lag${of(2)} -1`,
    ]);
    expect(await lines("kafka_consumergroup_current_offset{")).toEqual([
      `kafka_consumergroup_current_offset${of(0)} 7`,
      `kafka_consumergroup_current_offset${of(1)} -1`,
      `kafka_consumergroup_current_offset${of(2)} -1`,
    ]);
    expect(await lines("kafka_consumergroup_lag_sum")).toEqual([
      'kafka_consumergroup_lag_sum{consumergroup="g",topic="numbers"} 3',
    ]);
    expect(await lines("kafka_consumergroup_current_offset_sum")).toEqual([
      'kafka_consumergroup_current_offset_sum{consumergroup="g",topic="numbers"} 5',
    ]);
    expect(await lines("kafka_consumergroup_members")).toEqual([
      'kafka_consumergroup_members{consumergroup="g"} 1',
    ]);
    expect(await lines("kafka_consumergroup_group_lag_seconds")).toEqual([
      'kafka_consumergroup_group_lag_seconds{group="g",topic="numbers",partition="0"} 1.5',
      'kafka_consumergroup_group_lag_seconds{group="g",topic="never",partition="0"} 2',
    ]);
  });
});

describe("metrics of functions", () => {
  it("tell status, counters, state and lag", async () => {
    const { status, lines } = start();
    Object.assign(status, { state: "failing", recordsIn: 4, deadLetters: 1, lastInvocationAt: 5_000 });
    expect((await lines("ksp_function_status")).filter((line) => line.endsWith(" 1"))).toEqual([
      'ksp_function_status{function="summing",status="failing"} 1',
    ]);
    const ofFunction = async (name: string): Promise<string[]> =>
      (await lines(`ksp_function_${name}{`)).map((line) => line.replace(/^.*\}/, "summing"));
    expect(await ofFunction("records_in_total")).toEqual(["summing 4"]);
    expect(await ofFunction("dead_letters_total")).toEqual(["summing 1"]);
    expect(await ofFunction("state_keys")).toEqual(["summing 3"]);
    expect(await ofFunction("state_bytes")).toEqual(["summing 100"]);
    expect(await ofFunction("last_invocation_timestamp_seconds")).toEqual(["summing 5"]);
    const first = '{function="summing",topic="numbers",partition="0"}';
    expect(await lines("ksp_function_lag_records{")).toEqual([`ksp_function_lag_records${first} 2`]);
    expect(await lines("ksp_function_lag_seconds{")).toEqual([`ksp_function_lag_seconds${first} 2`]);
  });

  it("tell tries to write apart from tries of a batch", async () => {
    const { status, lines } = start();
    Object.assign(status.retries, { send: 2, batch: 1 });
    expect(await lines("ksp_function_retries_total{")).toEqual([
      'ksp_function_retries_total{function="summing",of="send"} 2',
      'ksp_function_retries_total{function="summing",of="batch"} 1',
    ]);
  });

  it("forget a partition that is no longer assigned", async () => {
    const { owned, lines } = start();
    expect(await lines("ksp_function_queued_records{")).toHaveLength(2);
    owned.pop();
    expect(await lines("ksp_function_queued_records{")).toEqual([
      'ksp_function_queued_records{function="summing",topic="numbers",partition="0"} 5',
    ]);
  });

  it("count runs by result, with their durations and the sizes of batches first tried", async () => {
    const { status, lines } = start();
    const run = (attempt: number, records: number) => ({
      function: "summing",
      attempt,
      durationMs: 4,
      input: batchOf(Array.from({ length: records }, (_, i) => rec(i, {}))),
      outcome: { kind: "ok", output: {} },
    });
    countInvocation(status, run(1, 7) as never, 0);
    countInvocation(status, run(2, 3) as never, 0);
    expect(await lines("ksp_function_invocations_total{")).toContain(
      'ksp_function_invocations_total{function="summing",result="ok"} 2',
    );
    expect(await lines("ksp_function_duration_seconds_count")).toEqual([
      'ksp_function_duration_seconds_count{function="summing"} 2',
    ]);
    expect(await lines("ksp_function_duration_seconds_sum")).toEqual([
      'ksp_function_duration_seconds_sum{function="summing"} 0.008',
    ]);
    expect(await lines("ksp_function_batch_records_sum")).toEqual([
      'ksp_function_batch_records_sum{function="summing"} 7',
    ]);
  });
});

describe("metrics of handlers", () => {
  it("keep their labels, in words that Prometheus takes", async () => {
    const { status, lines } = start();
    sumMetrics(status, [
      { name: "big.purchases", value: 2 },
      { name: "alerts", value: 1, labels: { "alert level": 'a"b', function: "mine", "0x": "" } },
    ]);
    expect(await lines("ksp_user_")).toEqual([
      'ksp_user_alerts{alert_level="a\\"b",label_function="mine",label_0x="",function="summing"} 1',
      'ksp_user_big_purchases{function="summing"} 2',
    ]);
  });

  it("add up where names differ only in what Prometheus does not take", async () => {
    const { status, lines } = start();
    sumMetrics(status, [
      { name: "a.b", value: 2 },
      { name: "a-b", value: 3 },
    ]);
    expect(await lines("ksp_user_a_b")).toEqual(['ksp_user_a_b{function="summing"} 5']);
  });

  it("are bounded, and how many are left out is told", async () => {
    const { status, lines } = start();
    for (let i = 0; i < 1_100; i++) sumMetrics(status, [{ name: `m${i}`, value: 1 }]);
    expect(await lines("ksp_user_m")).toHaveLength(200);
    expect(await lines("ksp_metrics_left_out")).toEqual(["ksp_metrics_left_out 900"]);
  });
});

describe("the platform's metrics", () => {
  it("tell its version and the process's own", async () => {
    const { lines } = start();
    expect(await lines("ksp_build_info")).toEqual([
      `ksp_build_info{version="1.2.3",node="${process.version}"} 1`,
    ]);
    expect(await lines("process_resident_memory_bytes ")).toHaveLength(1);
  });

  it("carry the embedded broker's own, or say that it does not answer", async () => {
    const { broker, lines } = start();
    expect(await lines("ksp_broker_")).toEqual(["ksp_broker_up 0"]);
    broker.text = "ksp_broker_partitions 4\n";
    expect(await lines("ksp_broker_")).toEqual(["ksp_broker_up 1", "ksp_broker_partitions 4"]);
  });

  it("read what only the API knows", async () => {
    const { metrics, lines } = start();
    expect(await lines("ksp_stream_clients")).toEqual([]);
    metrics.provide("streamClients", () => 3);
    expect(await lines("ksp_stream_clients")).toEqual(["ksp_stream_clients 3"]);
  });

  it("belong to one platform alone", async () => {
    const [one, other] = [start(), start()];
    one.status.recordsIn = 9;
    expect(await other.lines("ksp_function_records_in_total{")).toEqual([
      'ksp_function_records_in_total{function="summing"} 0',
    ]);
  });
});
