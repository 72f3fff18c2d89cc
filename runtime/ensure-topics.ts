/** Sees to it that the topics are there, at the start and when one is gone. */
import type { AdminPort } from "./admin-client.ts";
import type { Logger } from "./log.ts";
import type { Observer } from "./observer.ts";
import { createMissingTopics, type TopicSpec } from "./topics.ts";

export interface EnsureTopicsOptions {
  readonly admin: AdminPort;
  readonly observer: Observer;
  readonly specs: readonly TopicSpec[];
  readonly replicationFactor: number;
  readonly log: Logger;
}

/** Creates those that are missing, and tells of those that are not as they are defined. Rejects when Kafka is away. */
export function createEnsureTopics(options: EnsureTopicsOptions): () => Promise<void> {
  const { admin, observer, specs, replicationFactor, log } = options;

  /** Not the end: they may be there and belong to other processes. A function that needs one tells it by itself. */
  const onDenied = (denied: readonly string[]): void =>
    log.warn(
      { topics: denied },
      "topics are missing, or Kafka does not let them be seen, and does not let them be created (`ksp acls` lists what is needed)",
    );

  return async () => {
    const created = await admin((client) => createMissingTopics(client, specs, replicationFactor, onDenied));
    if (created.length > 0) log.info({ topics: created }, "topics created");
    const picture = await observer.refresh();
    for (const spec of specs) {
      const partitions = picture.topics.get(spec.name)?.length;
      if (partitions !== undefined && partitions !== spec.partitions) {
        log.warn(
          { topic: spec.name },
          `the topic has ${partitions} partitions where its definition says ${spec.partitions}`,
        );
      }
    }
  };
}
