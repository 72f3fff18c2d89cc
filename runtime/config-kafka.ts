/** The settings by which the platform reaches Kafka. */
import { z } from "zod";
import { MECHANISMS } from "./check-kafka-security.ts";
import { isLoopback } from "./loopback.ts";
import { oneOf, port, secret, text, withoutUser, yesOrNo } from "./setting-fields.ts";

const brokers = (given: string, ctx: z.RefinementCtx): string[] => {
  const list = given.split(",").map((part) => part.trim());
  const bad = list.find((part) => {
    const match = /^(?:\[[0-9a-fA-F:]+\]|[^\s:/@[\]]+):(\d{1,5})$/.exec(part);
    return !match || Number(match[1]) < 1 || Number(match[1]) > 65_535;
  });
  if (bad === undefined) return list;
  // A password may have a comma in it: with an "@", where one broker ends is anybody's guess.
  const got = given.includes("@") ? withoutUser(given) : bad;
  ctx.addIssue({
    code: "custom",
    message: `expected "host:port" with port 1–65535, comma-separated, got "${got}"`,
  });
  return z.NEVER;
};

const mechanism = (given: string, ctx: z.RefinementCtx): (typeof MECHANISMS)[number] => {
  const found = MECHANISMS.find((one) => one === given.toLowerCase());
  if (found) return found;
  const message = `expected one of ${MECHANISMS.join(", ")}; "${given}" is unsupported`;
  ctx.addIssue({ code: "custom", message });
  return z.NEVER;
};

/** `tool --flag` by its blanks, or a JSON array where arguments have blanks in them. There is no shell. */
const command = (given: string, ctx: z.RefinementCtx): string[] => {
  try {
    const words: unknown = given.trim().startsWith("[") ? JSON.parse(given) : given.trim().split(/\s+/);
    const parsed = z.array(z.string().min(1)).min(1).safeParse(words);
    if (parsed.success) return parsed.data;
  } catch {
    // told below, as any other text that is no command
  }
  ctx.addIssue({
    code: "custom",
    message:
      'expected a program and its arguments with blanks between, or as a JSON array: ["program","an argument"]',
  });
  return z.NEVER;
};

const endpoint = (given: string, ctx: z.RefinementCtx): string => {
  const url = URL.canParse(given) ? new URL(given) : null;
  const secure = url?.protocol === "https:" || (url?.protocol === "http:" && isLoopback(url.hostname));
  if (url && secure && url.username === "" && url.password === "") return url.href;
  ctx.addIssue({
    code: "custom",
    message: "expected an https URL (http only to loopback) without a user in it",
  });
  return z.NEVER;
};

const optional = (what: string) => text(what).nullable().default(null);

export const kafkaSettings = {
  KAFKA_BROKERS: z
    .string()
    .transform(brokers)
    .nullable()
    .default(null)
    .describe("Kafka cluster to use, as host:port,host:port; without it an embedded broker is started"),
  KAFKA_CLIENT_ID: text("a name").default("ksp").describe("how the platform calls itself to Kafka"),
  KAFKA_SSL: yesOrNo().default(false).describe("whether to reach Kafka by TLS"),
  KAFKA_SSL_CA_FILE: optional("a file").describe(
    "PEM file with the authorities that Kafka's certificates are checked by, instead of the public ones",
  ),
  KAFKA_SSL_CERT_FILE: optional("a file").describe("PEM file with the platform's own certificate, for mTLS"),
  KAFKA_SSL_KEY_FILE: optional("a file").describe("PEM file with that certificate's private key"),
  KAFKA_SSL_KEY_PASSPHRASE: secret("passphrase of that private key"),
  KAFKA_SASL_MECHANISM: z
    .string()
    .transform(mechanism)
    .nullable()
    .default(null)
    .describe(`how to log in to Kafka: ${MECHANISMS.join(", ")}`),
  KAFKA_SASL_USERNAME: optional("a name").describe("user name for SASL PLAIN or SCRAM"),
  KAFKA_SASL_PASSWORD: secret("password for SASL PLAIN or SCRAM"),
  KAFKA_OAUTH_TOKEN_COMMAND: z
    .string()
    .transform(command)
    .nullable()
    .default(null)
    .describe("program that prints a token for OAUTHBEARER, with its arguments; it runs without a shell"),
  KAFKA_OAUTH_TOKEN_ENDPOINT: z
    .string()
    .transform(endpoint)
    .nullable()
    .default(null)
    .describe("URL that gives tokens for OAUTHBEARER by client credentials"),
  KAFKA_OAUTH_CLIENT_ID: optional("an id").describe("client id for the token endpoint"),
  KAFKA_OAUTH_CLIENT_SECRET: secret("client secret for the token endpoint"),
  KAFKA_OAUTH_SCOPE: optional("a scope").describe("scope to ask the token endpoint for"),
  EMBEDDED_KAFKA_PORT: port()
    .default(9092)
    .describe("port of the embedded broker on 127.0.0.1 (0: any free one)"),
  EMBEDDED_KAFKA_METRICS_PORT: port()
    .nullable()
    .default(null)
    .describe("port of the embedded broker's own /metrics on 127.0.0.1 (0: any free one)"),
  EMBEDDED_KAFKA_FLUSH: oneOf(["os", "interval", "always"])
    .default("os")
    .describe("when the embedded broker makes sure that records are on the disk (docs/embedded-broker.md)"),
  EMBEDDED_KAFKA_FLUSH_INTERVAL_MS: z
    .string()
    .regex(/^[1-9]\d{0,8}$/, { error: (i) => `expected 1–999999999, got "${i.input}"` })
    .transform(Number)
    .default(1_000)
    .describe("with EMBEDDED_KAFKA_FLUSH=interval: how often, ms"),
  EMBEDDED_REGISTRY: yesOrNo()
    .default(false)
    .describe("whether an embedded schema registry is started, on the Kafka in use"),
  EMBEDDED_REGISTRY_PORT: port()
    .default(8081)
    .describe("port of the embedded schema registry on 127.0.0.1 (0: any free one)"),
  REPLICATION_FACTOR: z
    .string()
    .regex(/^-1$|^[1-9]\d?$/, {
      error: (i) => `expected -1 (the cluster's default) or 1–99, got "${i.input}"`,
    })
    .transform(Number)
    .default(-1)
    .describe("replicas of the topics that the platform creates (-1: the cluster's default)"),
};
