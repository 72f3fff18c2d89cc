/** Clients that are set up with SASL or TLS, which the embedded broker knows nothing of: they are told, at once. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Kafka, type KafkaConfig, logLevel } from "kafkajs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runTool } from "../../infra/apache-kafka/run-tool.ts";
import { silentLogger } from "../../infra/embedded/broker/logger.ts";
import { type RunningBroker, startBroker } from "../../infra/embedded/start.ts";
import { describeClient } from "./describe-client.ts";

const warnings: string[] = [];
let broker: RunningBroker;
let dataDir: string;
const address = () => `127.0.0.1:${broker.port}`;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "security-"));
  const warn = (fields: { reason?: string }, text: string) => warnings.push(fields.reason ?? text);
  broker = await startBroker({ port: 0, dataDir, logger: { ...silentLogger, warn } as typeof silentLogger });
});
afterAll(async () => {
  await broker.stop();
  await rm(dataDir, { recursive: true });
});

const adminOf = (security: Partial<KafkaConfig>) => {
  const retry = { retries: 0 };
  return new Kafka({ brokers: [address()], logLevel: logLevel.NOTHING, retry, ...security }).admin();
};

/** Runs `failing` beside a client that is at home here, which must not notice, and returns what the broker then warned of. */
async function warningsOf(failing: () => Promise<void>): Promise<string[]> {
  const plain = adminOf({});
  await plain.connect();
  warnings.length = 0;
  await failing();
  expect((await plain.describeCluster()).brokers).toHaveLength(1);
  await plain.disconnect();
  return [...new Set(warnings)];
}

const POINTS_ELSEWHERE = expect.stringMatching(/knows neither .* KAFKA_BROKERS/);

it.each([
  ["SASL", { sasl: { mechanism: "plain", username: "me", password: "secret" } }, /SASL mechanism/],
  ["SCRAM", { sasl: { mechanism: "scram-sha-256", username: "me", password: "secret" } }, /SASL mechanism/],
  ["TLS", { ssl: { rejectUnauthorized: false } }, /TLS|socket|ECONNRESET|closed/i],
] as const)("kafkajs with %s fails at once, and only it", async (_, security, message) => {
  const warned = await warningsOf(async () => {
    const admin = adminOf(security);
    await expect(admin.connect()).rejects.toThrow(message);
    await admin.disconnect();
  });
  expect(warned).toEqual([POINTS_ELSEWHERE]);
  expect(warned.join()).not.toContain("secret");
});

describeClient({ name: "kcat", probe: ["kcat", "-V"], install: "apt-get install kcat" }, () => {
  it.each([
    ["SASL", ["sasl_plaintext", "sasl.mechanism=PLAIN", "sasl.username=me", "sasl.password=secret"], /SASL/],
    ["TLS", ["ssl", "enable.ssl.certificate.verification=false"], /SSL|PLAINTEXT|resolve|Disconnected/],
  ])("kcat with %s says why it cannot connect", async (_, [protocol, ...settings], message) => {
    const flags = [`security.protocol=${protocol}`, ...settings].flatMap((setting) => ["-X", setting]);
    const warned = await warningsOf(async () => {
      const list = runTool("kcat", ["-b", address(), "-L", "-m", "2", ...flags], process.env, "");
      await expect(list).rejects.toThrow(message);
    });
    expect(warned).toEqual([POINTS_ELSEWHERE]);
  });
});
