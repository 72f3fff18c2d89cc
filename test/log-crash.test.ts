import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, it, onTestFinished } from "vitest";
import { PartitionLog } from "../infra/embedded/log/partition-log.ts";
import { decodeBatch, parseBatchHeader } from "../infra/embedded/wire/record-batch.ts";

const LOG = new URL("../infra/embedded/log/partition-log.ts", import.meta.url).href;
const BATCH = new URL("../infra/embedded/wire/record-batch.ts", import.meta.url).href;
const CONFIG = {
  segmentBytes: 100_000,
  segmentMs: 86_400_000,
  retentionMs: -1,
  retentionBytes: -1,
  cleanup: "delete",
  flush: "os",
} as const;

/** Appends without end, eight at a time, each record naming its place; prints the end offset after each answer. */
const WRITER = `
  const { PartitionLog } = await import(${JSON.stringify(LOG)});
  const { encodeBatch } = await import(${JSON.stringify(BATCH)});
  const log = PartitionLog.open({ dir: process.argv[1], config: ${JSON.stringify(CONFIG)}, now: Date.now });
  let next = log.endOffset;
  for (;;) {
    const appends = Array.from({ length: 8 }, () => {
      const value = Buffer.alloc(1 + (next % 3000), String(next++) + " ");
      return log.append(encodeBatch({ baseOffset: 0, records: [{ timestamp: 1, key: null, value, headers: [] }] }));
    });
    await Promise.all(appends);
    process.stdout.write(next + "\\n");
  }`;

it("keeps every acknowledged record, in order and without gaps, through kill -9 under load", async () => {
  const dir = mkdtempSync(join(tmpdir(), "ksp-crash-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  let acknowledged = 0;
  for (let round = 1; round <= 5; round++) {
    const writer = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", WRITER, dir], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const killAt = acknowledged + round * 137;
    for await (const line of createInterface(writer.stdout)) {
      acknowledged = Number(line);
      if (acknowledged >= killAt) writer.kill("SIGKILL");
    }
    if (writer.exitCode === null && writer.signalCode === null) await once(writer, "exit");
    expect(writer.signalCode).toBe("SIGKILL");
  }
  const log = PartitionLog.open({ dir, config: CONFIG, now: Date.now });
  expect(log.endOffset).toBeGreaterThanOrEqual(acknowledged);
  for (let offset = 0; offset < log.endOffset; offset++) {
    const [slice] = log.read(offset, 1, true);
    const { records } = decodeBatch(slice!.subarray(0, parseBatchHeader(slice!).sizeBytes));
    expect(records[0]!.offset).toBe(offset);
    expect(records[0]!.value!.equals(Buffer.alloc(1 + (offset % 3000), `${offset} `))).toBe(true);
  }
  await log.close();
});
