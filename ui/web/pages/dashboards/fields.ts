/** Fields of a record's value that may be anything. Pure. */
import { dataOf, type Message } from "../../data/message.ts";

export interface Fields {
  /** Null where it is not there, or no text. */
  text(name: string): string | null;
  /** Null where it is not there, or no number. */
  number(name: string): number | null;
  is(name: string, value: boolean): boolean;
}

/** Null for a value that is no object: text, a tombstone, one cut as too large. */
export function fieldsOf(message: Message): Fields | null {
  const value = dataOf(message);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  const of = (name: string): unknown =>
    Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : null;
  return {
    text: (name) => (typeof of(name) === "string" ? (of(name) as string) : null),
    number: (name) => (typeof of(name) === "number" ? (of(name) as number) : null),
    is: (name, expected) => of(name) === expected,
  };
}

/** When a record happened: Kafka's timestamp, which carries the event's own time. Null where it has none. */
export function timeOf({ timestamp }: Message): number | null {
  const at = timestamp === null ? Number.NaN : Date.parse(timestamp);
  return Number.isNaN(at) ? null : at;
}
