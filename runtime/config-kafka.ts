/** The settings by which the platform reaches Kafka. */
import { z } from "zod";
import { oneOf, port, secret, text } from "./setting-fields.ts";

const brokers = (given: string, ctx: z.RefinementCtx): string[] => {
  const list = given.split(",").map((part) => part.trim());
  const bad = list.find((part) => {
    const match = /^(?:\[[0-9a-fA-F:]+\]|[^\s:/@[\]]+):(\d{1,5})$/.exec(part);
    return !match || Number(match[1]) < 1 || Number(match[1]) > 65_535;
  });
  if (bad === undefined) return list;
  ctx.addIssue({
    code: "custom",
    message: `expected "host:port" with port 1–65535, comma-separated, got "${bad}"`,
  });
  return z.NEVER;
};

export const kafkaSettings = {
  KAFKA_BROKERS: z
    .string()
    .transform(brokers)
    .nullable()
    .default(null)
    .describe("Kafka cluster to use, as host:port,host:port; without it an embedded broker is started"),
  KAFKA_CLIENT_ID: text("a name").default("ksp").describe("how the platform calls itself to Kafka"),
  KAFKA_SASL_PASSWORD: secret("password for SASL PLAIN or SCRAM"),
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
  REPLICATION_FACTOR: z
    .string()
    .regex(/^-1$|^[1-9]\d?$/, {
      error: (i) => `expected -1 (the cluster's default) or 1–99, got "${i.input}"`,
    })
    .transform(Number)
    .default(-1)
    .describe("replicas of the topics that the platform creates (-1: the cluster's default)"),
};
