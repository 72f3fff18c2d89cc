/** Dead letters: records that no function could handle, with why in their headers, in groups of the same fault. Pure. */
import type { Message } from "../../data/message.ts";
import type { RecordPlace } from "../../data/record-link.ts";

/** The headers that say why begin with this; all others are the record's own. */
const PREFIX = "ksp.dlq.";

export interface Letter {
  readonly message: Message;
  /** Where it was read and could not be handled; null where its headers do not say. */
  readonly origin: RecordPlace | null;
  /** The failed record's own time. */
  readonly originTimestamp: string | null;
  readonly function: string | null;
  /** invalid: not what the schema says; threw, failed: by the function; refused: its output, by Kafka. */
  readonly kind: string | null;
  readonly error: string | null;
  readonly reason: string | null;
  readonly fingerprint: string;
}

export function toLetter(message: Message): Letter {
  const why = (name: string): string | null => message.headers[`${PREFIX}${name}`] ?? null;
  const topic = why("topic");
  const partition = why("partition");
  const offset = why("offset");
  const isPlace = topic !== null && /^\d+$/.test(partition ?? "") && /^\d+$/.test(offset ?? "");
  return {
    message,
    origin: isPlace ? { topic, partition: Number(partition), offset: offset! } : null,
    originTimestamp: timeOf(why("timestamp")),
    function: why("function"),
    kind: why("kind"),
    error: why("error"),
    reason: why("reason"),
    // What somebody else put there has no fingerprint: one group for each topic.
    fingerprint: why("fingerprint") ?? `unknown:${message.topic}`,
  };
}

/** ISO 8601 of what Kafka gives as ms since 1970. */
function timeOf(ms: string | null): string | null {
  const at = new Date(Number(ms ?? Number.NaN));
  return Number.isNaN(at.getTime()) ? null : at.toISOString();
}

export const isOwnHeader = (name: string): boolean => !name.startsWith(PREFIX);

export interface LetterGroup {
  readonly fingerprint: string;
  /** Of one fault, and so the same for all but the reason, of which this is the newest letter's. */
  readonly newest: Letter;
  readonly count: number;
  readonly firstAt: string | null;
  readonly lastAt: string | null;
  /** Newest first. */
  readonly letters: readonly Letter[];
}

/** Letters of the same fault together, the one that came last first. */
export function groupLetters(letters: readonly Letter[]): LetterGroup[] {
  const groups = new Map<string, Letter[]>();
  for (const letter of [...letters].sort(newestFirst)) {
    const group = groups.get(letter.fingerprint);
    if (group) group.push(letter);
    else groups.set(letter.fingerprint, [letter]);
  }
  return [...groups].map(([fingerprint, all]) => ({
    fingerprint,
    newest: all[0]!,
    count: all.length,
    firstAt: all.at(-1)!.message.timestamp,
    lastAt: all[0]!.message.timestamp,
    letters: all,
  }));
}

const newestFirst = (a: Letter, b: Letter): number =>
  (b.message.timestamp ?? "").localeCompare(a.message.timestamp ?? "") ||
  a.message.topic.localeCompare(b.message.topic) ||
  a.message.partition - b.message.partition ||
  (BigInt(a.message.offset) < BigInt(b.message.offset) ? 1 : -1);

/** Whether a letter has a text in what is told of it, its key or its value, whatever its case. */
export function letterMatches(letter: Letter, text: string): boolean {
  const wanted = text.trim().toLowerCase();
  const { message, origin, reason, error, kind } = letter;
  const parts = [
    reason,
    error,
    kind,
    letter.function,
    origin?.topic,
    message.topic,
    message.key,
    message.valueJson,
  ];
  return wanted === "" || parts.some((part) => part?.toLowerCase().includes(wanted));
}
