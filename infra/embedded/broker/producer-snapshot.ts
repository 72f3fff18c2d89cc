import { basename } from "node:path";
import { type LogFs, unlinkIfThere } from "../log/log-fs.ts";
import { crc32c } from "../wire/crc32c.ts";
import { ProtocolError } from "../wire/protocol-error.ts";
import { Reader } from "../wire/reader.ts";
import { array, type Infer, int16, int32, int64, struct } from "../wire/schema.ts";
import { Writer } from "../wire/writer.ts";

/*
 * `<offset, 20 digits>.snapshot` in a partition's folder: what the log up to that offset says of producers and
 * transactions, so that a start has to read only what follows. Layout: docs/formats.md. Like an index file it is
 * neither synced nor missed: one that is torn, foreign or gone makes the next start read more of the log.
 */
const VERSION = 1;
const CRC_BYTES = 4;
/** The newest, and one to fall back on should that one be torn. */
const KEPT = 2;

const snapshot = struct({
  offset: int64,
  producers: array(
    struct({
      producerId: int64,
      epoch: int16,
      lastUsedMs: int64,
      batches: array(
        struct({ firstSequence: int32, lastSequence: int32, baseOffset: int64, logAppendTimeMs: int64 }),
      ),
    }),
  ),
  open: array(struct({ producerId: int64, firstOffset: int64 })),
  aborted: array(
    struct({ producerId: int64, firstOffset: int64, lastOffset: int64, lastStableOffset: int64 }),
  ),
});

type Snapshot = Infer<typeof snapshot>;
type DeepReadonly<T> = {
  readonly [K in keyof T]: T[K] extends (infer E)[] ? readonly DeepReadonly<E>[] : T[K];
};
/** Producers, open transactions (by first offset) and aborted ones (by marker) as of `offset`. */
export type ProducerSnapshot = DeepReadonly<Snapshot>;

export function encodeSnapshot(content: ProducerSnapshot): Buffer {
  const writer = new Writer();
  writer.int16(VERSION);
  snapshot.write(writer, content as Snapshot, 0, false);
  const body = Buffer.concat(writer.finish());
  const crc = Buffer.alloc(CRC_BYTES);
  crc.writeUInt32BE(crc32c(body));
  return Buffer.concat([body, crc]);
}

/** Null for bytes that are not what `encodeSnapshot` makes. */
export function decodeSnapshot(file: Buffer): ProducerSnapshot | null {
  const end = file.length - CRC_BYTES;
  if (end < 2 || file.readInt16BE(0) !== VERSION || file.readUInt32BE(end) !== crc32c(file, 0, end))
    return null;
  try {
    // The CRC vouches for the counts, however large.
    return snapshot.read(new Reader(file, 2, end, { left: Number.POSITIVE_INFINITY }), 0, false);
  } catch (error) {
    if (error instanceof ProtocolError) return null;
    throw error;
  }
}

/** The newest readable snapshot up to `endOffset`. Those beyond stand for a log that is no longer there, and are deleted. */
export function readNewestSnapshot(fs: LogFs, dir: string, endOffset: number): ProducerSnapshot | null {
  let newest: ProducerSnapshot | null = null;
  for (const { path, offset } of listSnapshots(fs, dir)) {
    if (offset > endOffset) unlinkIfThere(fs, path);
    else newest ??= decodeSnapshot(fs.readFileSync(path));
  }
  return newest;
}

/** Writes a snapshot and deletes older ones. Fails in silence: there is an older one, or the log itself. */
export function writeSnapshot(fs: LogFs, dir: string, content: ProducerSnapshot): void {
  const path = `${dir}/${String(content.offset).padStart(20, "0")}.snapshot`;
  try {
    fs.writeFileSync(`${path}.tmp`, encodeSnapshot(content));
    fs.renameSync(`${path}.tmp`, path);
    for (const old of listSnapshots(fs, dir).slice(KEPT)) unlinkIfThere(fs, old.path);
  } catch {
    // What is left of it is deleted when the log is opened.
  }
}

/** Keeps the snapshots there are through a power failure. */
export async function syncSnapshots(fs: LogFs, dir: string): Promise<void> {
  for (const { path } of listSnapshots(fs, dir)) {
    const fd = fs.openSync(path, "r+");
    try {
      await fs.fsync(fd);
    } finally {
      fs.closeSync(fd);
    }
  }
}

/** Newest first. */
function listSnapshots(fs: LogFs, dir: string): { path: string; offset: number }[] {
  return fs
    .readdirSync(dir)
    .filter((name) => /^\d{20}\.snapshot$/.test(name))
    .map((name) => ({ path: `${dir}/${name}`, offset: Number(basename(name, ".snapshot")) }))
    .sort((a, b) => b.offset - a.offset);
}
