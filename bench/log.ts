/**
 * The embedded broker's log on this machine: appending, reading, and opening a quarter of a gigabyte. Prints a table.
 * `npx tsx bench/log.ts [folder]`; the folder (default: the system's temporary one) needs 600 MB.
 */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LogConfig } from "../infra/embedded/log/log-config.ts";
import { PartitionLog } from "../infra/embedded/log/partition-log.ts";
import { encodeBatch } from "../infra/embedded/wire/record-batch.ts";

const MIB = 1024 * 1024;
/** Four segments, the last one nearly full: what a kill costs at most. */
const TOTAL_BYTES = 253 * MIB;
const IN_FLIGHT = 64;
const config: LogConfig = {
  segmentBytes: 64 * MIB,
  segmentMs: 7 * 86_400_000,
  retentionMs: -1,
  retentionBytes: -1,
  cleanup: "delete",
  flush: "os",
};

const root = mkdtempSync(join(process.argv[2] ?? tmpdir(), "ksp-bench-log-"));
const open = (dir: string) => PartitionLog.open({ dir, config, now: Date.now });

/** One batch of `bytes`, of records of 100 B. */
function makeBatch(bytes: number): Buffer {
  const record = { timestamp: 1, key: null, value: Buffer.alloc(92, "v"), headers: [] };
  return encodeBatch({ baseOffset: 0, records: Array(Math.max(1, Math.round(bytes / 100))).fill(record) });
}

async function append(log: PartitionLog, batch: Buffer, totalBytes: number): Promise<void> {
  let left = Math.ceil(totalBytes / batch.length);
  const worker = async () => {
    while (left > 0) {
      left -= 1;
      await log.append(Buffer.from(batch)); // a copy, as each comes in a frame of its own
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
}

function readAll(log: PartitionLog): void {
  for (let offset = log.startOffset; offset < log.endOffset; ) {
    const slices = log.read(offset, MIB, true);
    const last = slices.at(-1)!;
    // The last batch of the last slice tells where to go on; its header is found by its length.
    for (let at = 0; at < last.length; at += last.readInt32BE(at + 8) + 12) {
      offset = Number(last.readBigInt64BE(at)) + last.readInt32BE(at + 23) + 1;
    }
  }
}

/** Milliseconds that `run` takes. */
async function time(run: () => unknown): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

function removeIndexes(dir: string, names: (all: string[]) => string[]): void {
  const indexes = readdirSync(dir).filter((name) => name.endsWith(".index"));
  for (const name of names(indexes.sort())) rmSync(join(dir, name));
}

async function measure(batchBytes: number): Promise<Record<string, string>> {
  const dir = join(root, String(batchBytes));
  const batch = makeBatch(batchBytes);
  const log = open(dir);
  const total = Math.min(TOTAL_BYTES, 500_000 * batch.length);
  const appendMs = await time(() => append(log, batch, total));
  const readMs = await time(() => readAll(log));
  const closeMs = await time(() => log.close());
  const openMs = async () => {
    let opened: PartitionLog | undefined;
    const ms = await time(() => {
      opened = open(dir);
    });
    await opened?.close();
    return ms;
  };
  const clean = await openMs();
  removeIndexes(dir, (all) => all.slice(-1));
  const crashed = await openMs();
  removeIndexes(dir, (all) => all);
  const all = await openMs();
  rmSync(dir, { recursive: true });
  return {
    "batch B": String(batch.length),
    MiB: (total / MIB).toFixed(0),
    "append batches/s": ((total / batch.length / appendMs) * 1000).toFixed(0),
    "append MB/s": (total / appendMs / 1000).toFixed(0),
    "read MB/s": (total / readMs / 1000).toFixed(0),
    "close ms": closeMs.toFixed(0),
    "open ms: clean": clean.toFixed(1),
    "after a kill": crashed.toFixed(0),
    "scanning all": all.toFixed(0),
  };
}

function printTable(rows: Record<string, string>[]): void {
  const columns = Object.keys(rows[0]!);
  const widths = columns.map((column) => Math.max(column.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: string[]) => cells.map((cell, i) => cell.padStart(widths[i]!)).join("  ");
  const lines = [line(columns), ...rows.map((row) => line(columns.map((column) => row[column]!)))];
  process.stdout.write(`${lines.join("\n")}\n`);
}

try {
  const rows: Record<string, string>[] = [];
  for (const bytes of [100, 1024, 16 * 1024, 256 * 1024, MIB]) rows.push(await measure(bytes));
  printTable(rows);
} finally {
  rmSync(root, { recursive: true, force: true });
}
