/** The composition root and the program: everything is put together here, and only here. */

import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { extname, join, resolve } from "node:path";
import { GuessLimit } from "../ui/access/guess-limit.ts";
import { startMonitoring } from "../ui/monitoring-server.ts";
import { startServer } from "../ui/server.ts";
import { aclEntries } from "./acl-entries.ts";
import { createAdminClient } from "./admin-client.ts";
import { redact } from "./capture/redact.ts";
import { registryRefusal } from "./check-kafka-security.ts";
import type { CliDeps, GivenConfig, StartFlags } from "./cli/deps.ts";
import { runCli } from "./cli/program.ts";
import { createCluster } from "./cluster.ts";
import { type Config, ConfigError, configFlags, loadConfig } from "./config.ts";
import { brokerArgs } from "./embedded.ts";
import { registryArgs } from "./embedded-registry.ts";
import { httpWarning, platformUrl, toHttpSettings } from "./http-settings.ts";
import { invoke, type LoadedFunction } from "./invoke.ts";
import { createKafkaFactory, type KafkaFactory } from "./kafka.ts";
import { createKafkaSecurity } from "./kafka-security.ts";
import { type FunctionFolders, loadFunctions, loadTopics } from "./load-functions.ts";
import { createLogger, type Logger } from "./log.ts";
import { type OtelSettings, readOtelSettings } from "./otel/settings.ts";
import { runPlatform } from "./platform.ts";
import { readTopic } from "./read-topic.ts";
import { sampleInput } from "./sample.ts";
import { createSerdes, registryOf, serdeNameOf } from "./serdes.ts";
import { onStopSignal } from "./stop-signal.ts";
import { createMissingTopics, toTopicSpecs } from "./topics.ts";
import type { Tracing } from "./tracing.ts";
import type { CommandPort } from "./view.ts";

const { env } = process;
/** Where the running code is: the sources, or `dist`. */
const codeRoot = join(import.meta.dirname, "..");
const extension = extname(import.meta.filename);
const packageRoot = extension === ".ts" ? codeRoot : join(codeRoot, "..");
const ownFolders = { root: join(codeRoot, "functions"), sources: join(packageRoot, "functions") };
const brokerEntry = join(codeRoot, "infra", "embedded", `main${extension}`);
const registryEntry = join(codeRoot, "infra", "embedded", "registry", `main${extension}`);
const { version } = JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8")) as {
  version: string;
};

/** The project's functions, or those in the folder that the user names. */
function foldersOf({ FUNCTIONS_DIR }: Config): FunctionFolders {
  if (FUNCTIONS_DIR === null) return ownFolders;
  const folder = resolve(FUNCTIONS_DIR);
  if (!["topics", "produce", "consume"].some((name) => existsSync(join(folder, name)))) {
    throw new ConfigError(
      `FUNCTIONS_DIR: expected a folder with topics/, produce/ or consume/ in it, got "${folder}"`,
    );
  }
  return { root: folder, sources: folder };
}

const loadAllFunctions = (given: GivenConfig = {}): Promise<LoadedFunction[]> =>
  loadFunctions(foldersOf(loadConfig(env, given)), env);

/** From the first signal to stop to the end of the process at the latest. */
const STOP_MS = 10_000;
/** How long the process may live on once the platform has stopped. */
const LINGER_MS = 500;

const brokersOf = ({ KAFKA_BROKERS, EMBEDDED_KAFKA_PORT }: Config): string[] =>
  KAFKA_BROKERS ?? [`127.0.0.1:${EMBEDDED_KAFKA_PORT}`];

const refuseDenied = (topics: readonly string[]): void => {
  throw new Error(
    `TOPIC_AUTHORIZATION_FAILED: Kafka does not let these topics be created: ${topics.join(", ")} (\`ksp acls\` lists what is needed)`,
  );
};

/** For verbs that reach Kafka by themselves. */
const kafkaOf = (config: Config, log: Logger): KafkaFactory =>
  createKafkaFactory(
    {
      brokers: brokersOf(config),
      clientId: config.KAFKA_CLIENT_ID,
      security: createKafkaSecurity(config, env),
    },
    log,
  );

/** Where an embedded schema registry would be; null where Kafka is not ours and none is asked for. */
const embeddedRegistryUrl = (config: Config): string | null =>
  config.KAFKA_BROKERS === null || config.EMBEDDED_REGISTRY
    ? `http://127.0.0.1:${config.EMBEDDED_REGISTRY_PORT}`
    : null;

async function startPlatform({ config: given, only, api, dev }: StartFlags): Promise<number> {
  const config = loadConfig(env, given);
  const settings = toHttpSettings(config);
  const http = { ...settings, access: { ...settings.access, limit: new GuessLimit() } };
  const otel = readOtelSettings(env);
  const log = await createLogger(config.LOG_LEVEL);
  const warning = api || config.METRICS_PORT !== null ? httpWarning(config) : null;
  if (warning !== null) log.warn(warning);
  const functions = await loadAllFunctions(given);
  const signal = onStopSignal();
  endOnUnknownFault(log);
  endInTime(signal, log);
  const commands = createCommands(functions);
  await runPlatform({
    config,
    functions: functions.filter((fn) => only === null || only.includes(fn.name)),
    topics: await loadTopics(foldersOf(config)),
    known: functions,
    version,
    guard: dev,
    brokerEntry,
    registryEntry,
    startApi: api
      ? ({ view, admin, metrics }) =>
          startServer({
            view,
            commands,
            admin,
            metrics,
            about: {
              version,
              readOnly: config.READ_ONLY,
              startedAt: Date.now(),
              embedded: config.KAFKA_BROKERS === null,
            },
            log,
            ...http,
            port: config.HTTP_PORT,
            webRoot: join(packageRoot, "dist", "web"),
          })
      : null,
    startMonitoring:
      config.METRICS_PORT === null
        ? null
        : ({ view, metrics }) => startMonitoring({ view, metrics, log, ...http, port: config.METRICS_PORT! }),
    log,
    tracing: otel && (await startTraces(otel, config, log)),
    signal,
  });
  // All is stopped: what kafkajs may still be retrying is waited for by nobody.
  setTimeout(() => process.exit(0), LINGER_MS).unref();
  return 0;
}

/** The SDK is loaded only where it is wanted. */
async function startTraces(
  settings: OtelSettings,
  { KAFKA_CLIENT_ID }: Config,
  log: Logger,
): Promise<Tracing> {
  const { startTracing } = await import("./otel/start.ts");
  return startTracing(settings, { clientId: KAFKA_CLIENT_ID, version, log });
}

/** Invocations by hand run under the guards; their outputs go nowhere. */
function createCommands(functions: readonly LoadedFunction[]): CommandPort {
  const find = (name: string): LoadedFunction => {
    const fn = functions.find((one) => one.name === name);
    if (!fn) throw new Error(`expected one of ${functions.map((one) => one.name).join(", ")}, got "${name}"`);
    return fn;
  };
  return {
    async invoke(name, input) {
      const request = { id: randomUUID(), trigger: "http", input, now: Date.now(), guard: true } as const;
      const invocation = invoke(find(name), request);
      return { ...invocation, config: redact(invocation.config) };
    },
    sample: async (name) => sampleInput(find(name), functions),
  };
}

/** Requests to a Kafka that has stopped answering can take half a minute to be given up: the end does not wait. */
function endInTime(signal: AbortSignal, log: Logger): void {
  const end = (): void => {
    log.error(`not all stopped within ${STOP_MS / 1000} s: ending; what is not committed is delivered again`);
    process.exit(1);
  };
  signal.addEventListener("abort", () => setTimeout(end, STOP_MS).unref());
}

/**
 * kafkajs lets some failures of connections that it is giving up go unhandled; its clients are watched and replaced.
 * Any other fault leaves the process in a state that nobody knows: it ends, and whoever started it starts it again.
 */
function endOnUnknownFault(log: Logger): void {
  process.on("unhandledRejection", (error) => {
    if (error instanceof Error && error.name.startsWith("KafkaJS"))
      return log.warn({ err: error }, error.message);
    log.fatal({ err: error }, "unexpected fault: ending");
    process.exit(1);
  });
}

async function startBroker(given: GivenConfig): Promise<number> {
  const config = loadConfig(env, given);
  const args = brokerArgs({
    port: config.EMBEDDED_KAFKA_PORT,
    dataDir: join(config.DATA_DIR, "kafka"),
    metricsPort: config.EMBEDDED_KAFKA_METRICS_PORT,
    flush: config.EMBEDDED_KAFKA_FLUSH,
    flushIntervalMs: config.EMBEDDED_KAFKA_FLUSH_INTERVAL_MS,
  });
  return runServer(brokerEntry, args, config.LOG_LEVEL);
}

async function startRegistry(given: GivenConfig): Promise<number> {
  const config = loadConfig(env, given);
  const refusal = registryRefusal(config);
  if (refusal !== null) throw new ConfigError(refusal);
  return runServer(
    registryEntry,
    registryArgs(config.EMBEDDED_REGISTRY_PORT, brokersOf(config)),
    config.LOG_LEVEL,
  );
}

/** A server of ours in a process of its own, to the end of either; resolves to the exit code. */
async function runServer(entry: string, args: readonly string[], LOG_LEVEL: string): Promise<number> {
  const child = spawn(process.execPath, [...process.execArgv, entry, ...args], {
    stdio: "inherit",
    env: { ...env, LOG_LEVEL },
  });
  // A terminal's Ctrl-C reaches it as well, which then ends by itself.
  onStopSignal().addEventListener("abort", () => child.kill("SIGTERM"));
  const [code] = (await once(child, "exit")) as [number | null];
  return code ?? 1;
}

const deps: CliDeps = {
  version,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env,
  fetch,
  now: Date.now,
  interrupted: onStopSignal,
  configFlags,
  platformUrl: () => platformUrl(loadConfig(env)),
  token: () => loadConfig(env).HTTP_TOKEN?.reveal() ?? null,
  loadFunctions: loadAllFunctions,
  loadTopics: () => loadTopics(foldersOf(loadConfig(env))),
  startPlatform,
  startBroker,
  startRegistry,
  async schemaRegistry(given) {
    const config = loadConfig(env, given);
    const registry = registryOf(config, embeddedRegistryUrl(config), await createLogger(config.LOG_LEVEL));
    return { registry, isAvro: (topic) => serdeNameOf(config.SERDE, topic) === "avro" };
  },
  async createTopics(given) {
    const config = loadConfig(env, given);
    const log = await createLogger(config.LOG_LEVEL);
    const specs = toTopicSpecs(await loadTopics(foldersOf(config)), await loadAllFunctions(given));
    const admin = createAdminClient(kafkaOf(config, log)("topics"), log);
    try {
      const created = await admin((client) =>
        createMissingTopics(client, specs, config.REPLICATION_FACTOR, refuseDenied),
      );
      return { all: specs.map(({ name }) => name), created };
    } finally {
      await admin.close();
    }
  },
  async grantAcls(acls, principal) {
    const config = loadConfig(env);
    const log = await createLogger(config.LOG_LEVEL);
    const admin = createAdminClient(kafkaOf(config, log)("acls"), log);
    try {
      await admin((client) => client.createAcls({ acl: aclEntries(acls, principal) }));
    } finally {
      await admin.close();
    }
  },
  async *readTopic({ config: given, ...request }) {
    const config = loadConfig(env, given);
    const log = await createLogger(config.LOG_LEVEL === "info" ? "warn" : config.LOG_LEVEL);
    const embeddedUrl = embeddedRegistryUrl(config);
    const topics = await loadTopics(foldersOf(config));
    const serdeOf = createSerdes({ config, topics, embeddedUrl, now: Date.now, log });
    const cluster = createCluster(kafkaOf(config, log)("capture"));
    try {
      yield* readTopic(cluster, { ...request, serde: serdeOf(request.topic), now: Date.now() });
    } finally {
      await cluster.disconnect();
    }
  },
};

process.exitCode = await runCli(deps, process.argv.slice(2));
