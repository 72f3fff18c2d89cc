/** A server of ours as a child process: started until it is ready, started again when it dies, stopped in order. */
import { type ChildProcess, fork } from "node:child_process";
import { backoffMs, wait } from "./backoff.ts";
import type { Logger } from "./log.ts";

/** How long an orderly stop may take. */
const STOP_MS = 5_000;

export interface ChildOptions<Ready extends { readonly port: number }> {
  /** As people call it: "embedded broker". */
  readonly title: string;
  readonly entry: string;
  readonly port: number;
  /** Its command line, on the port that it had before or is to have now. */
  readonly args: (port: number) => readonly string[];
  readonly logLevel: string;
  readonly log: Logger;
  /** Its words by the code of the failure, with the settings that the user finds the way out with. */
  readonly explain: Readonly<Record<string, (message: string) => string>>;
  /** Called at each start. */
  readonly onReady?: (ready: Ready) => void;
}

export interface SupervisedChild<Ready> {
  /** What it said when it was ready for the first time. */
  readonly ready: Ready;
  /** Why it does not run at the moment, or null. */
  trouble(): string | null;
  stop(): Promise<void>;
}

type Message<Ready> =
  | (Ready & { readonly type: "ready" })
  | { readonly type: "failed"; readonly code: string; readonly message: string };

/** It could not start, and why, and what to do: for people. */
export class EmbeddedError extends Error {
  override readonly name = "EmbeddedError";
}

/** Resolves when it is ready. Rejects with EmbeddedError when it cannot start. */
export async function startChild<Ready extends { readonly port: number }>(
  options: ChildOptions<Ready>,
): Promise<SupervisedChild<Ready>> {
  const { title, log } = options;
  const stopping = new AbortController();
  let trouble: string | null = null;
  let child: ChildProcess;
  let exited: Promise<string>;

  const launch = async (port: number): Promise<Ready> => {
    child = fork(options.entry, [...options.args(port)], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      env: { ...process.env, LOG_LEVEL: options.logLevel },
    });
    const started = child;
    exited = new Promise((resolve) => {
      started.once("exit", (code, signal) => resolve(signal ?? `exit code ${code}`));
      started.once("error", (error) => resolve(error.message));
    });
    const told = new Promise<Message<Ready>>((resolve) => {
      started.once("message", (message) => resolve(message as Message<Ready>));
    });
    const first = await Promise.race([told, exited]);
    if (typeof first === "string")
      throw new EmbeddedError(`the ${title} ended before it was ready (${first})`);
    if (first.type === "failed") {
      throw new EmbeddedError(options.explain[first.code]?.(first.message) ?? first.message);
    }
    options.onReady?.(first);
    return first;
  };

  const ready = await launch(options.port);

  const supervise = async (): Promise<void> => {
    for (let failures = 1; ; failures++) {
      const reason = await exited;
      if (stopping.signal.aborted) return;
      trouble = `the ${title} ended (${reason})`;
      log.error(`${trouble}; starting it again`);
      await wait(backoffMs({ firstMs: 200, mostMs: 5_000 }, failures, Math.random()), stopping.signal);
      if (stopping.signal.aborted) return;
      try {
        await launch(ready.port);
        trouble = null;
        failures = 0;
      } catch (error) {
        trouble = (error as Error).message;
        log.error(trouble);
      }
    }
  };
  const supervising = supervise();

  return {
    ready,
    trouble: () => trouble,
    async stop() {
      stopping.abort();
      if (child.connected) child.send({ type: "stop" });
      // What is acknowledged is safe from a kill: a child that hangs must not keep the platform from ending.
      const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
      await exited;
      clearTimeout(timer);
      await supervising;
    },
  };
}
