/** A schema registry for tests, on a port of its own, and requests to it. */
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
