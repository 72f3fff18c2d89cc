/**
 * Writes capture files: line by line into a temporary file beside the target, which takes the target's name when it
 * is whole. Nothing of what is captured ever becomes part of a path.
 */
import { randomBytes } from "node:crypto";
import { type FileHandle, lstat, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type CaptureEntry, CaptureError, type CaptureHeader, createCaptureLines } from "./format.ts";

export interface Recorder {
  readonly count: number;
  /** Resolves when the entry is handed to the operating system: await it, and memory stays bounded. */
  write(entry: CaptureEntry): Promise<void>;
  /** Adds the trailer and moves the file to its place. */
  finish(): Promise<void>;
  /** Leaves nothing behind. After `finish` it does nothing. */
  abandon(): Promise<void>;
}

/**
 * Starts a capture that will stand at `path`; a file of that name is replaced at the end. Readable by its owner only:
 * records may be private. Throws CaptureError naming the path where it cannot be written, or is a symbolic link.
 */
export async function createRecorder(path: string, header: CaptureHeader): Promise<Recorder> {
  await checkTarget(path);
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(4).toString("hex")}.tmp`);
  const lines = createCaptureLines(header);
  let count = 0;
  let file: FileHandle | null = await explained(path, () => open(temporary, "wx", 0o600));

  const append = (line: string): Promise<void> =>
    explained(path, async () => {
      if (!file) throw new CaptureError(`${path}: the capture is finished`);
      await file.appendFile(`${line}\n`);
    });
  const abandon = async (): Promise<void> => {
    if (!file) return;
    await file.close();
    file = null;
    await rm(temporary, { force: true });
  };

  try {
    await append(lines.header);
  } catch (error) {
    await abandon();
    throw error;
  }
  return {
    get count() {
      return count;
    },
    async write(entry) {
      await append(lines.entry(entry));
      count += 1;
    },
    async finish() {
      await append(lines.trailer());
      await explained(path, async () => {
        await file?.sync();
        // A link may have been put there since the start; renaming replaces it and does not follow it.
        await rename(temporary, path);
        await file?.close();
        file = null;
      });
    },
    abandon,
  };
}

async function checkTarget(path: string): Promise<void> {
  const found = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw explain(path, error);
  });
  if (found?.isSymbolicLink()) {
    throw new CaptureError(`${path}: expected a path of a plain file, got a symbolic link: name its target`);
  }
  if (found && !found.isFile())
    throw new CaptureError(`${path}: expected a path of a plain file, got something else`);
}

async function explained<T>(path: string, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    throw explain(path, error as NodeJS.ErrnoException);
  }
}

function explain(path: string, error: NodeJS.ErrnoException): Error {
  if (error instanceof CaptureError) return error;
  const reasons: Record<string, string> = {
    ENOENT: `the folder ${dirname(path)} does not exist`,
    ENOTDIR: `${dirname(path)} is not a folder`,
    EACCES: `not allowed to write in ${dirname(path)}`,
    EROFS: "the file system is read-only",
    ENOSPC: "the disk is full",
  };
  return new CaptureError(`${path}: cannot write the capture: ${reasons[error.code ?? ""] ?? error.message}`);
}
