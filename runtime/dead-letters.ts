/** What becomes of a record that cannot be handled: its own bytes on `<topic>.dlq`, and in headers why. */
import { createHash } from "node:crypto";
import { headerValues, type RawKafkaRecord } from "./codec.ts";
import type { ThrownError } from "./invoke.ts";
import type { OutRecord } from "./lane.ts";

export const deadLetterTopic = (topic: string): string => `${topic}.dlq`;

export interface DeadLetter {
  readonly function: string;
  readonly topic: string;
  readonly partition: number;
  readonly record: RawKafkaRecord;
  readonly kind: "invalid" | "threw" | "failed" | "refused";
  readonly error: ThrownError;
}

/** The headers that a dead letter carries besides the record's own. */
export const DEAD_LETTER_HEADERS = [
  "ksp.dlq.topic",
  "ksp.dlq.partition",
  "ksp.dlq.offset",
  "ksp.dlq.timestamp",
  "ksp.dlq.function",
  "ksp.dlq.kind",
  "ksp.dlq.error",
  "ksp.dlq.reason",
  "ksp.dlq.fingerprint",
] as const;

/** Headers are to fit whatever a handler throws. */
const MOST_NAME = 100;
const MOST_REASON = 1_000;

/**
 * The record to write. Its time is `now`: by the failed record's own, which a header keeps, an old record's letter
 * would be deleted before anyone sees it, and one from the future be refused.
 */
export function toDeadLetterRecord(letter: DeadLetter, now: number): OutRecord {
  const { record, error } = letter;
  const why: Record<(typeof DEAD_LETTER_HEADERS)[number], string> = {
    "ksp.dlq.topic": letter.topic,
    "ksp.dlq.partition": String(letter.partition),
    "ksp.dlq.offset": record.offset,
    "ksp.dlq.timestamp": record.timestamp,
    "ksp.dlq.function": letter.function,
    "ksp.dlq.kind": letter.kind,
    "ksp.dlq.error": error.name.slice(0, MOST_NAME),
    "ksp.dlq.reason": error.message.slice(0, MOST_REASON),
    "ksp.dlq.fingerprint": fingerprint(letter),
  };
  return {
    topic: deadLetterTopic(letter.topic),
    key: record.key,
    value: record.value,
    // A dead letter that fails again says why this time; where it first came from is in its own topic's letter.
    headers: { ...ownHeaders(record), ...why },
    timestamp: now,
  };
}

function ownHeaders({ headers = {} }: RawKafkaRecord): OutRecord["headers"] {
  const own: Record<string, (Buffer | string)[]> = Object.create(null);
  for (const name of Object.keys(headers)) own[name] = headerValues(headers[name]);
  return own;
}

/** The record that a dead letter was made from, and its partition; null where the headers that tell so are missing. */
export function fromDeadLetterRecord(
  letter: RawKafkaRecord,
): { readonly partition: number; readonly record: RawKafkaRecord } | null {
  const headers: Record<string, Buffer | string | (Buffer | string)[]> = Object.create(null);
  for (const name of Object.keys(letter.headers ?? {})) headers[name] = headerValues(letter.headers?.[name]);
  const own = (name: (typeof DEAD_LETTER_HEADERS)[number]): string =>
    String([headers[name]].flat().at(-1) ?? "");
  const partition = own("ksp.dlq.partition");
  const offset = own("ksp.dlq.offset");
  const timestamp = own("ksp.dlq.timestamp");
  if (!/^\d{1,10}$/.test(partition) || !/^\d{1,19}$/.test(offset) || !/^-?\d{1,19}$/.test(timestamp))
    return null;
  for (const name of DEAD_LETTER_HEADERS) delete headers[name];
  return {
    partition: Number(partition),
    record: { offset, timestamp, key: letter.key, value: letter.value, headers },
  };
}

/** The same for the same fault, whatever numbers, ids and quoted values its message names: letters group by it. */
export function fingerprint(letter: Pick<DeadLetter, "function" | "kind" | "error">): string {
  const shape = letter.error.message
    .replace(/"[^"]*"/g, '""')
    // A number, a time, an id: hex digits, signs and points that hold a digit. In two steps, so that it stays linear.
    .replace(/[-.0-9a-f]+/gi, (word) => (/\d/.test(word) ? "#" : word));
  return createHash("sha256")
    .update([letter.function, letter.kind, letter.error.name, shape].join("\n"))
    .digest("hex")
    .slice(0, 16);
}
