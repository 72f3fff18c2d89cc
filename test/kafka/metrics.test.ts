/** Monitoring of a real cluster: what its brokers tell of their requests, and what the platform sees when one is gone. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { type ApacheKafka, startApacheKafka } from "../../infra/apache-kafka/start.ts";
import { describeClient } from "../clients/describe-client.ts";
import { type Exposition, namesOf, readExposition } from "../exposition.ts";
import { countOf, untilHolds } from "../observe.ts";
import { type Platform, startPlatform } from "../platform.ts";
import {
  faultsOf,
  monitoringFile,
  namesIn,
  PROMETHEUS,
  type PrometheusServer,
  startPrometheus,
} from "../prometheus-server.ts";
import { until } from "../until.ts";

const textOf = async (url: string): Promise<string> => (await fetch(url)).text();

/** The sum of all series of a name that have this label. */
const sumOf = (all: readonly Exposition[], name: string, label = ""): number =>
  all
    .flatMap((one) => [...one])
    .filter(([series]) => series.startsWith(name) && series.includes(label))
    .reduce((sum, [, value]) => sum + value, 0);

describeClient(PROMETHEUS, () => {
  let kafka: ApacheKafka;
  let platform: Platform;
  let prometheus: PrometheusServer;

  beforeAll(async () => {
    kafka = await startApacheKafka({ nodes: 3, metrics: true });
    platform = await startPlatform({
      env: { KAFKA_BROKERS: kafka.brokers, EVENT_PRODUCER_RATE_PER_SECOND: "50" },
      args: ["--only", "event-producer,analytics-consumer"],
    });
    const agents = kafka.nodes.map(({ metrics }) => new URL(metrics!).host);
    prometheus = await startPrometheus(new URL(platform.url).host, agents);
    await untilHolds(platform, "processed-events", 100);
  });

  afterAll(async () => {
    await prometheus?.stop();
    await platform?.kill9();
    await kafka?.stop();
  });

  const brokers = (): Promise<string[]> => Promise.all(kafka.nodes.map(({ metrics }) => textOf(metrics!)));

  it("finds request metrics at each broker, under every name that the dashboard has", async () => {
    const named = namesIn(monitoringFile("grafana/dashboards/ksp-brokers.json"));
    expect(named.length).toBeGreaterThan(8);
    const all = (await brokers()).map(readExposition);
    for (const one of all) expect(named.filter((name) => !namesOf(one).has(name))).toEqual([]);
    for (const request of ["Produce", "FetchConsumer", "FetchFollower"]) {
      expect(
        sumOf(all, "kafka_network_requests_total", `request="${request === "Produce" ? request : "Fetch"}`),
      ).toBeGreaterThan(0);
      const p99 = sumOf(all, `kafka_network_request_duration_seconds{percentile="99",request="${request}"`);
      expect({ request, p99 }).toEqual({ request, p99: expect.toSatisfy((s: number) => s > 0 && s < 60) });
    }
  });

  it("finds no fewer records written to the brokers than the topics hold", async () => {
    const held = (await countOf(platform, "user-events")) + (await countOf(platform, "processed-events"));
    const all = (await brokers()).map(readExposition);
    expect(sumOf(all, "kafka_server_in_records_total")).toBeGreaterThanOrEqual(held);
    expect(sumOf(all, "kafka_server_in_bytes_total")).toBeGreaterThan(held);
  });

  it("passes promtool check metrics with what brokers and platform tell", async () => {
    for (const text of [...(await brokers()), await textOf(`${platform.url}/metrics`)]) {
      expect(faultsOf(text)).toEqual([]);
    }
  });

  it("fires for a broker that is gone, its agent and the replicas that it held, until it is back", async () => {
    const partition = 'topic="user-events",partition="0"';
    const underReplicated = `kafka_topic_partition_under_replicated_partition{${partition}}`;
    const untilSeen = (expected: Readonly<Record<string, number>>) =>
      until(
        async () => {
          const seen = readExposition(await textOf(`${platform.url}/metrics`));
          expect(Object.fromEntries(Object.keys(expected).map((key) => [key, seen.get(key)]))).toEqual(
            expected,
          );
          return true;
        },
        `metrics that say ${JSON.stringify(expected)}`,
      );
    await untilSeen({ kafka_brokers: 3, [underReplicated]: 0 });
    await until(
      async () => (await prometheus.query('up{job="kafka"}', "instance")).size === 3,
      "three targets",
    );

    await kafka.nodes[2]!.kill();
    await untilSeen({ kafka_brokers: 2, [underReplicated]: 1 });
    await prometheus.untilFiring("PartitionUnderReplicated", { topic: "user-events", partition: "0" });
    await prometheus.untilFiring("BrokerDown", { job: "ksp" });
    const agent = new URL(kafka.nodes[2]!.metrics!).host;
    await prometheus.untilFiring("BrokerMetricsDown", { instance: agent });

    await kafka.nodes[2]!.start();
    await untilSeen({ kafka_brokers: 3, [underReplicated]: 0 });
    for (const alert of ["PartitionUnderReplicated", "BrokerDown", "BrokerMetricsDown"]) {
      await prometheus.untilOver(alert);
    }
  });
});
