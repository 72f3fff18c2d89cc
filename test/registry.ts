/** A schema registry for tests, on a port of its own, and requests to it. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { startSchemaRegistry } from "../infra/embedded/registry/start.ts";

export interface TestRegistry {
  readonly url: string;
  readonly port: number;
  /** The answer's status and body; `body` is sent as JSON. */
  request(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; body: unknown; type: string | null }>;
  stop(): Promise<void>;
}

/** `brokers` as KAFKA_BROKERS has it. */
export async function startTestRegistry(brokers: string, port = 0): Promise<TestRegistry> {
  const registry = await startSchemaRegistry({ port, brokers: brokers.split(",") });
  const url = `http://127.0.0.1:${registry.port}`;
  return {
    url,
    port: registry.port,
    request: (...args) => requestRegistry(url, ...args),
    stop: registry.stop,
  };
}

export interface RegistryProcess {
  readonly child: ChildProcess;
  /** What it said at its start. */
  readonly message: { type: string; port: number; code?: string; message?: string };
  readonly url: string;
  /** As kill -9; resolves when it is gone, also where it was before. */
  kill(): Promise<void>;
}

const ENTRY = fileURLToPath(new URL("../infra/embedded/registry/main.ts", import.meta.url));

/** The registry as a process of its own; resolves with the first that it says. */
export async function startRegistryProcess(brokers: string, port = 0): Promise<RegistryProcess> {
  const flags = ["--port", String(port), "--brokers", brokers, "--log-level", "error"];
  const child = fork(ENTRY, flags, { execArgv: ["--import", "tsx"] });
  const [message] = (await once(child, "message")) as [RegistryProcess["message"]];
  return {
    child,
    message,
    url: `http://127.0.0.1:${message.port}`,
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
    },
  };
}

export async function requestRegistry(
  url: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; body: unknown; type: string | null }> {
  const response = await fetch(url + path, {
    method,
    ...(body !== undefined && {
      body: typeof body === "string" ? body : JSON.stringify(body),
      headers: { "content-type": "application/vnd.schemaregistry.v1+json" },
    }),
  });
  const text = await response.text();
  return { status: response.status, body: JSON.parse(text), type: response.headers.get("content-type") };
}
