/** The serde of each topic, from the settings. */
import { readFileSync } from "node:fs";
import { createAvroSerde } from "./avro-serde.ts";
import { type Config, ConfigError } from "./config.ts";
import type { SerdeName, SerdeSetting } from "./config-serde.ts";
import type { Topic } from "./define.ts";
import type { Logger } from "./log.ts";
import { isLoopback } from "./loopback.ts";
import { createRegistry, type Registry } from "./registry-client.ts";
import { createSchemaCache } from "./schema-cache.ts";
import { jsonSerde, type Serde, type SerdeOf } from "./serde.ts";

type Given = Pick<
  Config,
  | "SERDE"
  | "SCHEMA_REGISTRY_URL"
  | "SCHEMA_REGISTRY_USERNAME"
  | "SCHEMA_REGISTRY_PASSWORD"
  | "SCHEMA_REGISTRY_TOKEN"
  | "SCHEMA_REGISTRY_CA_FILE"
  | "AUTO_REGISTER_SCHEMAS"
>;

export interface SerdesOptions {
  readonly config: Given;
  readonly topics: readonly Topic[];
  /** Where the embedded broker's registry is; null where another broker is used. */
  readonly embeddedUrl: string | null;
  /** The registry's client, where there is one already. */
  readonly registry?: Registry | null;
  /** ms since 1970. */
  now(): number;
  readonly log: Logger;
}

export const serdeNameOf = ({ all, byTopic }: SerdeSetting, topic: string): SerdeName =>
  byTopic[topic] ?? all;

/**
 * Asks the registry for nothing yet. Throws ConfigError for settings that do not go together, and NoAvroFormError for
 * a topic that Avro cannot hold. Topics that are not defined here are JSON.
 */
export function createSerdes(options: SerdesOptions): SerdeOf {
  const { config, topics, embeddedUrl, now, log } = options;
  const { byTopic } = config.SERDE;
  for (const name of Object.keys(byTopic)) {
    if (topics.some((topic) => topic.name === name)) continue;
    throw new ConfigError(`SERDE: expected one of ${topics.map((t) => t.name).join(", ")}, got "${name}"`);
  }
  const inAvro = topics.filter(({ name }) => serdeNameOf(config.SERDE, name) === "avro");
  if (inAvro.length === 0) return () => jsonSerde;
  const registry = options.registry ?? registryOf(config, embeddedUrl, log);
  const schemas = createSchemaCache(registry, now);
  const autoRegister = config.AUTO_REGISTER_SCHEMAS ?? config.SCHEMA_REGISTRY_URL === null;
  const serdes = new Map<string, Serde>(
    inAvro.map((topic) => [topic.name, createAvroSerde({ topic, registry, schemas, autoRegister })]),
  );
  return (topic) => serdes.get(topic) ?? jsonSerde;
}

/** Throws ConfigError for settings that lead to none. */
export function registryOf(config: Given, embeddedUrl: string | null, log: Logger): Registry {
  const url = config.SCHEMA_REGISTRY_URL ?? embeddedUrl;
  if (url === null) {
    throw new ConfigError(
      "SCHEMA_REGISTRY_URL: expected a URL for avro, as KAFKA_BROKERS is set, or EMBEDDED_REGISTRY=true, got neither",
    );
  }
  const { SCHEMA_REGISTRY_USERNAME: username, SCHEMA_REGISTRY_CA_FILE: caFile } = config;
  const password = config.SCHEMA_REGISTRY_PASSWORD?.reveal() ?? null;
  const token = config.SCHEMA_REGISTRY_TOKEN?.reveal() ?? null;
  if ((username === null) !== (password === null)) {
    const [missing, given] = username === null ? ["USERNAME", "PASSWORD"] : ["PASSWORD", "USERNAME"];
    throw new ConfigError(
      `SCHEMA_REGISTRY_${missing}: expected it, as SCHEMA_REGISTRY_${given} is set, got nothing`,
    );
  }
  if (token !== null && username !== null) {
    throw new ConfigError("SCHEMA_REGISTRY_TOKEN: expected it or SCHEMA_REGISTRY_USERNAME, got both");
  }
  const { protocol, hostname } = new URL(url);
  if (protocol === "http:" && !isLoopback(hostname)) {
    log.warn(
      token === null && username === null
        ? `SCHEMA_REGISTRY_URL is http://: schemas from ${hostname} can be changed on the way`
        : `SCHEMA_REGISTRY_URL is http://: credentials travel to ${hostname} for everybody to read`,
    );
  }
  return createRegistry({ url, username, password, token, ca: caFile === null ? null : readCa(caFile) });
}

function readCa(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError(
      `SCHEMA_REGISTRY_CA_FILE: expected a file that can be read, got "${file}" (${code})`,
    );
  }
}
