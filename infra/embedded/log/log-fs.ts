import * as fs from "node:fs";
import { dirname } from "node:path";

/**
 * The file-system calls of the log, so that tests can make a disk full, slow or broken. Synchronous where the log must
 * not be interleaved; `fsync` may take 100 ms and runs off the event loop.
 */
export interface LogFs {
  openSync(path: string, flags: string): number;
  closeSync(fd: number): void;
  /** Bytes read, fewer than asked for at the end of the file. */
  readSync(fd: number, buffer: Buffer, offset: number, length: number, position: number): number;
  /** Bytes written, which may be fewer than given. */
  writevSync(fd: number, buffers: readonly Buffer[], position: number): number;
  ftruncateSync(fd: number, length: number): void;
  fstatSync(fd: number): { readonly size: number; readonly mtimeMs: number };
  fsync(fd: number): Promise<void>;
  /** As fsync, without what is not needed to read the content. */
  fdatasync(fd: number): Promise<void>;
  fsyncSync(fd: number): void;
  readFileSync(path: string): Buffer;
  writeFileSync(path: string, content: Buffer | string): void;
  renameSync(from: string, to: string): void;
  linkSync(existing: string, path: string): void;
  unlinkSync(path: string): void;
  readdirSync(path: string): string[];
  mkdirSync(path: string, options: { recursive: true }): void;
  rmSync(path: string, options: { recursive: true; force: true }): void;
}

export const nodeFs: LogFs = {
  openSync: fs.openSync,
  closeSync: fs.closeSync,
  readSync: (fd, buffer, offset, length, position) => fs.readSync(fd, buffer, offset, length, position),
  writevSync: fs.writevSync,
  ftruncateSync: fs.ftruncateSync,
  fstatSync: (fd) => fs.fstatSync(fd),
  fsync: (fd) =>
    new Promise((resolve, reject) => fs.fsync(fd, (error) => (error ? reject(error) : resolve()))),
  fdatasync: (fd) =>
    new Promise((resolve, reject) => fs.fdatasync(fd, (error) => (error ? reject(error) : resolve()))),
  fsyncSync: fs.fsyncSync,
  readFileSync: (path) => fs.readFileSync(path),
  writeFileSync: (path, content) => fs.writeFileSync(path, content),
  renameSync: fs.renameSync,
  linkSync: fs.linkSync,
  unlinkSync: fs.unlinkSync,
  readdirSync: (path) => fs.readdirSync(path),
  mkdirSync: (path, options) => void fs.mkdirSync(path, options),
  rmSync: fs.rmSync,
};

/** Replaces a small file so that a crash leaves the old content or the new one, whole. */
export function writeFileAtomically(fs: LogFs, path: string, content: Buffer | string): void {
  const temporary = `${path}.tmp`;
  fs.writeFileSync(temporary, content);
  sync(fs, temporary, "r+");
  fs.renameSync(temporary, path);
  // The rename itself is kept in the folder.
  syncDirSync(fs, dirname(path));
}

function sync(fs: LogFs, path: string, flags: string): void {
  const fd = fs.openSync(path, flags);
  try {
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}

/** Keeps what was made, renamed and deleted in a folder, off the event loop. */
export async function syncDir(fs: LogFs, dir: string): Promise<void> {
  const fd = fs.openSync(dir, "r");
  try {
    await fs.fsync(fd);
  } finally {
    fs.closeSync(fd);
  }
}

/** As `syncDir`, at once. */
export function syncDirSync(fs: LogFs, dir: string): void {
  sync(fs, dir, "r");
}

/** Deletes a file; one that is not there is fine. */
export function unlinkIfThere(fs: LogFs, path: string): void {
  try {
    fs.unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
