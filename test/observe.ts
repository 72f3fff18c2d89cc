/** What can be seen of a platform from outside: its groups, its topics, and what it made of which record. */
import { jsonOf, readTopic, type TopicRecord, tally } from "./kafka-client.ts";
import type { Platform } from "./platform.ts";
import { until } from "./until.ts";

export interface Group {
  readonly id: string;
  readonly state: string;
  readonly lag: number;
  readonly members: readonly { readonly assignment: readonly { readonly partitions: readonly number[] }[] }[];
}

export const groupsOf = async (platform: Platform): Promise<readonly Group[]> =>
  (await platform.get<{ groups: Group[] }>("/api/groups")).groups;

/** Records that a topic holds, as the API tells it; 0 for one that is not there. */
export async function countOf(platform: Platform, topic: string): Promise<number> {
  const { topics } = await platform.get<{ topics: { name: string; message_count: number }[] }>("/api/topics");
  return topics.find(({ name }) => name === topic)?.message_count ?? 0;
}

export const untilHolds = (platform: Platform, topic: string, count: number): Promise<true> =>
  until(async () => (await countOf(platform, topic)) >= count, `${count} records in ${topic}`);

/** Until as many groups as given are stable and have nothing left to read. */
export const untilCaughtUp = (platform: Platform, groups: number): Promise<true> =>
  until(async () => {
    const all = await groupsOf(platform);
    return all.length === groups && all.every(({ state, lag }) => state === "Stable" && lag === 0);
  }, `${groups} groups without lag`);

export const eventIds = (events: readonly TopicRecord[]): string[] =>
  events.map((record) => jsonOf<{ event_id: string }>(record).event_id);

/** Event id → how many processed events there are of it. */
export async function readProcessed(brokers: string): Promise<Map<string, number>> {
  const processed = await readTopic(brokers, "processed-events");
  return tally(eventIds(processed.filter((record) => jsonOf<{ type: string }>(record).type === "event")));
}

/** Until each of these events has been processed. */
export const untilProcessed = (brokers: string, ids: Iterable<string>): Promise<true> =>
  until(async () => {
    const processed = await readProcessed(brokers);
    const missing = [...ids].filter((id) => !processed.has(id));
    if (missing.length > 0) throw new Error(`${missing.length} not processed, such as ${missing[0]}`);
    return true;
  }, "every event to be processed");

export async function untilMoreProcessed(platform: Platform, count: number): Promise<void> {
  await untilHolds(platform, "processed-events", (await countOf(platform, "processed-events")) + count);
}

const WARN = 40;

/** What the log says at level warn and above, with the function that it is about. */
export const complaints = (platform: Platform): string[] =>
  platform
    .logs()
    .filter(({ level }) => level >= WARN)
    .map(({ function: name, msg }) => (name === undefined ? msg : `${name}: ${msg}`));
