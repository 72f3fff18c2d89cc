import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { configFlags } from "../runtime/config.ts";
import { loadFunctions } from "../runtime/load-functions.ts";
import { describeClient } from "./clients/describe-client.ts";
import { BASES, combinations, DOCKER_COMPOSE, INFRA, readCompose } from "./compose-files.ts";

const functionsFolder = join(INFRA, "..", "functions");

describeClient(DOCKER_COMPOSE, () => {
  describe.each(combinations())("the compose files %s %s %s", (...given) => {
    const files = given.filter((file) => typeof file === "string");

    it("are valid, also for docker-compose 1.29, and every service is watched", () => {
      const { services } = readCompose(files);
      for (const [name, service] of Object.entries(services)) {
        const once = service.restart === "on-failure";
        expect([name, service.healthcheck?.test !== undefined || once]).toEqual([name, true]);
        expect([name, service.restart]).toEqual([name, once ? "on-failure" : "unless-stopped"]);
      }
    });

    it("start everything in order of health", () => {
      const { services } = readCompose(files);
      for (const [name, { depends_on }] of Object.entries(services)) {
        for (const [on, { condition }] of Object.entries(depends_on ?? {})) {
          const runsOnce = services[on]!.restart === "on-failure";
          expect([name, on, condition]).toEqual([
            name,
            on,
            runsOnce ? "service_completed_successfully" : "service_healthy",
          ]);
        }
      }
    });

    it("have only settings that the platform has", () => {
      const known = configFlags.map(({ key }) => key);
      const ours = Object.entries(readCompose(files).services).filter(
        ([, { image }]) => image === "kafka-streaming-platform",
      );
      expect(ours.length).toBeGreaterThan(7);
      for (const [name, { environment }] of ours) {
        const unknown = Object.keys(environment ?? {}).filter((key) => !known.includes(key));
        expect([name, unknown]).toEqual([name, []]);
      }
    });

    it("mount only files that are there", () => {
      const mounts = Object.values(readCompose(files).services).flatMap(({ volumes }) => volumes ?? []);
      const missing = mounts
        .map((mount) => mount.split(":")[0]!)
        .filter((path) => path.startsWith("/") && !existsSync(path));
      expect(missing).toEqual([]);
    });

    it("let nobody in without the token, nor to ZooKeeper", () => {
      const { services } = readCompose(files);
      for (const service of Object.values(services)) {
        if (service.image !== "kafka-streaming-platform" || service.environment?.HTTP_HOST === undefined)
          continue;
        expect(service.environment.HTTP_TOKEN_FILE).toBe("/run/secrets/http-token");
      }
      const among = Object.entries(services).filter(
        ([, { networks }]) => networks && "coordination" in networks,
      );
      expect(among.map(([name]) => name).sort()).toEqual(services.zookeeper ? ["kafka", "zookeeper"] : []);
      expect(services.zookeeper ?? {}).not.toHaveProperty("ports");
    });

    it("publish their ports on loopback alone", () => {
      const ports = Object.values(readCompose(files).services).flatMap((service) => service.ports ?? []);
      expect(ports.length).toBeGreaterThan(2);
      for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
    });
  });

  describe.each(Object.keys(BASES))("%s", (base) => {
    it("has a service that scales for each function, and names none that is not there", async () => {
      const functions = await loadFunctions({ root: functionsFolder, sources: functionsFolder }, {});
      const { services } = readCompose([base]);
      const only = Object.entries(services).filter(([, service]) => service.command?.includes("--only"));
      expect(only.map(([name, service]) => [name, service.command]).sort()).toEqual(
        functions.map(({ name }) => [name, ["start", "--no-api", "--only", name]]).sort(),
      );
      // A published port or a name of its own would be there once only.
      for (const [, service] of only) {
        expect(service).not.toHaveProperty("ports");
        expect(service).not.toHaveProperty("container_name");
      }
    });
  });

  describe("the monitoring of the compose files", () => {
    it("asks each service that tells metrics, and each broker", () => {
      const { scrape_configs } = parse(
        readFileSync(join(INFRA, "monitoring/prometheus.compose.yml"), "utf8"),
      );
      const names = (job: number): string[] => scrape_configs[job].dns_sd_configs[0].names;
      const all = Object.keys(BASES).map((base) => readCompose([base]).services);
      for (const services of all) {
        const telling = Object.entries(services).filter(
          ([name, { environment }]) => environment?.METRICS_PORT === "9464" && name !== "create-topics",
        );
        expect(telling.map(([name]) => name).sort()).toEqual(names(0).sort());
      }
      const brokers = all.flatMap((services) =>
        Object.keys(services).filter((name) => /^kafka(-\d)?$/.test(name)),
      );
      expect(brokers.sort()).toEqual(names(1).sort());
    });
  });

  describe.each([
    { base: "docker-compose.yml", brokers: ["kafka"], set: "kafka-zookeeper.env" },
    { base: "docker-compose.kraft.yml", brokers: ["kafka-1", "kafka-2", "kafka-3"], set: "kafka-kraft.env" },
  ])("the security of $base", ({ base, brokers, set }) => {
    const { services } = readCompose([base, base.replace(/yml$/, "security.yml")]);

    it("gives each broker the settings that are tested on Apache Kafka, and no plain listener", () => {
      const lines = readFileSync(join(INFRA, "security", set), "utf8").split("\n");
      const tested = Object.fromEntries(
        lines
          .filter((line) => line.startsWith("KAFKA_"))
          .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
      );
      for (const broker of brokers) {
        const { environment } = services[broker]!;
        expect(environment).toMatchObject(tested);
        const named = environment!.KAFKA_LISTENERS!.split(",").map((listener) => listener.split(":")[0]!);
        const protocols = tested
          .KAFKA_LISTENER_SECURITY_PROTOCOL_MAP!.split(",")
          .map((pair) => pair.split(":"));
        expect(named.sort()).toEqual(protocols.map(([name]) => name!).sort());
        expect(protocols.map(([, protocol]) => protocol)).not.toContain("PLAINTEXT");
      }
    });

    it("lets only brokers, administrators and who makes them have their keys", () => {
      const having = Object.entries(services).filter(([, { volumes }]) =>
        volumes?.some((volume) => volume.startsWith("certificates:")),
      );
      expect(having.map(([name]) => name).sort()).toEqual(
        [...brokers, "certificates", "create-topics", "grants", "users"].sort(),
      );
      const administrators = Object.entries(services).filter(([, { environment }]) =>
        environment?.KAFKA_SSL_CERT_FILE?.includes("admin"),
      );
      expect(administrators.map(([name]) => name).sort()).toEqual(["create-topics", "grants"]);
    });

    it("gives the authority's key to nobody but who makes certificates", () => {
      const having = Object.entries(services).filter(([, { volumes }]) =>
        volumes?.some((volume) => volume.startsWith("authority:")),
      );
      expect(having.map(([name]) => name)).toEqual(["certificates"]);
    });

    it("makes users and rights by a script that a shell understands", () => {
      const script = services.users!.command!.at(-1)!.replaceAll("$$", "$");
      expect(spawnSync("bash", ["-nc", script], { encoding: "utf8" })).toMatchObject({
        status: 0,
        stderr: "",
      });
      expect(script).toMatch(/kafka-configs\S* \$to --alter .*kafka-acls\S* \$to --add /s);
    });
  });
});
