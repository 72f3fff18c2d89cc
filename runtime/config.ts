/**
 * The platform's settings: one schema; flags over environment over defaults. Every error names the key, what was
 * expected and what came, unless it is a secret.
 */
import { readFileSync } from "node:fs";
import { z } from "zod";
import { REDACTED, redact } from "./capture/redact.ts";
import { checkKafkaSecurity, registryRefusal } from "./check-kafka-security.ts";
import { httpSettings } from "./config-http.ts";
import { kafkaSettings } from "./config-kafka.ts";
import { serdeSettings } from "./config-serde.ts";
import { nearest } from "./did-you-mean.ts";
import { LOG_LEVELS } from "./log.ts";
import { isSecret, isText, oneOf, text, yesOrNo } from "./setting-fields.ts";

const schema = {
  ...kafkaSettings,
  ...httpSettings,
  ...serdeSettings,
  DATA_DIR: text("a folder").default(".data").describe("folder of what is kept on disk"),
  FUNCTIONS_DIR: text("a folder")
    .nullable()
    .default(null)
    .describe(
      "folder of your own with topics/, produce/ and consume/ in it; without it the project's functions run",
    ),
  LOG_LEVEL: oneOf(LOG_LEVELS).default("info").describe("least severe log level to print"),
  SLOW_BATCH_MS: z
    .string()
    .regex(/^\d{1,9}$/, { error: (i) => `expected milliseconds, 0–999999999, got "${i.input}"` })
    .transform(Number)
    .default(1_000)
    .describe("a batch that takes longer than so many milliseconds is told in the log"),
  READ_ONLY: yesOrNo()
    .default(false)
    .describe("whether the HTTP API refuses every request that writes or runs something"),
};

export const configSchema = z.strictObject(schema).superRefine((config, ctx) => {
  for (const { key, message } of checkKafkaSecurity(config)) {
    ctx.addIssue({ code: "custom", path: [key], message });
  }
  const refusal = config.EMBEDDED_REGISTRY ? registryRefusal(config) : null;
  if (refusal !== null) ctx.addIssue({ code: "custom", path: ["EMBEDDED_REGISTRY"], message: refusal });
});
export type Config = z.output<typeof configSchema>;

const fields: [string, z.ZodDefault][] = Object.entries(schema);
/** Each can also be given as `<KEY>_FILE`. */
const secretKeys = fields.filter(([, field]) => isSecret(field)).map(([key]) => key);
const fileKey = (key: string): string => `${key}_FILE`;
const knownKeys = [...fields.map(([key]) => key), ...secretKeys.map(fileKey)];

/**
 * What the command line needs to offer each setting as a flag: `HTTP_PORT` becomes `--http-port <value>`. Other users
 * of the machine can read a command line, so a secret is offered only as the file that it is in.
 */
export const configFlags: readonly { key: string; flag: string; description: string }[] = fields.map(
  ([name, field]) => {
    const hidden = isSecret(field);
    const key = hidden ? fileKey(name) : name;
    const by = hidden ? `environment: ${key}, or ${name} with the secret itself` : `environment: ${key}`;
    const what = hidden ? `file with the ${field.description}` : field.description;
    return {
      key,
      flag: `--${key.toLowerCase().replaceAll("_", "-")}`,
      description: `${what} (default: ${JSON.stringify(field.def.defaultValue)}; ${by})`,
    };
  },
);

export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

export type Env = Readonly<Record<string, string | undefined>>;

/**
 * Reads the settings, and secrets from the files that are named for them. An empty environment variable counts as not
 * set. Throws ConfigError naming every bad key.
 */
export function loadConfig(env: Env, flags: Env = {}): Config {
  const given: Record<string, string> = {};
  for (const source of [env, flags]) {
    for (const key of knownKeys) {
      const value = source[key];
      if (value !== undefined && (value !== "" || source === flags)) given[key] = value;
    }
  }
  const typos = Object.keys(env).filter(
    (key) => !knownKeys.includes(key) && nearest(key, knownKeys, 1) !== null,
  );
  const problems = typos.map((key) => `${key}: not a setting; did you mean ${nearest(key, knownKeys, 1)}?`);
  if (env.NODE_TLS_REJECT_UNAUTHORIZED === "0") {
    problems.push(
      "NODE_TLS_REJECT_UNAUTHORIZED: expected it not to be set, got 0, which leaves certificates unchecked; name your authority instead: KAFKA_SSL_CA_FILE for Kafka, NODE_EXTRA_CA_CERTS for the rest",
    );
  }
  const unread = new Set<string>();
  for (const key of secretKeys) {
    const file = given[fileKey(key)];
    if (file === undefined) continue;
    delete given[fileKey(key)];
    if (given[key] !== undefined) {
      problems.push(`${fileKey(key)}: expected it or ${key}, got both`);
    } else {
      const read = readSecret(file);
      if ("secret" in read) given[key] = read.secret;
      else {
        unread.add(key);
        problems.push(`${fileKey(key)}: ${read.problem}`);
      }
    }
  }
  const parsed = configSchema.safeParse(given);
  if (!parsed.success) {
    const issues = parsed.error.issues.filter(({ path }) => !unread.has(String(path[0]))); // told already
    problems.push(...issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`));
  }
  if (problems.length > 0 || !parsed.success) throw new ConfigError(problems.join("\n"));
  return parsed.data;
}

/** An environment for other programs. */
export const withoutSecrets = (env: Env): Env =>
  Object.fromEntries(Object.entries(env).filter(([key]) => !secretKeys.includes(key)));

/** What a file holds, without the newline that editors and `echo` leave at its end. */
function readSecret(file: string): { secret: string } | { problem: string } {
  try {
    const secret = readFileSync(file, "utf8").replace(/\r?\n$/, "");
    return secret === ""
      ? { problem: `expected a file with the secret in it, got an empty one: "${file}"` }
      : { secret };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { problem: `expected a file that can be read, got "${file}" (${code ?? message})` };
  }
}

/** `event-producer`, `rate` → `EVENT_PRODUCER_RATE`; `warnAfterMs` → `…_WARN_AFTER_MS`. */
export function functionEnvKey(functionName: string, setting: string): string {
  const upper = setting.replace(/([a-z0-9])([A-Z])/g, "$1_$2");
  return `${functionName}_${upper}`.replaceAll("-", "_").toUpperCase();
}

/**
 * A function's settings: its schema's defaults, and what the environment says under `functionEnvKey`. Values are JSON
 * where they parse as JSON and the schema does not want them as text; text can also be in the file that `<KEY>_FILE`
 * names, as secrets are. Throws ConfigError for what the schema refuses,
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
    const inFile = settings.get(key.replace(/_FILE$/, ""));
    if (setting !== undefined) given[setting] = parseFor(config.shape[setting], text);
    else if (inFile !== undefined && isText(config.shape[inFile])) given[inFile] = readFor(key, text, env);
    else if (!knownKeys.includes(key) && !longer.some((p) => key.startsWith(p))) {
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
    return `${[key, ...rest].join(".")}: ${issue.message}, got ${shown(setting ?? "", given[setting ?? ""])}`;
  });
  throw new ConfigError(problems.join("\n"));
}

/** A value as errors repeat it. What should have been text and reads as a number is a secret all the same. */
function shown(setting: string, value: unknown): string {
  const hidden = redact({ [setting]: "" }) as Record<string, unknown>;
  return JSON.stringify(hidden[setting] === REDACTED ? REDACTED : redact(value));
}

/** What the file of `<KEY>_FILE` holds. */
function readFor(key: string, file: string, env: Env): string {
  const direct = key.replace(/_FILE$/, "");
  if (env[direct]) throw new ConfigError(`${key}: expected it or ${direct}, got both`);
  const read = readSecret(file);
  if ("problem" in read) throw new ConfigError(`${key}: ${read.problem}`);
  return read.secret;
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
