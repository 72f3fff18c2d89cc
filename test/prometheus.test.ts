/** Monitoring for real: Prometheus scrapes a live platform, and each alert fires for the fault that it is for. */
import { readdirSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Consumer, Kafka, logLevel } from "kafkajs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describeClient } from "./clients/describe-client.ts";
import { type Exposition, namesOf, readExposition } from "./exposition.ts";
import { temporaryFolder } from "./for-one-test.ts";
import { type Platform, startPlatform } from "./platform.ts";
import {
  expressionsOf,
  faultsOf,
  monitoringFile,
  namesIn,
  PROMETHEUS,
  type PrometheusServer,
  promtool,
  startPrometheus,
} from "./prometheus-server.ts";
import { until } from "./until.ts";

const MONITORING = fileURLToPath(new URL("../infra/monitoring", import.meta.url));
const DASHBOARDS = join(MONITORING, "grafana", "dashboards");

/** What dashboards made for kafka_exporter, such as Grafana's 7589, ask for. */
const LIKE_GRAFANA_7589 = [
  'sum(rate(kafka_topic_partition_current_offset{topic=~".*"}[1m])) by (topic)',
  'sum(delta(kafka_topic_partition_current_offset{topic=~".*"}[5m])/5) by (topic)',
  'sum(kafka_consumergroup_lag{topic=~".*"}) by (consumergroup, topic)',
  'sum(delta(kafka_consumergroup_current_offset{topic=~".*"}[5m])/5) by (consumergroup, topic)',
  'sum by(topic) (kafka_topic_partitions{topic=~".*"})',
];

interface FunctionJson {
  readonly name: string;
  readonly records_in: number;
  readonly records_out: number;
  readonly dead_letters: number;
  readonly invocations: Readonly<Record<string, number>>;
  readonly state: { readonly keys: number };
  readonly lag: number | null;
  readonly metrics: Readonly<Record<string, number>>;
}

interface GroupJson {
  readonly id: string;
  readonly partitions: readonly {
    readonly topic: string;
    readonly partition: number;
    readonly committed_offset: string | null;
    readonly lag: number;
  }[];
}

interface TopicJson {
  readonly partitions: number;
  readonly partition_details: readonly {
    readonly partition: number;
    readonly start_offset: string;
    readonly end_offset: string;
  }[];
}

let platform: Platform;
/** `host:port` of METRICS_PORT. */
let target: string;

beforeAll(async () => {
  platform = await startPlatform({
    typescript: true,
    env: { FUNCTIONS_DIR: "test/monitored", METRICS_PORT: "0" },
  });
  const line = /metrics: http:\/\/([^/"]+)\/metrics/;
  target = await until(
    () => platform.stderr.map((one) => line.exec(one)?.[1]).find((found) => found !== undefined) ?? null,
    "the port of the metrics",
  );
  await until(
    async () => (await scrape()).has('ksp_function_state_keys{function="picky-consumer"}'),
    "the consumer to start",
  );
});

afterAll(() => platform?.kill9());

const scrape = async (url = `http://${target}`): Promise<Exposition> =>
  readExposition(await (await fetch(`${url}/metrics`)).text());

/** What the API says, as the series of the metrics. */
async function seriesOfApi(): Promise<Map<string, number>> {
  const series = new Map<string, number>();
  const { functions } = await platform.get<{ functions: FunctionJson[] }>("/api/functions");
  for (const fn of functions) {
    const of = `{function="${fn.name}"}`;
    series.set(`ksp_function_records_in_total${of}`, fn.records_in);
    series.set(`ksp_function_records_out_total${of}`, fn.records_out);
    series.set(`ksp_function_dead_letters_total${of}`, fn.dead_letters);
    for (const [result, count] of Object.entries(fn.invocations)) {
      series.set(`ksp_function_invocations_total{function="${fn.name}",result="${result}"}`, count);
    }
    for (const [given, value] of Object.entries(fn.metrics)) {
      const [name, labels = ""] = given.split(/[{}]/);
      series.set(`ksp_user_${name}{${labels},function="${fn.name}"}`, value);
    }
    if (fn.lag !== null) series.set(`ksp_function_state_keys${of}`, fn.state.keys);
  }
  const { groups } = await platform.get<{ groups: GroupJson[] }>("/api/groups");
  for (const { id, partitions } of groups) {
    for (const { topic, partition, committed_offset, lag } of partitions) {
      const of = `{consumergroup="${id}",topic="${topic}",partition="${partition}"}`;
      series.set(`kafka_consumergroup_current_offset${of}`, Number(committed_offset ?? -1));
      series.set(`kafka_consumergroup_lag${of}`, committed_offset === null ? -1 : lag);
    }
  }
  for (const name of ["readings", "readings.dlq"]) {
    const topic = await platform.get<TopicJson>(`/api/topics/${name}`);
    series.set(`kafka_topic_partitions{topic="${name}"}`, topic.partitions);
    for (const { partition, start_offset, end_offset } of topic.partition_details) {
      const of = `{topic="${name}",partition="${partition}"}`;
      series.set(`kafka_topic_partition_oldest_offset${of}`, Number(start_offset));
      series.set(`kafka_topic_partition_current_offset${of}`, Number(end_offset));
    }
  }
  return series;
}

describe("/metrics", () => {
  it("has the values of the API", async () => {
    await until(async () => {
      const expected = await seriesOfApi();
      const got = await scrape();
      // Equal only once the last tick is dealt with and in the picture: between two ticks there is time for it.
      expect(Object.fromEntries([...expected.keys()].map((key) => [key, got.get(key)]))).toEqual(
        Object.fromEntries(expected),
      );
      expect([...expected.keys()].filter((key) => key.startsWith("kafka_consumergroup_lag"))).toHaveLength(2);
      expect(expected.get('ksp_user_readings{parity="even",function="picky-consumer"}')).toBeGreaterThan(0);
      return true;
    }, "metrics that equal the API");
  });

  it("is the same on the API's port and on its own", async () => {
    // A name may have its first series between the two.
    const api = await until(async () => {
      const [one, own] = await Promise.all([scrape(platform.url), scrape()]);
      expect([...namesOf(one)].sort()).toEqual([...namesOf(own)].sort());
      return one;
    }, "the same names");
    expect(api.get("ksp_broker_up")).toBe(1);
    expect([...namesOf(api)].filter((name) => name.startsWith("ksp_broker_")).length).toBeGreaterThan(5);
  });

  it("has every metric that rules and dashboards name", async () => {
    const known = namesOf(await scrape());
    const dashboards = readdirSync(DASHBOARDS).filter((name) => name !== "ksp-brokers.json");
    const texts = [
      monitoringFile("alerts.yml"),
      ...dashboards.map((name) => readFileSync(join(DASHBOARDS, name), "utf8")),
    ];
    const named = namesIn(texts.join());
    expect(named.length).toBeGreaterThan(25);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });
});

describeClient(PROMETHEUS, () => {
  it.each([
    ["check", "config", "prometheus.yml"],
    ["check", "rules", "alerts.yml"],
    ["test", "rules", "alerts.test.yml"],
  ])("passes promtool %s %s %s", (...args) => {
    expect(promtool(args)).toMatchObject({ status: 0 });
  });

  it("passes promtool check config prometheus.compose.yml, with a token", async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, "token"), "a token");
    const config = monitoringFile("prometheus.compose.yml");
    expect(config).toContain("/run/secrets/http-token");
    await writeFile(join(folder, "prometheus.yml"), config.replace("/run/secrets/http-token", "token"));
    await writeFile(join(folder, "alerts.yml"), monitoringFile("alerts.yml"));
    expect(promtool(["check", "config", join(folder, "prometheus.yml")])).toMatchObject({ status: 0 });
  });

  it("passes promtool check metrics", async () => {
    const texts = await Promise.all(
      [platform.url, `http://${target}`].map(async (url) => (await fetch(`${url}/metrics`)).text()),
    );
    for (const text of texts) expect(faultsOf(text)).toEqual([]);
  });

  describe("on a live platform", () => {
    let prometheus: PrometheusServer;
    let paused: Consumer;

    beforeAll(async () => {
      prometheus = await startPrometheus(target);
      paused = new Kafka({ brokers: [platform.brokers], logLevel: logLevel.NOTHING }).consumer({
        groupId: "paused-group",
      });
      await pauseAfterFirst(paused);
    });

    afterAll(async () => {
      await prometheus?.stop();
      await paused?.disconnect().catch(() => {}); // its broker is gone
    });

    it("finds its target up and answers queries", async () => {
      await until(async () => (await prometheus.query("up", "job")).get("ksp") === 1, "the target to be up");
      const rate = 'sum(rate(ksp_function_records_in_total{function="picky-consumer"}[10s]))';
      await until(async () => ((await prometheus.query(rate)).get("") ?? 0) > 1, "a rate of records");
    });

    it.each([
      ...expressionsOf("ksp-platform.json"),
      ...expressionsOf("ksp-kafka.json"),
      ...LIKE_GRAFANA_7589,
    ])("answers a dashboard that asks %s", async (expression) => {
      await until(async () => (await prometheus.query(expression)).size > 0, `data of ${expression}`);
    });

    it.each(expressionsOf("ksp-brokers.json"))("takes a dashboard's %s", async (expression) => {
      await prometheus.query(expression);
    });

    it("fires for a function that throws", async () => {
      await prometheus.untilFiring("FunctionFailing", { function: "broken-producer" });
    });

    it("fires for poison records", async () => {
      await prometheus.untilFiring("DeadLettersGrowing", { function: "picky-consumer" });
      await prometheus.untilFiring("DeadLettersNotEmpty", { topic: "readings.dlq" });
    });

    it("fires for a consumer that stands still", async () => {
      await prometheus.untilFiring("LagGrowing", { consumergroup: "paused-group" });
      await prometheus.untilFiring("LagSecondsHigh", { group: "paused-group" });
    });

    it("fires for a broker that hangs, and for the functions that wait for it", async () => {
      process.kill(brokerOf(platform), "SIGSTOP");
      await prometheus.untilFiring("BrokerDown");
      await prometheus.untilFiring("FunctionStopped", { function: "meter-producer", status: "waiting" });
      await prometheus.untilFiring("KafkaDown");
    });

    it("fires for a platform that is gone", async () => {
      await platform.kill9();
      await prometheus.untilFiring("PlatformDown", { job: "ksp" });
    });
  });
});

/** Reads one record, commits it, and stays a member that reads no more. */
async function pauseAfterFirst(consumer: Consumer): Promise<void> {
  await consumer.connect();
  await consumer.subscribe({ topic: "readings", fromBeginning: true });
  let done = (): void => {};
  const first = new Promise<void>((resolve) => {
    done = resolve;
  });
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    async eachBatch({ batch, pause }) {
      const { topic, partition, messages } = batch;
      const offset = String(BigInt(messages[0]!.offset) + 1n);
      await consumer.commitOffsets([{ topic, partition, offset }]);
      pause();
      done();
    },
  });
  await first;
}

/** The process of its embedded broker: its only child. */
function brokerOf({ pid }: Platform): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
  const broker = children.find((child) =>
    readFileSync(`/proc/${child}/cmdline`, "utf8").includes("--data-dir"),
  );
  if (broker === undefined) throw new Error(`Expected a broker among ${children.join()}, got none`);
  return Number(broker);
}
