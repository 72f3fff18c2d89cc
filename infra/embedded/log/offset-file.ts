import { type LogFs, writeFileAtomically } from "./log-fs.ts";

const START = "log-start-offset";
const COMPACTED = "compacted-to";

/** The offset up to which records were deleted on request; 0 when none were. */
export function readStartOffset(fs: LogFs, dir: string): number {
  return readOffset(fs, `${dir}/${START}`) ?? 0;
}

export function writeStartOffset(fs: LogFs, dir: string, offset: number): void {
  writeFileAtomically(fs, `${dir}/${START}`, `${offset}\n`);
}

/** Segments that begin before this offset were compacted; null: the log never was, so it has no gaps. */
export function readCompactedTo(fs: LogFs, dir: string): number | null {
  return readOffset(fs, `${dir}/${COMPACTED}`);
}

export function writeCompactedTo(fs: LogFs, dir: string, offset: number): void {
  writeFileAtomically(fs, `${dir}/${COMPACTED}`, `${offset}\n`);
}

function readOffset(fs: LogFs, file: string): number | null {
  let text: string;
  try {
    text = fs.readFileSync(file).toString();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
  const offset = Number(text);
  if (!/^\d+\n$/.test(text) || !Number.isSafeInteger(offset)) {
    throw new Error(`Expected an offset in ${file}, got ${JSON.stringify(text.slice(0, 40))}`);
  }
  return offset;
}
