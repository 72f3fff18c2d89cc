/** Server-sent events as text. */
import { STATUS_CODES } from "node:http";

/** How many were left out, by what they are: a topic's records, a function's invocations. */
export type Tally = Map<string, number>;

export type FeedEvent = "message" | "invocation";

/** One event whose data is JSON text. JSON may hold line breaks between tokens: each line is one of `data`. */
export function toEvent(name: string, json: string, id?: string): string {
  const data = /[\r\n]/.test(json) ? json.replace(/\r\n|\r|\n/g, "\ndata: ") : json;
  return `${id === undefined ? "" : `id: ${id}\n`}event: ${name}\ndata: ${data}\n\n`;
}

/** What is wrong with a part of what the client follows, as an RFC 9457 problem. */
export function toProblemEvent(status: number, detail: string): string {
  return toEvent(
    "problem",
    JSON.stringify({ type: "about:blank", title: STATUS_CODES[status], status, detail }),
  );
}

/** Sets the client's last event id, and dispatches nothing: an event without data. */
export const toIdOnly = (id: string): string => `id: ${id}\n\n`;

const keyOf = (event: FeedEvent, name: string): string => `${event} ${name}`;

export function count(tally: Tally, event: FeedEvent, name: string, more: number): void {
  const key = keyOf(event, name);
  tally.set(key, (tally.get(key) ?? 0) + more);
}

export function addTo(tally: Tally, other: ReadonlyMap<string, number>): void {
  for (const [key, more] of other) tally.set(key, (tally.get(key) ?? 0) + more);
}

/** A `dropped` event for each topic and function of the tally. "sampled": left out for all; "slow": for this client. */
export function toDropped(tally: Tally, reason: "sampled" | "slow"): string {
  return [...tally]
    .map(([key, lost]) => {
      const space = key.indexOf(" ");
      const [event, name] = [key.slice(0, space), key.slice(space + 1)];
      const topic = event === "message" ? name : null;
      const fn = event === "invocation" ? name : null;
      return toEvent("dropped", JSON.stringify({ event, topic, function: fn, count: lost, reason }));
    })
    .join("");
}
