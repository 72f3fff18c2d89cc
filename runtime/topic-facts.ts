/** What the picture of the cluster does not hold: how topics are configured and how large they are. */

import type { AdminPort } from "./admin-client.ts";
import type { ConfigEntry } from "./admin-view.ts";
import { topicResource, toTopicConfig } from "./config-entries.ts";
import type { ClusterConnection } from "./internal-cluster.ts";
import { type LogDirs, readLogDirs } from "./log-dirs.ts";
import type { ClusterPicture } from "./observer.ts";

export interface TopicFacts {
  /** By topic. */
  readonly configs: ReadonlyMap<string, readonly ConfigEntry[]>;
  /** Bytes of the leader's log, by `topic/partition`. */
  readonly sizes: ReadonlyMap<string, number>;
  readonly logDirs: LogDirs;
}

export async function readTopicFacts(
  admin: AdminPort,
  connection: ClusterConnection,
  picture: ClusterPicture,
): Promise<TopicFacts> {
  const resources = [...picture.topics.keys()].map(topicResource);
  const [described, logDirs] = await Promise.all([
    resources.length > 0
      ? admin((client) => client.describeConfigs({ includeSynonyms: false, resources }))
      : { resources: [] },
    connection.use(async (cluster) => {
      await cluster.refreshMetadata();
      return readLogDirs(cluster);
    }),
  ]);
  return {
    configs: new Map(described.resources.map((r) => [r.resourceName, toTopicConfig(r.configEntries)])),
    sizes: sizesOfLeaders(logDirs, picture),
    logDirs,
  };
}

export function sizesOfLeaders(
  { entries }: Pick<LogDirs, "entries">,
  { topics }: Pick<ClusterPicture, "topics">,
): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>();
  for (const { broker, topic, partition, sizeBytes } of entries) {
    const leader = topics.get(topic)?.find((one) => one.partition === partition)?.leader;
    if (leader === broker) sizes.set(`${topic}/${partition}`, sizeBytes);
  }
  return sizes;
}

export const sizeOf = (facts: TopicFacts | null, topic: string, partition: number): number | null =>
  facts?.sizes.get(`${topic}/${partition}`) ?? null;

/** The value of one of a topic's settings, or null where it is not known. */
export const configOf = (facts: TopicFacts | null, topic: string, name: string): string | null =>
  facts?.configs.get(topic)?.find((entry) => entry.name === name)?.value ?? null;
