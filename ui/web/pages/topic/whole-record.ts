/** One record in all its bytes, as /api/records gives it. Pure. */
import { type Message, parseMessage } from "../../data/message.ts";
import { rawMembers } from "../../data/raw-json.ts";

export interface Bytes {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Null where they are not UTF-8. */
  readonly text: string | null;
}

export interface WholeRecord {
  readonly message: Message;
  readonly key: Bytes | null;
  /** Null for a tombstone. The text of one in Avro is the JSON that its bytes were decoded to. */
  readonly value: (Bytes & { readonly isJson: boolean }) | null;
  /** In their order; a name may be there more than once. */
  readonly headers: readonly (Bytes & { readonly name: string })[];
}

export function parseWholeRecord(json: string): WholeRecord {
  const members = rawMembers(json);
  const given = (name: string): unknown => JSON.parse(members.get(name) ?? "null");
  const bytesOf = (base64: unknown): Bytes | null => (typeof base64 === "string" ? toBytes(base64) : null);
  const message = parseMessage(json);
  const stored = bytesOf(given("value_base64"));
  // Bytes that could not be decoded come as a text.
  const isDecoded = message.schema !== null && !message.truncated && !message.valueJson.startsWith('"');
  const value = stored && isDecoded ? { ...stored, text: message.valueJson } : stored;
  const headers = (given("headers_base64") ?? []) as readonly (readonly [string, string])[];
  return {
    message,
    key: bytesOf(given("key_base64")),
    value: value && { ...value, isJson: value.text !== null && isJson(value.text) },
    headers: headers.map(([name, base64]) => ({ name, ...toBytes(base64) })),
  };
}

function toBytes(base64: string): Bytes {
  const binary = atob(base64);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return { bytes, text: textOf(bytes) };
}

/** A byte order mark stays: it is a part of the text. */
function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null; // that it is not text is the answer
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

/** What is shown of bytes: their text, or themselves in hex. */
export const shownText = ({ bytes, text }: Bytes): string =>
  text ?? `0x${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;

/** What writes the record anew, as POST /api/topics/:topic/records takes it; why not, where bytes are not text. */
export function toProduceBody(
  whole: WholeRecord,
  options: {
    /** Which of its headers to write. */
    readonly keepHeader?: (name: string) => boolean;
    /** ISO 8601; left out: now. */
    readonly timestamp?: string | null;
    readonly validate: boolean;
  },
): { readonly json: string } | { readonly problem: string } {
  const { key, value } = whole;
  const headers = whole.headers.filter(({ name }) => options.keepHeader?.(name) ?? true);
  if (key && key.text === null) return { problem: "Its key is not text." };
  if (value && !value.isJson) return { problem: "Its value is not JSON." };
  const odd = headers.find(({ text }) => text === null);
  if (odd) return { problem: `Its header ${odd.name} is not text.` };
  const names = headers.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) return { problem: `It has the header ${twice} more than once.` };
  const rest = JSON.stringify({
    key: key?.text ?? null,
    headers: Object.fromEntries(headers.map(({ name, text }) => [name, text])),
    validate: options.validate,
    ...(options.timestamp && { timestamp: options.timestamp }),
  });
  return { json: `${rest.slice(0, -1)},"value":${value?.text ?? "null"}}` };
}
