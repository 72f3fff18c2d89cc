import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { encodeBatch } from "../wire/record-batch.ts";
import type { LogConfig } from "./log-config.ts";
import { type LogFs, nodeFs } from "./log-fs.ts";
import { PartitionLog } from "./partition-log.ts";
import type { PartitionLogOptions } from "./partition-log-options.ts";

/** What the tests of the log share. */

const KEEP_ALL: LogConfig = {
  segmentBytes: 64 * 1024 * 1024,
  segmentMs: 7 * 86_400_000,
  retentionMs: -1,
  retentionBytes: -1,
  cleanup: "delete",
  flush: "os",
};

/** A folder that is gone after the test. */
export function temporaryDir(): string {
  const dir = mkdtempSync(join(tmpdir(), "ksp-log-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** Does not wait for the disk, which may take its time: no test here outlives its machine. */
const unsyncedFs: LogFs = {
  ...nodeFs,
  fsync: () => Promise.resolve(),
  fdatasync: () => Promise.resolve(),
  fsyncSync() {},
};

export function openLog(
  dir: string,
  config: Partial<LogConfig> = {},
  options: Partial<PartitionLogOptions> = {},
): PartitionLog {
  return PartitionLog.open({
    dir,
    config: { ...KEEP_ALL, ...config },
    now: () => 0,
    fs: unsyncedFs,
    ...options,
  });
}

/** A batch of one record for each timestamp; the value is `bytes` long. */
export function batchOf(timestamps: readonly number[], bytes = 10, fill = "v"): Buffer {
  return encodeBatch({
    baseOffset: 0,
    records: timestamps.map((timestamp) => ({
      timestamp,
      key: null,
      value: Buffer.alloc(bytes, fill),
      headers: [],
    })),
  });
}

/** A process that ends here, as by kill -9: its files stay as they are, and what it had open is closed. */
export function crashableFs(): LogFs & { crash(): void } {
  const open = new Set<number>();
  return {
    ...unsyncedFs,
    openSync(path, flags) {
      const fd = nodeFs.openSync(path, flags);
      open.add(fd);
      return fd;
    },
    closeSync(fd) {
      if (open.delete(fd)) nodeFs.closeSync(fd);
    },
    crash() {
      for (const fd of open) nodeFs.closeSync(fd);
      open.clear();
    },
  };
}

/** The system's error, as Node makes it. */
export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: told by the test`), { code });
}
