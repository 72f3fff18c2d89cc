/** kill -9 of a broker whose cleaner is at work, again and again, while a client writes to a compacted topic. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, watch } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, it, onTestFinished } from "vitest";
import { startBroker } from "../infra/embedded/start.ts";
import { encodeBatch } from "../infra/embedded/wire/record-batch.ts";
import { Code, produce } from "./broker/log-requests.ts";
import { connectRaw } from "./broker/raw-connection.ts";
import { temporaryFolder } from "./for-one-test.ts";
import { readTopic, withAdmin } from "./kafka-client.ts";

const START = new URL("../infra/embedded/start.ts", import.meta.url).href;
const KILLS = 6;
const KEYS = 200;
const BATCH_RECORDS = 20;
const CONFIGS = {
  "cleanup.policy": "compact",
  "segment.bytes": "65536",
  "min.cleanable.dirty.ratio": "0",
};

const BROKER = `
  const { startBroker } = await import(${JSON.stringify(START)});
  const config = { logCleanerBackoffMs: 1 };
  const { port } = await startBroker({ port: 0, dataDir: process.argv[1], config });
  process.stdout.write(port + "\\n");`;

/** A broker in a process of its own. */
async function startVictim(dataDir: string) {
  const args = ["--import", "tsx", "--input-type=module", "-e", BROKER, dataDir];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [port] = (await once(createInterface(child.stdout), "line")) as [string];
  return { child, brokers: `127.0.0.1:${port}` };
}

it("keeps the last acknowledged value of each key through kill -9 in the middle of compaction", async () => {
  const dataDir = await temporaryFolder();
  /** By key the number that its last acknowledged record holds. */
  const acknowledged = new Map<string, number>();
  let written = 0;
  let halfDone = 0;

  /** Writes until the broker is gone. */
  async function writeTo(brokers: string): Promise<void> {
    const connection = await connectRaw(brokers).catch(() => null); // it may be gone already
    if (connection === null) return;
    for (;;) {
      const numbers = Array.from({ length: BATCH_RECORDS }, () => written++);
      const keyOf = (n: number) => `k${(n * 7) % KEYS}`;
      const records = numbers.map((n) => {
        const value = Buffer.from(String(n).padEnd(200));
        return { timestamp: Date.now(), key: Buffer.from(keyOf(n)), value, headers: [] };
      });
      const batch = encodeBatch({ baseOffset: 0, records });
      const answer = await produce(connection, { topic: "t" }, batch).catch(() => null);
      if (answer === null) return;
      expect(answer.error).toBe(Code.NONE);
      for (const n of numbers) acknowledged.set(keyOf(n), n);
    }
  }

  for (let kill = 0; kill < KILLS; kill++) {
    const { child, brokers } = await startVictim(dataDir);
    const exited = once(child, "exit");
    const configEntries = Object.entries(CONFIGS).map(([name, value]) => ({ name, value }));
    if (kill === 0) {
      await withAdmin(brokers, (admin) => admin.createTopics({ topics: [{ topic: "t", configEntries }] }));
    }
    const log = join(dataDir, "t-0");
    // While the compacted segment is written, or once it is to take the others' place.
    const moment = kill % 2 === 0 ? /\.swap\.tmp$/ : /\.swap$/;
    const watcher = watch(log, (_, name) => {
      if (name !== null && moment.test(name)) child.kill("SIGKILL");
    });
    await writeTo(brokers);
    await exited;
    watcher.close();
    if (readdirSync(log).some((name) => name.includes(".swap"))) halfDone += 1;
  }
  expect(halfDone).toBeGreaterThan(0);

  const broker = await startBroker({ port: 0, dataDir });
  onTestFinished(() => broker.stop());
  const records = await readTopic(`127.0.0.1:${broker.port}`, "t");
  expect(records.length).toBeLessThan(written);
  const last = new Map(records.map(({ key, text }) => [key!, Number(text)]));
  // What was written but not answered for may be there, too.
  const lost = [...acknowledged].filter(([key, n]) => !((last.get(key) ?? -1) >= n));
  expect(lost).toEqual([]);
  expect(acknowledged.size).toBe(KEYS);
});
