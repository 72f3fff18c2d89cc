/**
 * There is no Docker where this is developed: what the compose files set is run for real, from the same settings. Only
 * the places (names, ports, folders, who is who in the cluster) are this machine's.
 */
import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePorts } from "../../infra/apache-kafka/free-ports.ts";
import { type ApacheKafka, startApacheKafka } from "../../infra/apache-kafka/start.ts";
import { describeClient } from "../clients/describe-client.ts";
import { DOCKER_COMPOSE, readCompose } from "../compose-files.ts";
import { start } from "../for-one-test.ts";
import { withAdmin } from "../kafka-client.ts";
import { runKsp } from "../platform.ts";
import { until } from "../until.ts";

const PLACES =
  /^(broker\.id|node\.id|zookeeper\.connect|process\.roles|controller\..*|log\.dirs|(advertised\.)?listeners|listener\.security\..*|inter\.broker\..*)$/;

/** `KAFKA_LOG_RETENTION_HOURS` is how the images of Kafka take `log.retention.hours`. */
function toProperties(environment: Readonly<Record<string, string | null>>): Record<string, string> {
  const settings = Object.entries(environment)
    .filter(([key]) => key.startsWith("KAFKA_") && key !== "KAFKA_HEAP_OPTS")
    .map(
      ([key, value]) => [key.slice("KAFKA_".length).toLowerCase().replaceAll("_", "."), value ?? ""] as const,
    );
  return Object.fromEntries(settings.filter(([key]) => !PLACES.test(key)));
}

describeClient(DOCKER_COMPOSE, () => {
  describe.each([
    { file: "docker-compose.yml", broker: "kafka", version: "3.6.2", nodes: 1 },
    { file: "docker-compose.kraft.yml", broker: "kafka-1", version: "4.4.0", nodes: 3 },
  ] as const)("the settings of $file, on Apache Kafka $version", ({ file, broker, version, nodes }) => {
    const { services } = readCompose([file]);
    const properties = toProperties(services[broker]!.environment!);
    const settings = (name: string, kafka: ApacheKafka): Record<string, string> => {
      const own = Object.entries(services[name]!.environment!).filter(
        ([key]) => key !== "SCHEMA_REGISTRY_URL",
      );
      return {
        ...Object.fromEntries(own.map(([key, value]) => [key, value ?? ""])),
        KAFKA_BROKERS: kafka.brokers,
        HTTP_TOKEN_FILE: tokenFile,
      };
    };
    let kafka: ApacheKafka;
    let folder: string;
    let tokenFile: string;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "ksp-compose-"));
      tokenFile = join(folder, "http-token");
      await writeFile(tokenFile, "0123456789abcdef");
      kafka = await startApacheKafka({ version, nodes, properties });
    });
    afterAll(async () => {
      await kafka?.stop();
      await rm(folder, { recursive: true });
    });

    it("are taken by the brokers", async () => {
      const configNames = Object.keys(properties);
      const ask = { includeSynonyms: false, resources: [{ type: 4, name: "1", configNames }] };
      // A broker that has just started may not know of the others yet.
      const { resources } = await until(
        () => withAdmin(kafka.brokers, (admin) => admin.describeConfigs(ask)),
        "the first broker to be known",
      );
      const told = Object.fromEntries(
        resources[0]!.configEntries.map((entry) => [entry.configName, entry.configValue]),
      );
      expect(told).toMatchObject(properties);
      expect(properties["log.retention.hours"]).toBe("24");
    });

    it("make the topics, by the service for that, and again without harm", async () => {
      const { command } = services["create-topics"]!;
      for (const result of ["created", "there already"]) {
        const ran = await runKsp(command!, { env: settings("create-topics", kafka) }).ended;
        expect([ran.code, ran.stdout]).toEqual([
          0,
          expect.stringMatching(new RegExp(`user-events +${result}`)),
        ]);
      }
      const { topics } = await withAdmin(kafka.brokers, (admin) =>
        admin.fetchTopicMetadata({ topics: ["user-events"] }),
      );
      expect(topics[0]!.partitions.map(({ replicas }) => replicas.length)).toEqual([nodes, nodes, nodes]);
    });

    it("run a function, which is healthy by its own health check", async () => {
      const { command, healthcheck } = services["analytics-consumer"]!;
      const [metricsPort] = (await freePorts(1)) as [number];
      const env = { ...settings("analytics-consumer", kafka), METRICS_PORT: String(metricsPort) };
      await start({ env, args: command!.slice(1) });
      const [, program, ...args] = healthcheck!.test!.map((word) =>
        word.replace("9464", String(metricsPort)),
      );
      await until(() => spawnSync(program!, args).status === 0, "the health check to pass");
    });
  });
});
