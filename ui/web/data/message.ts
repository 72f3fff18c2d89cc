/** A record of a topic as the API gives it, its value kept as text. Pure. */
import { rawItems, rawMembers } from "./raw-json.ts";

export interface Message {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly timestamp: string | null;
  readonly key: string | null;
  readonly headers: Readonly<Record<string, string>>;
  /**
   * The value's JSON exactly as on the wire: show this. `null` is a tombstone, a string is text that is not JSON, or
   * the start of a value that is `truncated`.
   */
  readonly valueJson: string;
  /** In bytes; null where the server does not tell. */
  readonly keySize: number | null;
  readonly valueSize: number | null;
  readonly truncated: boolean;
  /** What it was written with; null for a record that names none, as those in JSON do. */
  readonly schema: { readonly id: number; readonly version: number | null } | null;
}

export interface MessagePage {
  readonly messages: readonly Message[];
  readonly nextPageToken: string | null;
  readonly scanned: number | null;
}

/** Of the JSON text of one message. Throws a SyntaxError where it is none. */
export function parseMessage(json: string): Message {
  const members = rawMembers(json);
  const valueJson = members.get("value") ?? "null";
  members.delete("value");
  const rest = JSON.parse(
    `{${[...members].map(([name, text]) => `${JSON.stringify(name)}:${text}`).join()}}`,
  );
  return {
    topic: rest.topic,
    partition: rest.partition,
    offset: rest.offset,
    timestamp: rest.timestamp ?? null,
    key: rest.key ?? null,
    headers: rest.headers ?? {},
    valueJson,
    keySize: rest.key_size ?? null,
    valueSize: rest.value_size ?? null,
    truncated: rest.truncated ?? false,
    schema:
      rest.schema_id === undefined ? null : { id: rest.schema_id, version: rest.schema_version ?? null },
  };
}

/** Of the JSON text that /api/messages/:topic answers. */
export function parsePage(json: string): MessagePage {
  const members = rawMembers(json);
  const token = members.get("next_page_token");
  const scanned = members.get("scanned");
  return {
    messages: rawItems(members.get("messages") ?? "[]").map(parseMessage),
    nextPageToken: token === undefined ? null : (JSON.parse(token) as string | null),
    scanned: scanned === undefined ? null : (JSON.parse(scanned) as number),
  };
}

const values = new WeakMap<Message, unknown>();

/** The value as data, for counting and charts; large integers lose digits here, so show `valueJson` instead. */
export function dataOf(message: Message): unknown {
  if (!values.has(message)) values.set(message, JSON.parse(message.valueJson));
  return values.get(message);
}

/** What tells a record from every other, and the path of the page that shows it. */
export const idOf = ({ topic, partition, offset }: Pick<Message, "topic" | "partition" | "offset">): string =>
  `${topic}/${partition}:${offset}`;
