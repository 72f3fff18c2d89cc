/** What the broker page makes of what the cluster says. */
import type { ConfigEntry } from "../../data/types.ts";

export interface LogDir {
  readonly broker: number;
  readonly topic: string;
  readonly partition: number;
  readonly size_bytes: number;
}

export interface TopicSize {
  readonly topic: string;
  /** Replicas of partitions. */
  readonly logs: number;
  readonly bytes: number;
  readonly largestBytes: number;
}

export function sizesByTopic(logs: readonly LogDir[]): readonly TopicSize[] {
  const sizes = new Map<string, TopicSize>();
  for (const { topic, size_bytes } of logs) {
    const known = sizes.get(topic) ?? { topic, logs: 0, bytes: 0, largestBytes: 0 };
    sizes.set(topic, {
      topic,
      logs: known.logs + 1,
      bytes: known.bytes + size_bytes,
      largestBytes: Math.max(known.largestBytes, size_bytes),
    });
  }
  return [...sizes.values()];
}

/** Those whose name or value contains the text; a hidden value is not searched. */
export function filterConfig(config: readonly ConfigEntry[], text: string): readonly ConfigEntry[] {
  const wanted = text.trim().toLowerCase();
  return config.filter(
    ({ name, value, is_sensitive }) =>
      name.toLowerCase().includes(wanted) || (!is_sensitive && (value ?? "").toLowerCase().includes(wanted)),
  );
}
