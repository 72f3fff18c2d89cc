/** Cuts what is to be replayed into requests that the platform takes. Pure. */

/** The platform takes 4 MiB; the frame around the invocations needs a little. */
const MOST_BYTES = 4 * 1024 * 1024 - 1024;
const MOST_INVOCATIONS = 1_000;

export interface ReplayPart {
  /** Invocations' JSON texts. */
  readonly texts: readonly string[];
  /** A single invocation that is too large for any request. */
  readonly tooLarge: boolean;
}

/** In order. What is small enough goes together, at most `most` at a time: so that progress shows. */
export function toParts(texts: readonly string[], most = 50): readonly ReplayPart[] {
  const parts: { texts: string[]; bytes: number; tooLarge: boolean }[] = [];
  for (const text of texts) {
    const bytes = byteLength(text) + 1;
    const last = parts.at(-1);
    if (bytes > MOST_BYTES) parts.push({ texts: [text], bytes, tooLarge: true });
    else if (
      last &&
      !last.tooLarge &&
      last.bytes + bytes <= MOST_BYTES &&
      last.texts.length < Math.min(most, MOST_INVOCATIONS)
    ) {
      last.texts.push(text);
      last.bytes += bytes;
    } else parts.push({ texts: [text], bytes, tooLarge: false });
  }
  return parts.map(({ texts: some, tooLarge }) => ({ texts: some, tooLarge }));
}

const byteLength = (text: string): number => new TextEncoder().encode(text).length;
