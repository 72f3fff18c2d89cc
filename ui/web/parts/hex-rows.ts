/** Bytes as people read them: offset, sixteen in hexadecimal, the same as text. Pure. */

export interface HexRow {
  readonly offset: string;
  readonly hex: string;
  /** Dots where a byte is no printable ASCII. */
  readonly text: string;
}

const WIDTH = 16;

export function hexRows(bytes: Uint8Array, limit = bytes.length): HexRow[] {
  const rows: HexRow[] = [];
  for (let at = 0; at < Math.min(limit, bytes.length); at += WIDTH) {
    const part = [...bytes.subarray(at, Math.min(at + WIDTH, limit))];
    rows.push({
      offset: at.toString(16).padStart(8, "0"),
      hex: part.map((byte) => byte.toString(16).padStart(2, "0")).join(" "),
      text: part.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".")).join(""),
    });
  }
  return rows;
}
