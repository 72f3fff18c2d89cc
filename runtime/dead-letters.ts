/** What becomes of a record that cannot be handled: its own bytes on `<topic>.dlq`, and in headers why. */
import { createHash } from "node:crypto";
import type { RawKafkaRecord } from "./codec.ts";
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

const MOST_REASON = 1_000;

export function toDeadLetterRecord(letter: DeadLetter): OutRecord {
  const { record, error } = letter;
  const why: Record<(typeof DEAD_LETTER_HEADERS)[number], string> = {
    "ksp.dlq.topic": letter.topic,
    "ksp.dlq.partition": String(letter.partition),
    "ksp.dlq.offset": record.offset,
    "ksp.dlq.timestamp": record.timestamp,
    "ksp.dlq.function": letter.function,
    "ksp.dlq.kind": letter.kind,
    "ksp.dlq.error": error.name,
    "ksp.dlq.reason": error.message.slice(0, MOST_REASON),
    "ksp.dlq.fingerprint": fingerprint(letter),
  };
  return {
    topic: deadLetterTopic(letter.topic),
    key: record.key,
    value: record.value,
    // A dead letter that fails again says why this time; where it first came from is in its own topic's letter.
    headers: { ...record.headers, ...why },
    timestamp: Number(record.timestamp),
  };
}

/** The same for the same fault, whatever numbers, ids and quoted values its message names: letters group by it. */
export function fingerprint(letter: Pick<DeadLetter, "function" | "kind" | "error">): string {
  const shape = letter.error.message.replace(/"[^"]*"/g, '""').replace(/[0-9a-f]*\d[0-9a-f]*/gi, "#");
  return createHash("sha256")
    .update([letter.function, letter.kind, letter.error.name, shape].join("\n"))
    .digest("hex")
    .slice(0, 16);
}
