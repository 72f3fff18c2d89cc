import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { type RunningBroker, startBroker } from "../../infra/embedded/start.ts";

/** An embedded broker for all tests of a file, removed after them. Returns what tells its `host:port`. */
export function useEmbeddedBroker(): () => string {
  let broker: RunningBroker | undefined;
  let dataDir: string;
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "clients-"));
    broker = await startBroker({ port: 0, dataDir });
  });
  afterAll(async () => {
    await broker?.stop();
    await rm(dataDir, { recursive: true, force: true });
  });
  return () => `127.0.0.1:${broker!.port}`;
}
