import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { z } from "zod";
import {
  ConfigError,
  configFlags,
  configSchema,
  functionEnvKey,
  loadConfig,
  loadFunctionConfig,
} from "./config.ts";
import { isSecret } from "./setting-fields.ts";

const problem = (load: () => unknown): string => {
  try {
    return `none: ${JSON.stringify(load())}`;
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).message;
  }
};

describe("loadConfig", () => {
  it("has a default for everything", () => {
    expect(loadConfig({})).toMatchObject({
      KAFKA_BROKERS: null,
      KAFKA_CLIENT_ID: "ksp",
      EMBEDDED_KAFKA_PORT: 9092,
      HTTP_PORT: 8080,
      DATA_DIR: ".data",
      LOG_LEVEL: "info",
      REPLICATION_FACTOR: -1,
    });
  });

  it("takes flags over the environment over defaults, and leaves other variables alone", () => {
    const env = { HTTP_PORT: "1", DATA_DIR: "/env", PATH: "/bin" };
    const config = loadConfig(env, { HTTP_PORT: "2" });
    expect(config).toMatchObject({ HTTP_PORT: 2, DATA_DIR: "/env", LOG_LEVEL: "info" });
    expect(config).not.toHaveProperty("PATH");
  });

  it("takes an empty variable as not set, but not an empty flag", () => {
    expect(loadConfig({ HTTP_PORT: "", DATA_DIR: "" })).toMatchObject({ HTTP_PORT: 8080, DATA_DIR: ".data" });
    expect(problem(() => loadConfig({}, { DATA_DIR: "" }))).toBe("DATA_DIR: expected a folder, got nothing");
  });

  it("reads brokers as a list", () => {
    const { KAFKA_BROKERS } = loadConfig({ KAFKA_BROKERS: "a:1, b.example:65535,[::1]:9092" });
    expect(KAFKA_BROKERS).toEqual(["a:1", "b.example:65535", "[::1]:9092"]);
  });

  it.each([
    [
      "KAFKA_BROKERS",
      "nohost:99999",
      /^KAFKA_BROKERS: expected "host:port" with port 1–65535, .*got "nohost:99999"$/,
    ],
    ["KAFKA_BROKERS", "host", /got "host"$/],
    ["KAFKA_BROKERS", "a:1,,b:2", /got ""$/],
    ["KAFKA_BROKERS", "a:1,", /got ""$/],
    ["KAFKA_BROKERS", "a:0", /got "a:0"$/],
    ["KAFKA_BROKERS", "http://a:1", /got "http:\/\/a:1"$/],
    ["KAFKA_BROKERS", "a b:1", /got "a b:1"$/],
    ["HTTP_PORT", "65536", /^HTTP_PORT: expected a port, 0–65535, got "65536"$/],
    ["HTTP_PORT", "-1", /got "-1"$/],
    ["HTTP_PORT", "1e3", /got "1e3"$/],
    ["HTTP_PORT", " 80", /got " 80"$/],
    ["EMBEDDED_KAFKA_PORT", "0x50", /^EMBEDDED_KAFKA_PORT: .*got "0x50"$/],
    [
      "EMBEDDED_KAFKA_FLUSH",
      "often",
      /^EMBEDDED_KAFKA_FLUSH: expected one of os, interval, always, got "often"$/,
    ],
    ["EMBEDDED_KAFKA_FLUSH_INTERVAL_MS", "0", /^EMBEDDED_KAFKA_FLUSH_INTERVAL_MS: .*got "0"$/],
    ["LOG_LEVEL", "verbose", /^LOG_LEVEL: expected one of fatal, error, .*, got "verbose"$/],
    ["REPLICATION_FACTOR", "0", /^REPLICATION_FACTOR: expected -1 .* or 1–99, got "0"$/],
  ])("says what is wrong with %s=%s", (key, value, message) => {
    expect(problem(() => loadConfig({ [key]: value }))).toMatch(message);
    expect(problem(() => loadConfig({}, { [key]: value }))).toMatch(message);
  });

  it.each([
    ["KAFKA_BROKERS", "https://alice:s3cr3t@kafka:9092"],
    ["KAFKA_BROKERS", "a:1,kafka://alice:s3cr3t,s3cr3t/s3cr3t@s3cr3t@kafka:9092"],
    ["SCHEMA_REGISTRY_URL", "https://alice:s3cr3t@registry/?a=b"],
    ["SCHEMA_REGISTRY_URL", "alice:s3cr3t@registry"],
  ])("does not repeat a password that was pasted into %s: %s", (key, value) => {
    const message = problem(() => loadConfig({ [key]: value }));
    expect(message).toMatch(new RegExp(`^${key}: expected .*, got "\\[redacted\\]@(kafka|registry).*"$`));
    expect(message).not.toContain("s3cr3t");
  });

  it("names every bad key at once, typos in the environment included", () => {
    const message = problem(() =>
      loadConfig({ HTTP_PROT: "80", HTTP_PORTS: "80", HTTP_PORT: "x", LOG_LEVEL: "y" }),
    );
    expect(message.split("\n")).toEqual([
      "HTTP_PROT: not a setting; did you mean HTTP_PORT?",
      "HTTP_PORTS: not a setting; did you mean HTTP_PORT?",
      expect.stringMatching(/^HTTP_PORT: /),
      expect.stringMatching(/^LOG_LEVEL: /),
    ]);
  });

  it("takes every port there is, and 0 for any free one", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 65_535 }), (port) => {
        expect(loadConfig({ HTTP_PORT: String(port) }).HTTP_PORT).toBe(port);
      }),
    );
  });
});

describe("a secret", () => {
  const folder = mkdtempSync(join(tmpdir(), "config-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = (text: string): string => {
    const path = join(folder, randomUUID());
    writeFileSync(path, text);
    return path;
  };
  const login = { KAFKA_BROKERS: "a:1", KAFKA_SASL_MECHANISM: "plain", KAFKA_SASL_USERNAME: "alice" };
  const password = (env: Record<string, string>, flags = {}) =>
    loadConfig({ ...login, ...env }, flags).KAFKA_SASL_PASSWORD?.reveal();

  it("comes from its variable, or from the file that is named, less one newline at its end", () => {
    expect(loadConfig({}).KAFKA_SASL_PASSWORD).toBeNull();
    expect(password({ KAFKA_SASL_PASSWORD: "a b\n" })).toBe("a b\n");
    expect(password({ KAFKA_SASL_PASSWORD_FILE: file("a b\n\n") })).toBe("a b\n");
    expect(password({ KAFKA_SASL_PASSWORD_FILE: file("a b\r\n") })).toBe("a b");
    expect(password({}, { KAFKA_SASL_PASSWORD_FILE: file("by flag") })).toBe("by flag");
  });

  it("is refused when it is given twice, or its file is empty or cannot be read, and is not in the error", () => {
    const both = { ...login, KAFKA_SASL_PASSWORD: "s3cr3t", KAFKA_SASL_PASSWORD_FILE: file("s3cr3t") };
    expect(problem(() => loadConfig(both))).toBe(
      "KAFKA_SASL_PASSWORD_FILE: expected it or KAFKA_SASL_PASSWORD, got both",
    );
    expect(problem(() => loadConfig({ ...login, KAFKA_SASL_PASSWORD_FILE: file("\n") }))).toMatch(
      /^KAFKA_SASL_PASSWORD_FILE: expected a file with the secret in it, got an empty one: "/,
    );
    expect(problem(() => loadConfig({ ...login, KAFKA_SASL_PASSWORD_FILE: join(folder, "none") }))).toMatch(
      /^KAFKA_SASL_PASSWORD_FILE: expected a file that can be read, got ".*none" \(ENOENT\)$/,
    );
    expect(problem(() => loadConfig({ ...login, KAFKA_SASL_PASSWORD_FILE: folder }))).toMatch(/\(EISDIR\)$/);
  });
});

describe("a function's text, a secret above all", () => {
  const folder = mkdtempSync(join(tmpdir(), "function-config-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "key");
  writeFileSync(file, "12345678\n");
  writeFileSync(join(folder, "short"), "s3cr3t\n");
  const schema = z.object({
    apiKey: z.string().min(8).nullable().default(null),
    url: z
      .string()
      .transform((given) => given.length)
      .default(0),
    rate: z.number().default(1),
    logFile: z.string().default(""),
    log: z.string().default(""),
  });
  const load = (env: Record<string, string>) => loadFunctionConfig("pay", schema, env);

  it("can be in the file that is named, less one newline at its end, whatever it reads like", () => {
    expect(load({ PAY_API_KEY_FILE: file, PAY_API_KEY: "" })).toMatchObject({ apiKey: "12345678" });
    expect(load({ PAY_URL_FILE: file })).toMatchObject({ url: 8 });
  });

  it("is not read where the function has a setting of that name", () => {
    expect(load({ PAY_LOG_FILE: file })).toMatchObject({ logFile: file, log: "" });
  });

  it("is refused when it is given twice, its file cannot be read, or it does not fit, and is not in the error", () => {
    expect(problem(() => load({ PAY_API_KEY: "s3cr3t", PAY_API_KEY_FILE: file }))).toBe(
      "PAY_API_KEY_FILE: expected it or PAY_API_KEY, got both",
    );
    expect(problem(() => load({ PAY_API_KEY_FILE: join(folder, "none") }))).toMatch(
      /^PAY_API_KEY_FILE: expected a file that can be read, got ".*none" \(ENOENT\)$/,
    );
    expect(problem(() => load({ PAY_API_KEY_FILE: join(folder, "short") }))).toMatch(
      /^PAY_API_KEY: .*, got "\[redacted\]"$/,
    );
    expect(problem(() => load({ PAY_RATE_FILE: file }))).toMatch(/^PAY_RATE_FILE: not a setting of pay/);
  });
});

describe("configFlags", () => {
  it("offers each setting as a flag, with its default and its variable, but of a secret only its file", () => {
    const offered = Object.entries(configSchema.shape).map(([key, field]) =>
      isSecret(field) ? `${key}_FILE` : key,
    );
    expect(configFlags.map(({ key }) => key).sort()).toEqual(offered.sort());
    const flags = configFlags.map(({ flag }) => flag);
    expect(flags).toContain("--kafka-sasl-password-file");
    expect(flags).not.toContain("--kafka-sasl-password");
    expect(configFlags.find(({ key }) => key === "HTTP_PORT")).toEqual({
      key: "HTTP_PORT",
      flag: "--http-port",
      description: expect.stringMatching(/\(default: 8080; environment: HTTP_PORT\)$/),
    });
  });
});

describe("functionEnvKey", () => {
  it("joins function and setting", () => {
    expect(functionEnvKey("event-producer", "rate")).toBe("EVENT_PRODUCER_RATE");
    expect(functionEnvKey("alert-consumer", "warnAfterMs")).toBe("ALERT_CONSUMER_WARN_AFTER_MS");
  });
});

describe("loadFunctionConfig", () => {
  const schema = z.object({
    rate: z.number().min(0).default(0.5),
    label: z.string().default("x"),
    on: z.boolean().default(false),
    limits: z.object({ cpu: z.number() }).default({ cpu: 85 }),
  });
  const load = (env: Record<string, string>, others: string[] = []) =>
    loadFunctionConfig("alert", schema, env, ["alert", ...others]);

  it("takes the environment over defaults, and an empty variable as not set", () => {
    expect(load({})).toEqual({ rate: 0.5, label: "x", on: false, limits: { cpu: 85 } });
    expect(load({ ALERT_RATE: "2", ALERT_ON: "true", ALERT_LIMITS: '{"cpu":5}', ALERT_LABEL: "" })).toEqual({
      rate: 2,
      label: "x",
      on: true,
      limits: { cpu: 5 },
    });
  });

  it("takes text where the schema wants text, even if it could be a number", () => {
    expect(load({ ALERT_LABEL: "word" })).toMatchObject({ label: "word" });
    expect(load({ ALERT_LABEL: "5" })).toMatchObject({ label: "5" });
    expect(load({ ALERT_LABEL: '"quoted"' })).toMatchObject({ label: "quoted" });
  });

  it.each([
    [{ ALERT_RATE: "fast" }, /^ALERT_RATE: .*expected number.*, got "fast"$/],
    [{ ALERT_RATE: "-1" }, /^ALERT_RATE: .*>=0, got -1$/],
    [
      { ALERT_ON: "5", ALERT_LIMITS: '{"cpu":"a"}' },
      /^ALERT_ON: .*, got 5\nALERT_LIMITS\.cpu: .*expected number.*, got \{"cpu":"a"\}$/,
    ],
    [
      { ALERT_RATES: "5" },
      /^ALERT_RATES: not a setting of alert; expected one of ALERT_RATE, ALERT_LABEL, ALERT_ON, ALERT_LIMITS$/,
    ],
  ])("says what is wrong with %j", (env, message) => {
    expect(problem(() => load(env as never))).toMatch(message);
  });

  it.each([
    ["apiKey", "PAY_API_KEY", "sk-live-123"],
    ["apiKey", "PAY_API_KEY", "1234567890"],
    ["apiKey", "PAY_API_KEY", '{"live":1234567890}'],
    ["url", "PAY_URL", "https://alice:s3cr3t@pay.example"],
    ["account", "PAY_ACCOUNT", '{"password":"s3cr3t"}'],
  ])("does not repeat a secret: %s in %s=%s", (setting, key, value) => {
    const schema = z.object({ [setting]: z.string().min(99).default("") });
    const message = problem(() => loadFunctionConfig("pay", schema, { [key]: value }));
    expect(message).toMatch(new RegExp(`^${key}: .*, got .*\\[redacted\\]`));
    expect(message).not.toMatch(/sk-live|1234567890|s3cr3t/);
  });

  it("leaves alone what is a function's whose name is longer, or the platform's", () => {
    expect(load({ ALERT_CONSUMER_RATE: "5" }, ["alert-consumer"])).toMatchObject({ rate: 0.5 });
    expect(problem(() => load({ ALERT_CONSUMER_RATE: "5" }))).toMatch(
      "ALERT_CONSUMER_RATE: not a setting of alert",
    );
    expect(loadFunctionConfig("log", schema, { LOG_LEVEL: "info", LOG_RATE: "3" })).toMatchObject({
      rate: 3,
    });
  });

  it("refuses settings that are no object", () => {
    expect(problem(() => loadFunctionConfig("f", z.string(), {}))).toBe("f: config: expected a z.object");
  });
});
