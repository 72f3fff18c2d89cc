/** Runs the command line in a test: everything that it is handed is made of memory. */
import { PassThrough, Readable, Writable } from "node:stream";
import { consumer, orders, producer, totals } from "../capture/fixtures.ts";
import { createFakeRegistry } from "../testing-registry.ts";
import type { CliDeps } from "./deps.ts";
import { runCli } from "./program.ts";

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Without a terminal, colours or a platform, unless `overrides` say otherwise. */
export async function runTest(args: readonly string[], overrides: Partial<CliDeps> = {}): Promise<Ran> {
  const stdout = collect();
  const stderr = collect();
  const code = await runCli(
    {
      version: "1.2.3",
      stdin: new PassThrough().end(),
      stdout: stdout.stream,
      stderr: stderr.stream,
      env: {},
      fetch: async () => Promise.reject(new TypeError("fetch failed", { cause: { code: "ECONNREFUSED" } })),
      now: () => 1_700_000_000_000,
      interrupted: () => new AbortController().signal,
      configFlags: [
        { key: "HTTP_PORT", flag: "--http-port", description: "port of the API" },
        { key: "DATA_DIR", flag: "--data-dir", description: "folder" },
        { key: "KAFKA_BROKERS", flag: "--kafka-brokers", description: "brokers" },
      ],
      platformUrl: () => "http://127.0.0.1:8080",
      token: () => null,
      loadFunctions: async () => [producer, consumer],
      loadTopics: async () => [orders, totals],
      startPlatform: async () => 0,
      startBroker: async () => 0,
      startRegistry: async () => 0,
      schemaRegistry: async () => ({ registry: createFakeRegistry(), isAvro: () => true }),
      createTopics: async () => ({ all: ["orders"], created: [] }),
      grantAcls: async () => {},
      async *readTopic() {},
      ...overrides,
    },
    args,
  );
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

export const stdinOf = (text: string): Readable => Readable.from([text]);

/** A platform that answers `routes`, by path and query. */
export function platformOf(routes: Readonly<Record<string, () => Response>>): typeof fetch {
  return async (input) => {
    const { pathname, search } = new URL(String(input));
    return (
      routes[pathname + search]?.() ??
      Response.json({ title: "Not Found", detail: `no ${pathname}` }, { status: 404 })
    );
  };
}

export function collect(): { readonly stream: Writable; text(): string } {
  const chunks: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(String(chunk));
      done();
    },
  });
  return { stream, text: () => chunks.join("") };
}
