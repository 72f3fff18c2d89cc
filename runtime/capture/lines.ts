/** Cuts a stream of bytes into lines, so that a file or a response of any size is read in bounded memory. */

export interface Line {
  /** Without its newline. */
  readonly bytes: Buffer;
  /** Where it starts, in bytes. */
  readonly position: number;
  /** False for a last line that no newline ends. */
  readonly complete: boolean;
}

/** A line that is longer than this is not one of ours; holding it would only fill the memory. */
const MAX_LINE_BYTES = 256 * 1024 * 1024;

export async function* splitLines(
  chunks: AsyncIterable<Uint8Array>,
  maxLineBytes = MAX_LINE_BYTES,
): AsyncGenerator<Line> {
  let parts: Buffer[] = [];
  let held = 0;
  let position = 0;
  for await (const chunk of chunks) {
    let rest = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    for (let end = rest.indexOf(10); end !== -1; end = rest.indexOf(10)) {
      const bytes =
        parts.length === 0 ? rest.subarray(0, end) : Buffer.concat([...parts, rest.subarray(0, end)]);
      yield { bytes, position, complete: true };
      position += bytes.length + 1;
      rest = rest.subarray(end + 1);
      parts = [];
      held = 0;
    }
    if (rest.length > 0) parts.push(rest);
    held += rest.length;
    if (held > maxLineBytes) {
      throw new Error(`expected lines of at most ${maxLineBytes} bytes, got more from byte ${position} on`);
    }
  }
  if (parts.length > 0) yield { bytes: Buffer.concat(parts), position, complete: false };
}
