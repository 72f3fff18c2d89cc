/** Which record a derived one was made of. */
import { apiPath, getJson, getText } from "../../data/api.ts";
import { type Message, parsePage } from "../../data/message.ts";
import type { FunctionInfo, TopicDetails } from "../../data/types.ts";
import { fromAddress, pageUrl } from "./browse-query.ts";
import { byLikeness } from "./likeness.ts";

const MOST = "1000";

/** Records that may be the cause, the likeliest first. */
export interface Causes {
  /** The topics that were looked through; none where nothing derives the record's topic from another. */
  readonly topics: readonly string[];
  readonly candidates: readonly Message[];
}

/** A derived record carries its cause's time: what is on the topics that its writers read, at that very time. */
export async function findCauses(derived: Message, signal: AbortSignal): Promise<Causes> {
  const [{ producers }, { functions }] = await Promise.all([
    getJson<TopicDetails>(apiPath("topics", derived.topic), signal),
    getJson<{ functions: FunctionInfo[] }>("/api/functions", signal),
  ]);
  const read = functions.filter(({ name }) => producers.includes(name)).map(({ topic }) => topic);
  const topics = [...new Set(read.filter((topic) => topic !== null))];
  const at = derived.timestamp;
  if (at === null) return { topics, candidates: [] };
  const range = fromAddress({ mode: "range", from: at, until: at, limit: MOST });
  const pages = await Promise.all(topics.map((topic) => getText(pageUrl(topic, range, null), signal)));
  return {
    topics,
    candidates: byLikeness(
      derived,
      pages.flatMap((text) => parsePage(text).messages),
    ),
  };
}
