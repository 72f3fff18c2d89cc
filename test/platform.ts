/** The platform as its users run it: a child process, known by its log, its exit code and its API. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { HealthView } from "../runtime/view.ts";
import { until } from "./until.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const program = join(root, "bin", "ksp.js");

export interface RunOptions {
  /** Settings; those of the environment that tests run in do not count. */
  readonly env?: Readonly<Record<string, string>>;
  /** Runs TypeScript files, as functions of one's own may be. */
  readonly typescript?: boolean;
  /** Runs in this timezone and no other. */
  readonly timezone?: string;
}

/** One line of the log. */
export interface LogLine {
  readonly level: number;
  readonly time: number;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** What a process has left behind. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  /** Line by line. */
  readonly stderr: readonly string[];
}

export interface Run {
  readonly pid: number;
  /** Lines on stderr so far. */
  readonly stderr: readonly string[];
  readonly ended: Promise<Ended>;
  /** Sends a signal to the process alone. */
  signal(signal: NodeJS.Signals): void;
  /** Sends a signal to the process and to all that it started, as a terminal and an OOM killer do. */
  signalAll(signal: NodeJS.Signals): void;
}

/** Starts `ksp <args>` in a process group of its own. None outlives the process that started it. */
export function runKsp(args: readonly string[], options: RunOptions = {}): Run {
  const { PATH, HOME } = process.env;
  const nodeArgs = options.typescript ? ["--import", "tsx"] : [];
  const child = spawn(process.execPath, [...nodeArgs, program, ...args], {
    cwd: root,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH, HOME, ...(options.timezone && { TZ: options.timezone }), ...options.env },
  });
  const pid = child.pid!;
  const signalAll = (signal: NodeJS.Signals): void => {
    try {
      process.kill(-pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error; // it has ended
    }
  };
  const kill = (): void => signalAll("SIGKILL");
  process.once("exit", kill);
  const stderr: string[] = [];
  createInterface({ input: child.stderr }).on("line", (line) => stderr.push(line));
  const stdout: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
  // "close" and not "exit": when all that hold its stderr are gone.
  const ended = once(child, "close").then(([code, signal]): Ended => {
    process.off("exit", kill);
    return { code, signal, stdout: Buffer.concat(stdout).toString("utf8"), stderr };
  });
  return { pid, stderr, ended, signal: (signal) => child.kill(signal), signalAll };
}

export interface PlatformOptions extends RunOptions {
  /** Default: a temporary one, removed when the platform has ended. */
  readonly dataDir?: string;
  /** More of the command line, such as `--only`. */
  readonly args?: readonly string[];
}

export interface Platform extends Run {
  /** Where its API is; empty with `--no-api`. */
  readonly url: string;
  /** `host:port` of the Kafka that it uses. */
  readonly brokers: string;
  readonly dataDir: string;
  /** The log so far; throws for a line that is none, such as one of a stack trace. */
  logs(): LogLine[];
  /** GET of a path of its API; rejects for what is no 2xx. */
  get<T>(path: string): Promise<T>;
  health(): Promise<HealthView>;
  untilHealthy(): Promise<void>;
  /** As kill -9 of every process of it at once. Resolves when all are gone. */
  kill9(): Promise<void>;
}

/**
 * Runs `ksp start` on free ports, on a broker of its own unless `env` names another; resolves once it has told its
 * addresses. Rejects with its last words when it ends instead.
 */
export async function startPlatform(options: PlatformOptions = {}): Promise<Platform> {
  const { args = [] } = options;
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), "ksp-test-")));
  const run = runKsp(["start", ...args], {
    ...options,
    env: { HTTP_PORT: "0", EMBEDDED_KAFKA_PORT: "0", DATA_DIR: dataDir, ...options.env },
  });
  const ended = run.ended.then(async (end) => {
    if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
    return end;
  });
  let over = false;
  void ended.then(() => {
    over = true;
  });
  const told = (pattern: RegExp): string | null =>
    run.stderr.map((line) => pattern.exec(line)?.[1]).find((found) => found !== undefined) ?? null;
  const last = args.includes("--no-api") ? /started on Kafka at ([^"]+)/ : /web page and API: ([^"]+)/;
  await until(() => over || told(last) !== null, "the platform to start");
  const brokers = told(/started on Kafka at ([^"]+)/);
  if (over || brokers === null) throw new Error(`The platform did not start:\n${run.stderr.join("\n")}`);
  const url = told(/web page and API: ([^"]+)/) ?? "";

  const token = options.env?.HTTP_TOKEN;
  const headers = { connection: "close", ...(token && { authorization: `Bearer ${token}` }) };
  const get = async (path: string): Promise<Response> => fetch(`${url}${path}`, { headers });
  const platform: Platform = {
    ...run,
    ended,
    url,
    brokers: brokers.replaceAll(" ", ""),
    dataDir,
    logs: () => run.stderr.map((line) => JSON.parse(line) as LogLine),
    async get<T>(path: string) {
      const response = await get(path);
      if (!response.ok)
        throw new Error(`Expected 2xx of ${path}, got ${response.status}: ${await response.text()}`);
      return (await response.json()) as T;
    },
    health: async () => (await (await get("/health")).json()) as HealthView,
    async untilHealthy() {
      let seen: HealthView | null = null;
      await until(async () => {
        seen = await platform.health();
        return seen.status === "healthy";
      }, "the platform to be healthy").catch((error: Error) => {
        throw new Error(`${error.message}: ${JSON.stringify(seen)}\n${run.stderr.slice(-20).join("\n")}`);
      });
    },
    async kill9() {
      run.signalAll("SIGKILL");
      await ended;
    },
  };
  return platform;
}

export interface BrokerProcess extends Run {
  /** `host:port`, as KAFKA_BROKERS has it. */
  readonly brokers: string;
}

/** Runs `ksp broker`, the embedded broker alone; resolves when it takes connections. @param port 0: any free one */
export async function startBrokerProcess(
  dataDir: string,
  port = 0,
  env: Readonly<Record<string, string>> = {},
): Promise<BrokerProcess> {
  const run = runKsp(["broker"], { env: { DATA_DIR: dataDir, EMBEDDED_KAFKA_PORT: String(port), ...env } });
  let over = false;
  void run.ended.then(() => {
    over = true;
  });
  const ready = () => run.stderr.find((line) => line.includes("embedded broker is ready")) ?? null;
  const line = await until(() => over || ready(), "the broker to start");
  if (line === true) throw new Error(`The broker did not start:\n${run.stderr.join("\n")}`);
  return { ...run, brokers: `127.0.0.1:${(JSON.parse(line) as { port: number }).port}` };
}
