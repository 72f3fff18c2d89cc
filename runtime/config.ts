/**
 * The platform's settings: one schema; flags over environment over defaults. Every error names the key, what was
 * expected and what came.
 */
import { z } from "zod";
import { nearest } from "./did-you-mean.ts";
import { LOG_LEVELS } from "./log.ts";

const port = (text: string, ctx: z.RefinementCtx): number => {
  const n = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (n >= 0 && n <= 65_535) return n;
  ctx.addIssue({ code: "custom", message: `expected a port, 0–65535, got "${text}"` });
  return z.NEVER;
};

const brokers = (text: string, ctx: z.RefinementCtx): string[] => {
  const list = text.split(",").map((part) => part.trim());
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

const schema = {
  KAFKA_BROKERS: z
    .string()
    .transform(brokers)
    .nullable()
    .default(null)
    .describe("Kafka cluster to use, as host:port,host:port; without it an embedded broker is started"),
  KAFKA_CLIENT_ID: z
    .string()
    .min(1, "expected a name, got nothing")
    .default("ksp")
    .describe("how the platform calls itself to Kafka"),
  EMBEDDED_KAFKA_PORT: z
    .string()
    .transform(port)
    .default(9092)
    .describe("port of the embedded broker on 127.0.0.1 (0: any free one)"),
  HTTP_PORT: z
    .string()
    .transform(port)
    .default(8080)
    .describe("port of the HTTP API and web UI on 127.0.0.1 (0: any free one)"),
  DATA_DIR: z
    .string()
    .min(1, "expected a folder, got nothing")
    .default(".data")
    .describe("folder of what is kept on disk"),
  FUNCTIONS_DIR: z
    .string()
    .min(1, "expected a folder, got nothing")
    .nullable()
    .default(null)
    .describe(
      "folder of your own with topics/, produce/ and consume/ in it; without it the project's functions run",
    ),
  LOG_LEVEL: z
    .enum(LOG_LEVELS, { error: (i) => `expected one of ${LOG_LEVELS.join(", ")}, got "${i.input}"` })
    .default("info")
    .describe("least severe log level to print"),
  REPLICATION_FACTOR: z
    .string()
    .regex(/^-1$|^[1-9]\d?$/, {
      error: (i) => `expected -1 (the cluster's default) or 1–99, got "${i.input}"`,
    })
    .transform(Number)
    .default(-1)
    .describe("replicas of the topics that the platform creates (-1: the cluster's default)"),
  READ_ONLY: z
    .enum(["true", "false"], { error: (i) => `expected true or false, got "${i.input}"` })
    .transform((text) => text === "true")
    .default(false)
    .describe("whether the HTTP API refuses every request that writes or runs something"),
};

export const configSchema = z.strictObject(schema);
export type Config = z.output<typeof configSchema>;

/** What the command line needs to offer each setting as a flag: `HTTP_PORT` becomes `--http-port <value>`. */
export const configFlags: readonly { key: keyof Config; flag: string; description: string }[] =
  Object.entries(schema).map(([key, field]) => ({
    key: key as keyof Config,
    flag: `--${key.toLowerCase().replaceAll("_", "-")}`,
    description: `${field.description} (default: ${JSON.stringify(field.def.defaultValue)}; environment: ${key})`,
  }));

export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

type Env = Readonly<Record<string, string | undefined>>;

/** Reads the settings. An empty environment variable counts as not set. Throws ConfigError naming every bad key. */
export function loadConfig(env: Env, flags: Env = {}): Config {
  const given: Record<string, string> = {};
  for (const source of [env, flags]) {
    for (const key of Object.keys(schema)) {
      const value = source[key];
      if (value !== undefined && (value !== "" || source === flags)) given[key] = value;
    }
  }
  const known = Object.keys(schema);
  const typos = Object.keys(env).filter((key) => !known.includes(key) && nearest(key, known, 1) !== null);
  const parsed = configSchema.safeParse(given);
  const problems = [
    ...typos.map((key) => `${key}: not a setting; did you mean ${nearest(key, known, 1)}?`),
    ...(parsed.success
      ? []
      : parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`)),
  ];
  if (problems.length > 0 || !parsed.success) throw new ConfigError(problems.join("\n"));
  return parsed.data;
}

/** `event-producer`, `rate` → `EVENT_PRODUCER_RATE`; `warnAfterMs` → `…_WARN_AFTER_MS`. */
export function functionEnvKey(functionName: string, setting: string): string {
  const upper = setting.replace(/([a-z0-9])([A-Z])/g, "$1_$2");
  return `${functionName}_${upper}`.replaceAll("-", "_").toUpperCase();
}

/**
 * A function's settings: its schema's defaults, and what the environment says under `functionEnvKey`. Values are JSON
 * where they parse as JSON and the schema does not want them as text. Throws ConfigError for what the schema refuses,
 * and for a key that begins like this function's settings, if it is neither the platform's nor one of `others`'.
 */
export function loadFunctionConfig(
  functionName: string,
  config: z.ZodType,
  env: Env,
  others: readonly string[] = [],
): unknown {
  if (!(config instanceof z.ZodObject)) throw new ConfigError(`${functionName}: config: expected a z.object`);
  const settings = new Map(
    Object.keys(config.shape).map((setting) => [functionEnvKey(functionName, setting), setting]),
  );
  const prefix = functionEnvKey(functionName, "");
  // `alert` and `alert-consumer`: what begins like the longer name is the longer name's.
  const longer = others.map((name) => functionEnvKey(name, "")).filter((p) => p.length > prefix.length);
  const given: Record<string, unknown> = {};
  for (const [key, text] of Object.entries(env)) {
    if (!key.startsWith(prefix) || text === undefined || text === "") continue;
    const setting = settings.get(key);
    if (setting !== undefined) given[setting] = parseFor(config.shape[setting], text);
    else if (!(key in schema) && !longer.some((p) => key.startsWith(p))) {
      throw new ConfigError(
        `${key}: not a setting of ${functionName}; expected one of ${[...settings.keys()].join(", ")}`,
      );
    }
  }
  const parsed = config.safeParse(given);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => {
    const [setting, ...rest] = issue.path.map(String);
    const key = setting === undefined ? functionName : functionEnvKey(functionName, setting);
    return `${[key, ...rest].join(".")}: ${issue.message}, got ${JSON.stringify(given[setting ?? ""])}`;
  });
  throw new ConfigError(problems.join("\n"));
}

/** `5` is a number for a number and text for text; a plain word is text. */
function parseFor(field: z.core.$ZodType, text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    const onlyAsText = !z.safeParse(field, value).success && z.safeParse(field, text).success;
    return onlyAsText ? text : value;
  } catch {
    return text; // the schema says whether text is right
  }
}
