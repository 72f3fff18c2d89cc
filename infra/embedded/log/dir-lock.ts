import { StartupError } from "../startup-error.ts";
import { type LogFs, unlinkIfThere } from "./log-fs.ts";

/*
 * A lock is a file with its owner's process id and, where /proc tells it, the time that process started, by which a later
 * process with the same id is told apart. A killed owner leaves the file; the next one sees that it is dead.
 */

export interface Lock {
  release(): void;
}

/** Takes the lock `file` of `what`. Throws a StartupError that names the owner when a living process has it. */
export function acquireLock(fs: LogFs, file: string, what: string): Lock {
  const content = `${process.pid} ${startTimeOf(fs, process.pid) ?? "-"}\n`;
  const own = `${file}.${process.pid}`;
  fs.writeFileSync(own, content);
  try {
    // As a link the lock appears whole: nobody reads a half-written one.
    while (!tryLink(fs, own, file)) removeDeadLock(fs, file, what);
  } finally {
    fs.unlinkSync(own);
  }
  return {
    release() {
      if (readIfThere(fs, file) === content) unlinkIfThere(fs, file);
    },
  };
}

function tryLink(fs: LogFs, own: string, file: string): boolean {
  try {
    fs.linkSync(own, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Makes way if the owner is dead; throws if it lives. */
function removeDeadLock(fs: LogFs, file: string, what: string): void {
  const content = readIfThere(fs, file);
  if (content === null) return;
  requireDead(fs, content, what);
  // Two may get here at once. Only one moves the dead lock away; the other may move the first one's new lock, and
  // then gives it back.
  const moved = `${file}.dead.${process.pid}`;
  try {
    fs.renameSync(file, moved);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  const movedContent = readIfThere(fs, moved);
  if (movedContent !== content) tryLink(fs, moved, file);
  unlinkIfThere(fs, moved);
}

function requireDead(fs: LogFs, content: string, what: string): void {
  const [pid, startTime] = content.trim().split(" ");
  if (pid === undefined || !/^\d+$/.test(pid) || !isAlive(Number(pid))) return;
  const current = startTimeOf(fs, Number(pid));
  if (current !== null && startTime !== "-" && current !== startTime) return;
  throw new StartupError(
    "DATA_DIR_LOCKED",
    `${what} is in use by process ${pid}: stop it, or choose another folder`,
  );
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"; // alive, but another user's
  }
}

/** When the process started, in clock ticks since boot; null where there is no /proc, or no such process. */
function startTimeOf(fs: LogFs, pid: number): string | null {
  const stat = readIfThere(fs, `/proc/${pid}/stat`);
  if (stat === null) return null;
  // The command, in parentheses, may hold anything. After it come the state and, as the 20th field, the start time.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const isZombie = fields[0] === "Z" || fields[0] === "X";
  return isZombie ? "never" : (fields[19] ?? null);
}

function readIfThere(fs: LogFs, file: string): string | null {
  try {
    return fs.readFileSync(file).toString();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ESRCH") return null;
    throw error;
  }
}
