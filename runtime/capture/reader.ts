/** Reads capture files: line by line in bounded memory, each line verified before anyone sees it. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import type { CapturedInvocation } from "../view.ts";
import {
  type CaptureEntry,
  CaptureError,
  type CaptureHeader,
  isInvocation,
  open,
  parseHeader,
  parseTrailer,
  toEntry,
} from "./format.ts";
import { type Line, splitLines } from "./lines.ts";

interface NumberedEntry {
  /** In the file, from 1: the first entry is on line 2. */
  readonly line: number;
  readonly entry: CaptureEntry;
}

export interface CaptureReader {
  readonly header: CaptureHeader;
  /** Throws CaptureError where the file is damaged, truncated or edited: the end is only reached by a whole file. */
  readonly entries: AsyncGenerator<NumberedEntry, void>;
}

/** Opens a capture. Throws CaptureError, which names file and line, for all that is wrong with it. */
export async function openCapture(path: string): Promise<CaptureReader> {
  const lines = splitLines(createReadStream(path, { highWaterMark: 256 * 1024 }));
  try {
    const first = await nextLine(lines);
    if (!first) throw new CaptureError("not a capture file: it is empty");
    const header = parseHeader(first.bytes);
    return { header, entries: named(path, readEntries(header, first, lines)) };
  } catch (error) {
    await lines.return(undefined);
    throw inFile(path, error);
  }
}

/** All invocations of a function's capture, as test fixtures. Throws CaptureError. */
export async function readCapture(path: string): Promise<readonly CapturedInvocation[]> {
  const { header, entries } = await openCapture(path);
  const invocations: CapturedInvocation[] = [];
  for await (const { entry } of entries) {
    if (!isInvocation(entry)) {
      throw new CaptureError(`${path}: expected a function's capture, got one of the topic ${header.name}`);
    }
    invocations.push(entry);
  }
  return invocations;
}

async function* readEntries(
  header: CaptureHeader,
  first: Line,
  lines: AsyncGenerator<Line>,
): AsyncGenerator<NumberedEntry, void> {
  const hash = createHash("sha256");
  let check = "";
  let number = 0;
  let line: Line | null = first;
  for (; line; line = await nextLine(lines)) {
    number += 1;
    const opened = open(line.bytes, check);
    if (!opened) {
      const trailer = number > 1 ? parseTrailer(line.bytes) : null;
      if (!trailer) throw damaged(line, number);
      const count = number - 2;
      if (trailer.count !== count) {
        throw new CaptureError(
          `line ${number} (the last): expected a count of ${count}, got ${trailer.count}`,
        );
      }
      if (trailer.sha256 !== hash.digest("hex")) {
        throw new CaptureError(`line ${number} (the last): its SHA-256 is not that of the lines before it`);
      }
      const more = await nextLine(lines);
      if (more) throw new CaptureError(`line ${number + 1}: expected the end of the file after its trailer`);
      return;
    }
    if (!line.complete) throw truncated(number, line.position + line.bytes.length);
    hash.update(line.bytes).update("\n");
    check = opened.check;
    if (number === 1) continue;
    yield { line: number, entry: atLine(number, () => toEntry(header, opened.body)) };
  }
  throw new CaptureError(`truncated: it ends after line ${number}, before its trailer`);
}

const damaged = (line: Line, number: number): CaptureError =>
  line.complete
    ? new CaptureError(
        `line ${number} (byte ${line.position}) does not match its checksum: this line was edited or damaged, ` +
          "or the one before it is missing",
      )
    : truncated(number, line.position + line.bytes.length);

const truncated = (number: number, bytes: number): CaptureError =>
  new CaptureError(`truncated: it ends within line ${number}, at byte ${bytes}`);

async function nextLine(lines: AsyncGenerator<Line>): Promise<Line | null> {
  const next = await lines.next();
  return next.done ? null : next.value;
}

function atLine<T>(number: number, body: () => T): T {
  try {
    return body();
  } catch (error) {
    throw error instanceof CaptureError ? new CaptureError(`line ${number}: ${error.message}`) : error;
  }
}

async function* named<T>(path: string, items: AsyncGenerator<T, void>): AsyncGenerator<T, void> {
  try {
    yield* items;
  } catch (error) {
    throw inFile(path, error);
  }
}

function inFile(path: string, error: unknown): Error {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ENOENT") return new CaptureError(`${path}: no such file`);
  if (code === "EISDIR") return new CaptureError(`${path}: expected a file, got a folder`);
  if (code === "EACCES") return new CaptureError(`${path}: not allowed to read it`);
  return new CaptureError(`${path}: ${(error as Error).message}`);
}
