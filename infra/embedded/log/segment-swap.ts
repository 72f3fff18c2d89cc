import { LogWriteError } from "./log-errors.ts";
import { type LogFs, syncDir, syncDirSync, unlinkIfThere } from "./log-fs.ts";
import { logName, type Segment } from "./segment.ts";

/*
 * How compacted segments take the place of the ones they were made from, whole, whatever happens on the way:
 *   1. `<first>-<last>.swap.tmp` is written and synced; a crash leaves it to be deleted.
 *   2. It is renamed to `<first>-<last>.swap`. From here on it stands for all segments whose base offsets are `first` to
 *      `last`: a start that finds it goes on with 3.
 *   3. Their files are deleted, but for the first one's log, which
 *   4. the swap file replaces by its renaming.
 * The folder is synced between these steps, so that no later one outlives an earlier one.
 */

const SWAP = /^(\d{20})-(\d{20})\.swap$/;

/** The file that a segment made of those from `first` to `last` is written to. */
export function swapFileName(first: Segment, last: Segment): string {
  return `${digits(first.baseOffset)}-${digits(last.baseOffset)}.swap.tmp`;
}

/**
 * Puts `compacted`, written to its swap file and synced, in place of `old`, which can be read until `replace` is called,
 * and not after. Rejects with LogWriteError when it has begun and cannot go on: the next start does.
 */
export async function swapIn(
  fs: LogFs,
  dir: string,
  compacted: Segment,
  old: readonly Segment[],
  replace: () => void,
): Promise<void> {
  compacted.rename(compacted.path.replace(/\.tmp$/, ""));
  try {
    await syncDir(fs, dir);
    for (const [i, segment] of old.entries()) {
      unlinkIfThere(fs, segment.indexPath);
      if (i > 0) unlinkIfThere(fs, segment.path);
    }
    await syncDir(fs, dir);
    compacted.rename(`${dir}/${logName(compacted.baseOffset)}`);
    replace();
    await syncDir(fs, dir);
  } catch (error) {
    throw new LogWriteError(`Cannot put ${compacted.path} in its place; restart the broker`, error);
  }
}

/** Finishes swaps that a crash cut short. Before any segment of the folder is opened. */
export function finishSwaps(fs: LogFs, dir: string): void {
  const names = fs.readdirSync(dir);
  for (const swap of names) {
    const [, first, last] = SWAP.exec(swap) ?? [];
    if (first === undefined || last === undefined) continue;
    for (const name of names) {
      const base = name.slice(0, 20);
      const replaced = /^\d{20}\.(log|index)$/.test(name) && base >= first && base <= last;
      if (replaced && name !== `${first}.log`) unlinkIfThere(fs, `${dir}/${name}`);
    }
    syncDirSync(fs, dir);
    fs.renameSync(`${dir}/${swap}`, `${dir}/${first}.log`);
    syncDirSync(fs, dir);
  }
}

function digits(offset: number): string {
  return String(offset).padStart(20, "0");
}
