/** Reads a function's capture (docs/formats.md): each line is verified as far as the browser can. Pure but for hashing. */

export interface CaptureFile {
  /** Each invocation's JSON text, as it stands in the file. */
  readonly invocations: readonly string[];
  /** False where the page may not hash (it is not served over HTTPS or from this machine): only counted then. */
  readonly verified: boolean;
}

/** `,"check":"0123456789abcdef"}` at a line's end. */
const CHECK = /,"check":"([0-9a-f]{16})"\}$/;

interface Header {
  readonly format?: unknown;
  readonly version?: unknown;
  readonly of?: unknown;
  readonly name?: unknown;
}

/** Throws an Error that names the line and what was expected, where it is not a whole capture of function `name`. */
export async function readCaptureFile(text: string, name: string): Promise<CaptureFile> {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  checkHeader(lines[0] ?? "", name);
  const trailer = parse(lines.at(-1)!) as { format?: unknown; count?: unknown } | null;
  if (lines.length < 2 || trailer?.format !== "ksp-capture-end") {
    throw new Error(`The capture is not whole: it ends after line ${lines.length}, before its last line.`);
  }
  const entries = lines.slice(1, -1);
  if (trailer.count !== entries.length) {
    throw new Error(
      `Expected ${String(trailer.count)} invocations, as the last line says, got ${entries.length}.`,
    );
  }
  // Only to pages of this machine or over HTTPS does a browser give it.
  const subtle = globalThis.crypto.subtle as SubtleCrypto | undefined;
  if (subtle) await verify(subtle, lines.slice(0, -1));
  return { invocations: entries, verified: subtle !== undefined };
}

function checkHeader(line: string, name: string): void {
  const header = parse(line) as Header | null;
  if (header?.format !== "ksp-capture") {
    throw new Error('This is no capture: expected a first line {"format":"ksp-capture",…}.');
  }
  if (header.version !== 1)
    throw new Error(`Expected a capture of version 1, got ${String(header.version)}.`);
  if (header.of !== "function") {
    throw new Error(
      `Expected a function's capture, got one of the topic ${String(header.name)}: use ksp replay.`,
    );
  }
  if (header.name !== name) {
    throw new Error(`Expected a capture of ${name}, got one of ${String(header.name)}.`);
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null; // the caller says what was expected
  }
}

/** Each line's check stands on the one before it. */
async function verify(subtle: SubtleCrypto, lines: readonly string[]): Promise<void> {
  let previous = "";
  for (const [index, line] of lines.entries()) {
    const check = CHECK.exec(line)?.[1];
    const body = line.replace(CHECK, "}");
    if (check === undefined || check !== (await checkOf(subtle, previous + body))) {
      throw new Error(
        `Line ${index + 1} does not match its checksum: it, or the line before it, was changed.`,
      );
    }
    previous = check;
  }
}

async function checkOf(subtle: SubtleCrypto, text: string): Promise<string> {
  const hash = await subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(hash).subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
