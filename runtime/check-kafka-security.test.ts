import { describe, expect, it } from "vitest";
import { registryRefusal, securityWarning } from "./check-kafka-security.ts";
import { loadConfig } from "./config.ts";

const problem = (env: Record<string, string>): string => {
  try {
    loadConfig(env);
    return "none";
  } catch (error) {
    return (error as Error).message;
  }
};
const cluster = { KAFKA_BROKERS: "kafka:9092" };
const login = {
  ...cluster,
  KAFKA_SASL_MECHANISM: "plain",
  KAFKA_SASL_USERNAME: "a",
  KAFKA_SASL_PASSWORD: "s3cr3t",
};
const oauth = { ...cluster, KAFKA_SASL_MECHANISM: "OAUTHBEARER" };
const endpoint = {
  KAFKA_OAUTH_TOKEN_ENDPOINT: "https://id.example/token",
  KAFKA_OAUTH_CLIENT_ID: "ksp",
  KAFKA_OAUTH_CLIENT_SECRET: "s3cr3t",
};

describe("Kafka's security settings", () => {
  it.each([
    ["SASL", login],
    ["a token command", { ...oauth, KAFKA_OAUTH_TOKEN_COMMAND: '["print token", "--now"]' }],
    ["a token endpoint", { ...oauth, ...endpoint, KAFKA_OAUTH_SCOPE: "kafka" }],
    ["TLS", { ...cluster, KAFKA_SSL: "true" }],
  ])("allow %s", (_, env) => expect(problem(env)).toBe("none"));

  it.each([
    [
      { KAFKA_SSL: "true" },
      /^KAFKA_SSL: expected KAFKA_BROKERS with it, naming a real cluster: the embedded/,
    ],
    [{ ...cluster, KAFKA_SSL_CA_FILE: "x" }, /^KAFKA_SSL_CA_FILE: expected KAFKA_SSL=true with it$/],
    [
      { ...cluster, KAFKA_SSL: "true", KAFKA_SSL_CERT_FILE: "x" },
      /^KAFKA_SSL_KEY_FILE: expected a file to go with KAFKA_SSL_CERT_FILE, got none$/,
    ],
    [
      { ...cluster, KAFKA_SASL_MECHANISM: "GSSAPI" },
      /^KAFKA_SASL_MECHANISM: expected one of plain, .*; "GSSAPI" is unsupported$/,
    ],
    [
      { ...login, KAFKA_SASL_USERNAME: "" },
      /^KAFKA_SASL_USERNAME: expected it with KAFKA_SASL_MECHANISM=plain/,
    ],
    [
      { ...cluster, KAFKA_SASL_PASSWORD: "s3cr3t" },
      /^KAFKA_SASL_PASSWORD: expected KAFKA_SASL_MECHANISM with it$/,
    ],
    [{ ...oauth }, /got neither$/],
    [{ ...oauth, ...endpoint, KAFKA_OAUTH_TOKEN_COMMAND: "x" }, /got both$/],
    [{ ...oauth, ...endpoint, KAFKA_OAUTH_CLIENT_ID: "" }, /^KAFKA_OAUTH_CLIENT_ID: expected it with/],
    [
      { ...oauth, ...endpoint, KAFKA_OAUTH_TOKEN_ENDPOINT: "http://id.example/token" },
      /^KAFKA_OAUTH_TOKEN_ENDPOINT: expected an https URL \(http only to loopback\)/,
    ],
    [{ ...login, KAFKA_OAUTH_TOKEN_COMMAND: "x" }, /^KAFKA_OAUTH_TOKEN_COMMAND: expected none with/],
    [{ NODE_TLS_REJECT_UNAUTHORIZED: "0" }, /^NODE_TLS_REJECT_UNAUTHORIZED: expected it not to be set/],
  ])("refuse %j, without telling the secret", (env, message) => {
    expect(problem(env as Record<string, string>)).toMatch(message);
    expect(problem(env as Record<string, string>)).not.toContain("s3cr3t");
  });

  it("warn of a password or token that anyone on the way can read", () => {
    expect(securityWarning(loadConfig(login))).toMatch(
      /^KAFKA_SASL_MECHANISM=plain without KAFKA_SSL=true sends/,
    );
    expect(
      securityWarning(loadConfig({ ...login, KAFKA_BROKERS: "127.0.0.1:1,[::1]:2,localhost:3" })),
    ).toBeNull();
    expect(securityWarning(loadConfig({ ...login, KAFKA_SSL: "true" }))).toBeNull();
    expect(securityWarning(loadConfig({ ...login, KAFKA_SASL_MECHANISM: "scram-sha-256" }))).toBeNull();
  });
});

describe("the embedded schema registry", () => {
  it.each([
    ["SASL", login, "KAFKA_SASL_MECHANISM"],
    ["TLS", { ...cluster, KAFKA_SSL: "true" }, "KAFKA_SSL"],
  ])("is refused on a cluster with %s, and what to do is said", (_, env, got) => {
    expect(problem({ ...env, EMBEDDED_REGISTRY: "true" })).toMatch(
      new RegExp(`^EMBEDDED_REGISTRY: expected a Kafka without .* got ${got}: run Confluent's registry`),
    );
    expect(registryRefusal(loadConfig(env))).toContain(`got ${got}`);
  });

  it("runs on a cluster without either, and on the embedded broker", () => {
    expect(problem({ ...cluster, EMBEDDED_REGISTRY: "true" })).toBe("none");
    expect(problem({ EMBEDDED_REGISTRY: "true" })).toBe("none");
    expect(registryRefusal(loadConfig({}))).toBeNull();
  });
});
