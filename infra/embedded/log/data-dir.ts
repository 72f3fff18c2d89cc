import { existsSync, mkdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { StartupError } from "../startup-error.ts";
import { acquireLock } from "./dir-lock.ts";
import { type LogFs, nodeFs, writeFileAtomically } from "./log-fs.ts";

const FORMAT = "ksp-embedded-log";
/** Raised when an older version could not read what we write. */
const FORMAT_VERSION = 1;

export interface DataDir {
  readonly path: string;
  /** Lets another process have the folder. */
  release(): void;
}

/**
 * Makes `path` this process's data folder: creates it if need be, locks it, and checks that what is in it is ours, in a
 * version that we read. Folders that a deletion left half done are removed. Throws a StartupError that says what
 * to do: not writable, in use (by which process), a newer format, somebody else's files.
 */
export function openDataDir(path: string, fs: LogFs = nodeFs): DataDir {
  try {
    makeFolder(resolve(path));
    const lock = acquireLock(fs, `${path}/lock`, path);
    try {
      const names = fs.readdirSync(path).filter((name) => !name.startsWith("lock"));
      checkFormat(fs, path, names);
      for (const name of names) {
        if (name.endsWith(".deleted")) fs.rmSync(`${path}/${name}`, { recursive: true, force: true });
      }
    } catch (error) {
      lock.release();
      throw error;
    }
    return { path, release: lock.release };
  } catch (error) {
    throw explain(path, error);
  }
}

/**
 * Makes a folder and those above it, one by one: Node's own recursive mkdir loops for ever where a file system answers
 * ENOENT inside a folder that is there, as /proc does.
 */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  mkdirSync(path);
}

function checkFormat(fs: LogFs, path: string, names: readonly string[]): void {
  const file = `${path}/format.json`;
  if (!names.includes("format.json")) {
    const foreign = names.find((name) => name !== "format.json.tmp");
    if (foreign !== undefined) {
      throw new StartupError(
        "DATA_DIR_UNUSABLE",
        `Expected an empty data folder or one with format.json, got ${path} with ${JSON.stringify(foreign)} in it: choose another folder`,
      );
    }
    writeFileAtomically(fs, file, `${JSON.stringify({ format: FORMAT, version: FORMAT_VERSION })}\n`);
    return;
  }
  const text = fs.readFileSync(file).toString();
  const { format, version } = parseFormat(text);
  if (format !== FORMAT || !Number.isSafeInteger(version) || (version as number) < 1) {
    throw new StartupError(
      "DAMAGED",
      `Expected {"format":"${FORMAT}","version":${FORMAT_VERSION}} in ${file}, got ${text.slice(0, 100).trim()}`,
    );
  }
  if ((version as number) > FORMAT_VERSION) {
    throw new StartupError(
      "FORMAT_TOO_NEW",
      `Expected data of format version ${FORMAT_VERSION} in ${path}, got version ${version}: ` +
        "a newer release wrote it; run that release, or choose another folder",
    );
  }
}

function parseFormat(text: string): { format?: unknown; version?: unknown } {
  try {
    return (JSON.parse(text) as object | null) ?? {};
  } catch {
    return {};
  }
}

const ADVICE: Record<string, string> = {
  EACCES: "make it writable for this user, or choose another folder",
  EPERM: "make it writable for this user, or choose another folder",
  EROFS: "its file system is read-only; choose another folder",
  ENOENT: "no folder can be made there; choose another folder",
  ENOSPC: "the disk is full; free some space, or choose another folder",
  ENOTDIR: "a file is in the way; choose another folder",
};

function explain(path: string, error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  const advice = code === undefined ? undefined : ADVICE[code];
  if (advice === undefined) return error;
  return new StartupError(
    "DATA_DIR_UNUSABLE",
    `Cannot use ${path} as data folder: ${advice} (${(error as Error).message})`,
  );
}
