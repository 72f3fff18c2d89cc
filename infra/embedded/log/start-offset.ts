import { type LogFs, writeFileAtomically } from "./log-fs.ts";

const NAME = "log-start-offset";

/** The offset up to which records were deleted on request; 0 when none were. */
export function readStartOffset(fs: LogFs, dir: string): number {
  let text: string;
  try {
    text = fs.readFileSync(`${dir}/${NAME}`).toString();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return 0;
    throw error;
  }
  const offset = Number(text);
  if (!/^\d+\n$/.test(text) || !Number.isSafeInteger(offset)) {
    throw new Error(`Expected an offset in ${dir}/${NAME}, got ${JSON.stringify(text.slice(0, 40))}`);
  }
  return offset;
}

export function writeStartOffset(fs: LogFs, dir: string, offset: number): void {
  writeFileAtomically(fs, `${dir}/${NAME}`, `${offset}\n`);
}
