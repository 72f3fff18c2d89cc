/** The settings of infra/security, as the images of Kafka take them: the platform runs with them and its own rights. */
import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePorts } from "../../infra/apache-kafka/free-ports.ts";
import { type ApacheKafka, startApacheKafka } from "../../infra/apache-kafka/start.ts";
import { start } from "../for-one-test.ts";
import { untilHolds } from "../observe.ts";
import { runKsp } from "../platform.ts";
import { setPassword } from "./scram-user.ts";

const SECURITY = fileURLToPath(new URL("../../infra/security/", import.meta.url));
const SETS = [
  { version: "4.4.0", file: "kafka-kraft.env", underscores: { 1: ".", 2: "_", 3: "-" } },
  { version: "3.6.2", file: "kafka-zookeeper.env", underscores: { 1: ".", 2: "-", 3: "_" } },
] as const;
const LISTENERS = ["BROKERS", "CLIENTS", "EXTERNAL"] as const;
const PASSWORD = "s3cr3t-of-ksp";

describe.each(SETS)("Kafka $version with $file", ({ version, file, underscores }) => {
  let folder: string;
  let kafka: ApacheKafka;
  let at: Record<(typeof LISTENERS)[number], string>;
  const here = async (name: string): Promise<string> =>
    (await readFile(join(SECURITY, name), "utf8")).replaceAll("/certificates", folder);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "secured-set-"));
    execFileSync(
      "sh",
      [join(SECURITY, "make-certificates.sh"), folder, "kafka:127.0.0.1,localhost", "admin"],
      {
        stdio: ["ignore", "ignore", "pipe"],
      },
    );
    await writeFile(join(folder, "admin.properties"), await here("admin.properties"));
    const set = Object.fromEntries(
      (await here(file))
        .split("\n")
        .filter((line) => line !== "" && !line.startsWith("#"))
        .map((line) => {
          const name = line.slice("KAFKA_".length, line.indexOf("=")).toLowerCase();
          const property = name.replace(/_+/g, ({ length }) => underscores[length as 1 | 2 | 3]);
          return [property, line.slice(line.indexOf("=") + 1)];
        }),
    );
    const ports = await freePorts(LISTENERS.length);
    at = Object.fromEntries(LISTENERS.map((name, i) => [name, `127.0.0.1:${ports[i]}`])) as typeof at;
    const listeners = LISTENERS.map((name) => `${name}://${at[name]}`).join();
    kafka = await startApacheKafka({
      version,
      properties: {
        ...set,
        listeners,
        "advertised.listeners": listeners,
        // Those who come by the plain listener that only tests have.
        "super.users": `${set["super.users"]};User:ANONYMOUS`,
      },
    });
  });
  afterAll(async () => {
    await kafka?.stop();
    await rm(folder, { recursive: true });
  });

  it("lets an administrator make a user, who can do nothing at first, and the platform run with its own rights", async () => {
    await setPassword(at.BROKERS, "ksp", PASSWORD, join(folder, "admin.properties"));
    const reach = (brokers: string) => ({
      KAFKA_BROKERS: brokers,
      KAFKA_SSL: "true",
      KAFKA_SSL_CA_FILE: join(folder, "ca.pem"),
      KAFKA_SASL_MECHANISM: "scram-sha-512",
      KAFKA_SASL_USERNAME: "ksp",
      KAFKA_SASL_PASSWORD: PASSWORD,
    });
    const refused = await runKsp(["topics", "create"], { env: reach(at.EXTERNAL) }).ended;
    expect(refused.code).not.toBe(0);
    expect(refused.stderr.join("\n")).toMatch(/AUTHORIZATION_FAILED|ksp acls/);

    // As the compose files do it: whoever has the administrator's certificate grants and makes topics.
    const administrator = {
      KAFKA_BROKERS: at.BROKERS,
      KAFKA_SSL: "true",
      KAFKA_SSL_CA_FILE: join(folder, "ca.pem"),
      KAFKA_SSL_CERT_FILE: join(folder, "admin.pem"),
      KAFKA_SSL_KEY_FILE: join(folder, "admin.key"),
    };
    const granted = await runKsp(["acls", "--grant"], { env: administrator }).ended;
    expect([granted.code, granted.stdout]).toEqual([0, "User:ksp is allowed what the platform needs\n"]);
    const made = await runKsp(["topics", "create"], { env: administrator }).ended;
    expect([made.code, made.stdout]).toEqual([0, expect.stringMatching(/user-events +created/)]);

    const platform = await start({ env: reach(at.CLIENTS) });
    await platform.untilHealthy();
    await untilHolds(platform, "processed-events", 10);
  });
});
