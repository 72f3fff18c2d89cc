/** What one test starts or makes, and what is gone when it is over. */
import { cp, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished } from "vitest";
import {
  type BrokerProcess,
  type Platform,
  type PlatformOptions,
  startBrokerProcess,
  startPlatform,
} from "./platform.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** A platform that no test outlives. */
export async function start(options: PlatformOptions = {}): Promise<Platform> {
  const platform = await startPlatform(options);
  onTestFinished(() => platform.kill9());
  return platform;
}

/** A broker in a process of its own, that no test outlives. */
export async function startBroker(
  dataDir?: string,
  port?: number,
  env?: Readonly<Record<string, string>>,
): Promise<BrokerProcess> {
  const broker = await startBrokerProcess(dataDir ?? (await temporaryFolder()), port, env);
  onTestFinished(() => kill9(broker));
  return broker;
}

export async function kill9(broker: BrokerProcess): Promise<void> {
  broker.signalAll("SIGKILL");
  await broker.ended;
}

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "ksp-test-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A copy of the project's functions that can be edited: what FUNCTIONS_DIR names. */
export async function copyOfFunctions(): Promise<string> {
  const folder = await temporaryFolder();
  await cp(join(root, "functions"), join(folder, "functions"), { recursive: true });
  // What they import lies beside them as it does in the project.
  for (const name of ["runtime", "node_modules"]) await symlink(join(root, name), join(folder, name));
  return join(folder, "functions");
}

/** Awaits the platform's end, and that no process of it is left. */
export async function expectCleanEnd(platform: Platform, code = 0): Promise<void> {
  const ended = await platform.ended;
  expect({ code: ended.code, signal: ended.signal }).toEqual({ code, signal: null });
  expect(() => process.kill(-platform.pid, 0)).toThrow("ESRCH");
}
