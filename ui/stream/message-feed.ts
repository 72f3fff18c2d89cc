/** Records of some topics, and alerts, for all clients that follow the same: each event's id says how far it has read. */
import type { LiveBatch, LiveRecord, Positions } from "../../runtime/stream-view.ts";
import type { RecordView } from "../../runtime/view.ts";
import { toMessageJson } from "../api/message.ts";
import { type Chunk, plain } from "./client-ring.ts";
import { toEvent, toIdOnly } from "./events.ts";
import { Feed } from "./feed.ts";
import { Vector } from "./vector.ts";

export interface MessageSelection {
  readonly topics: "*" | ReadonlySet<string>;
  /** Of which topics records are alerts as well; empty for who does not follow alerts. */
  readonly alertTopics: ReadonlySet<string>;
}

interface Item {
  readonly topic: string;
  readonly partition: number;
  readonly record: LiveRecord;
}

/** The record's events, all with the same id. */
export function toMessageEvents(
  { topics, alertTopics }: MessageSelection,
  topic: string,
  json: string,
  id: string,
) {
  const message = topics === "*" || topics.has(topic) ? toEvent("message", json, id) : "";
  const name = JSON.stringify(topic);
  const alert = alertTopics.has(topic) ? toEvent("alert", `{"topic":${name},"message":${json}}`, id) : "";
  return message + alert;
}

export class MessageFeed {
  readonly feed: Feed<Item>;
  readonly selection: MessageSelection;
  /** Up to where its clients have been given records, or told of what they were not given. */
  readonly vector = new Vector();
  /** Positions behind records that are left out, not yet told. */
  readonly #passed = new Vector();

  constructor(selection: MessageSelection, positions: Positions, toJson: (record: LiveRecord) => string) {
    this.selection = selection;
    for (const [topic, byPartition] of positions) {
      if (this.#follows(topic))
        for (const [partition, next] of byPartition) this.vector.set(topic, partition, next);
    }
    this.feed = new Feed<Item>({
      event: "message",
      keyOf: ({ topic }) => topic,
      beforeRelease: () => {
        for (const { topic, partition, next } of this.#passed.positions)
          this.vector.set(topic, partition, next);
        this.#passed.clear();
      },
      toText: ({ topic, partition, record }) => {
        this.vector.set(topic, partition, record.offset + 1n);
        return toMessageEvents(selection, topic, toJson(record), this.vector.toString());
      },
      onLost: ({ topic, partition, record }) => this.#passed.set(topic, partition, record.offset + 1n),
    });
  }

  /** What a client that has read nothing yet begins with: from where on it follows. */
  toOpening(): Chunk {
    return plain(toIdOnly(String(this.vector)));
  }

  take({ topic, partition, skipped, records }: LiveBatch): void {
    if (!this.#follows(topic)) return;
    if (skipped > 0) this.feed.lose(topic, skipped);
    for (const record of records) this.feed.offer({ topic, partition, record });
  }

  #follows(topic: string): boolean {
    const { topics, alertTopics } = this.selection;
    return topics === "*" || topics.has(topic) || alertTopics.has(topic);
  }
}

/** A record's JSON, made once however many feeds show it. */
export function createJsonCache(): (record: LiveRecord) => string {
  const texts = new WeakMap<LiveRecord, string>();
  return (record) => {
    const known = texts.get(record);
    if (known !== undefined) return known;
    const view: RecordView = record.toView();
    const text = toMessageJson(view);
    texts.set(record, text);
    return text;
  };
}
