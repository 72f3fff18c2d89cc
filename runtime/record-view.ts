/** A record as people see it: text where its bytes are text, hex where not, and no more of it than they can read. */
import { decodeHeaders, decodeKey, headerValues, toText } from "./codec.ts";
import type { ReadableRecord } from "./readable.ts";
import type { RecordView } from "./view.ts";

/** What is shown of a key, a value or a header, in bytes. The whole is there on demand. */
export const SHOWN_BYTES = 16 * 1024;

/** `shownBytes`: Infinity for the whole record. */
export function toRecordView(
  topic: string,
  partition: number,
  record: ReadableRecord,
  shownBytes = SHOWN_BYTES,
): RecordView {
  const { key, value } = record;
  const headers = decodeHeaders(record.headers);
  let isCut = isLonger(key, shownBytes) || isLonger(value, shownBytes);
  for (const name of Object.keys(headers)) {
    const bytes = Buffer.from(headerValues(record.headers?.[name]).at(-1)!);
    if (!isLonger(bytes, shownBytes)) continue;
    headers[name] = shownText(bytes, shownBytes);
    isCut = true;
  }
  const valueText = value && shownText(value, shownBytes);
  return {
    topic,
    partition,
    offset: record.offset,
    timestamp: Number(record.timestamp),
    key: key && isLonger(key, shownBytes) ? shownText(key, shownBytes) : decodeKey(key),
    headers,
    valueText,
    isJson: value !== null && !isLonger(value, shownBytes) && toText(value) !== null && isJson(valueText!),
    keySize: key?.length ?? null,
    valueSize: (record.stored ?? value)?.length ?? null,
    isCut,
    ...(record.schema && { schema: record.schema }),
  };
}

const isLonger = (bytes: Buffer | null, most: number): boolean => bytes !== null && bytes.length > most;

/** The text of the first `most` bytes; bytes that are not text as hex: exact, and still to be looked at. */
function shownText(bytes: Buffer, most: number): string {
  if (bytes.length <= most) return toText(bytes) ?? bytes.toString("hex");
  try {
    // As a stream, which ends before a character that the cut goes through.
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes.subarray(0, most), {
      stream: true,
    });
  } catch {
    return bytes.toString("hex", 0, most / 2); // that it is not text is the answer
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false; // that it is not JSON is the answer
  }
}
