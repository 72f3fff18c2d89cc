/** How much two records have in common. Pure. */
import { dataOf, type Message } from "../../data/message.ts";

/** Shorter texts (a state, a unit) are the same in many records. */
const TELLING = 6;

/** The texts in a value that tell records apart, such as ids and times. */
function texts(value: unknown): Set<string> {
  const found = new Set<string>();
  const visit = (part: unknown): void => {
    if (typeof part === "string" && part.length >= TELLING) found.add(part);
    else if (typeof part === "object" && part !== null) for (const inner of Object.values(part)) visit(inner);
  };
  visit(value);
  return found;
}

/** The candidates that have most in common with a record first: texts of the value, and the key. */
export function byLikeness(record: Message, candidates: readonly Message[]): Message[] {
  const own = texts(dataOf(record));
  const score = (one: Message): number => {
    const shared = [...texts(dataOf(one))].filter((text) => own.has(text)).length;
    return shared + (one.key !== null && (one.key === record.key || own.has(one.key)) ? 1 : 0);
  };
  return candidates
    .map((one) => ({ one, points: score(one) }))
    .sort((a, b) => b.points - a.points)
    .map(({ one }) => one);
}
