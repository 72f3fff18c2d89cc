/** The embedded broker as a process of its own, bundled as it is delivered: for what is done to it from outside. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
// @ts-expect-error: plain JavaScript, which runs before anything is built
import { brokerBundle } from "../../bin/build.js";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

export interface BrokerBundle {
  readonly entry: string;
  remove(): Promise<void>;
}

/** Bundles the broker's process as bin/build.js does, apart from dist/, which others may be using. */
export async function bundleBroker(): Promise<BrokerBundle> {
  // Below the project's folder, where its packages are found.
  const folder = await mkdtemp(join(ROOT, "node_modules", ".broker-"));
  const entry = join(folder, "main.js");
  await build({
    ...brokerBundle,
    outdir: folder,
  });
  return { entry, remove: () => rm(folder, { recursive: true }) };
}

export interface BrokerProcess {
  readonly child: ChildProcess;
  readonly port: number;
  /** From the start of the process until it takes connections. */
  readonly startMs: number;
  /** Of that, from opening the data folder to having read everything back, as the broker's metrics say. */
  recoveryMs(): Promise<number>;
  /** Rejects when it ends, whoever ended it. */
  readonly ended: Promise<never>;
  /** Ends it as a crash would; resolves when it is gone. */
  kill(): Promise<void>;
}

/** @throws Error with what the broker says when it cannot start */
export async function startBrokerProcess(
  entry: string,
  options: { port: number; dataDir: string; logLevel?: string },
): Promise<BrokerProcess> {
  const { port, dataDir, logLevel = "error" } = options;
  const started = performance.now();
  const flags = [
    "--port",
    String(port),
    "--data-dir",
    dataDir,
    "--log-level",
    logLevel,
    "--metrics-port",
    "0",
  ];
  const child = fork(entry, flags, { execArgv: [], stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const exited = once(child, "exit");
  const ended = exited.then(([code, signal]): never => {
    throw new Error(`The broker ended with ${code ?? signal}`);
  });
  ended.catch(() => {});
  const [message] = (await Promise.race([once(child, "message"), ended])) as [
    { type: "ready"; port: number; metricsPort: number } | { type: "failed"; message: string },
  ];
  if (message.type === "failed") throw new Error(`The broker could not start: ${message.message}`);
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await exited;
  };
  const startMs = performance.now() - started;
  const recoveryMs = async (): Promise<number> => {
    const metrics = await (await fetch(`http://127.0.0.1:${message.metricsPort}/metrics`)).text();
    return Number(/^ksp_broker_recovery_seconds (\S+)$/m.exec(metrics)![1]) * 1000;
  };
  return { child, port: message.port, startMs, recoveryMs, ended, kill };
}
