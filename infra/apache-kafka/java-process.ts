/** A Java program as a child process that does not outlive the one that started it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import type { Socket } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runTool } from "./run-tool.ts";

const LOG4J = fileURLToPath(new URL("log4j2.properties", import.meta.url));
const NO_JAVA =
  "Apache Kafka needs Java 17 or newer: install it (Debian: apt-get install default-jre-headless)";
const STOP_MS = 30_000;

/** What programs of one Kafka version are run with. */
export interface Java {
  /** The folder of jars. */
  readonly jars: string;
  /** The environment in which `java` is looked for and run. */
  readonly env: NodeJS.ProcessEnv;
}

export interface JavaProcess {
  readonly pid: number;
  /** Settles when the process has ended, whoever ended it. */
  readonly exited: Promise<void>;
  /** SIGTERM, and SIGKILL when that takes too long; resolves when it is gone. */
  stop(): Promise<void>;
  /** SIGKILL. */
  kill(): void;
}

const commandOf = ({ env }: Java): string => (env.JAVA_HOME ? join(env.JAVA_HOME, "bin", "java") : "java");

const argsOf = ({ jars }: Java, logs: string, jvmArgs: readonly string[]): string[] => [
  `-Dkafka.logs.dir=${logs}`,
  `-Dlog4j2.configurationFile=${LOG4J}`,
  "-Dzookeeper.jmx.log4j.disable=true",
  "-XX:+UseSerialGC",
  "-XX:TieredStopAtLevel=1",
  ...jvmArgs,
  "-cp",
  join(jars, "*"),
];

/** Runs a program to its end. Throws with the end of its output when it fails. */
export async function runJava(java: Java, logs: string, program: readonly string[]): Promise<void> {
  await runTool(commandOf(java), [...argsOf(java, logs, []), ...program], java.env, NO_JAVA);
}

/** Starts a program, whose log goes to `logs`/server.log and what the JVM itself has to say to `logs`/stdout.log. */
export function startJava(
  java: Java,
  logs: string,
  jvmArgs: readonly string[],
  program: readonly string[],
): JavaProcess {
  const out = openSync(join(logs, "stdout.log"), "a");
  // A group of its own: Ctrl-C in a terminal is for us, and we stop it.
  const child = spawn(commandOf(java), [...argsOf(java, logs, jvmArgs), ...program], {
    env: java.env,
    stdio: ["ignore", out, out],
    detached: true,
  });
  closeSync(out);
  child.once("error", () => {}); // no pid: told below
  if (child.pid === undefined) throw new Error(`Expected java on the PATH, found none. ${NO_JAVA}`);
  const exited = once(child, "exit").then(() => {});
  const kill = (): void => {
    child.kill("SIGKILL");
  };
  const release = endWithUs(child.pid);
  void exited.then(release);
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    const late = setTimeout(kill, STOP_MS);
    await exited;
    clearTimeout(late);
  };
  return { pid: child.pid, exited, stop, kill };
}

/**
 * Has a process killed once this one is gone, however that ends (SIGKILL, too) and without touching its handling of
 * signals: a shell waits for the pipe from here to close. Returns what calls that off.
 */
function endWithUs(pid: number): () => void {
  const watch = spawn("/bin/sh", ["-c", 'read -r _; kill -KILL "$0"', String(pid)], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  watch.unref();
  (watch.stdin as Socket).unref();
  return () => void watch.kill("SIGKILL");
}

/** The last lines of what a program wrote into the folder of its logs. */
export async function logTail(logs: string): Promise<string> {
  const texts = await Promise.all(
    ["stdout.log", "server.log"].map((name) => readFile(join(logs, name), "utf8").catch(() => "")),
  );
  return texts.join("").trim().split("\n").slice(-20).join("\n");
}

/** Makes a folder, and those above it; returns its path. */
export async function makeFolder(...path: readonly string[]): Promise<string> {
  const folder = join(...path);
  await mkdir(folder, { recursive: true });
  return folder;
}
