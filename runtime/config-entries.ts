/** Settings of topics and brokers as Kafka describes them, without secrets. */
import kafkajs, { type ConfigEntries, type ResourceConfigQuery } from "kafkajs";
import type { ConfigEntry } from "./admin-view.ts";
import { redact } from "./capture/redact.ts";

/** Kafka's number for "set on the topic itself"; what a topic takes over from its broker is a default of its own. */
const SET_ON_TOPIC = 1;

export const topicResource = (name: string): ResourceConfigQuery => ({
  type: kafkajs.ConfigResourceTypes.TOPIC,
  name,
});
export const brokerResource = (id: number): ResourceConfigQuery => ({
  type: kafkajs.ConfigResourceTypes.BROKER,
  name: String(id),
});

export function toTopicConfig(entries: readonly ConfigEntries[]): readonly ConfigEntry[] {
  return toConfig(entries, ({ configSource }) => Number(configSource) !== SET_ON_TOPIC);
}

export function toBrokerConfig(entries: readonly ConfigEntries[]): readonly ConfigEntry[] {
  return toConfig(entries, ({ isDefault }) => isDefault);
}

/** Kafka itself keeps back what it knows to be a secret; names and URLs tell the rest. */
function toConfig(
  entries: readonly ConfigEntries[],
  isDefault: (entry: ConfigEntries) => boolean,
): readonly ConfigEntry[] {
  return entries
    .map((entry): ConfigEntry => {
      const { configName: name, configValue, isSensitive } = entry;
      const { value } = redact({ value: isSensitive ? null : configValue }) as { value: string | null };
      const kept = redact({ [name]: value }) as Record<string, string | null>;
      return { name, value: kept[name] ?? null, isDefault: isDefault(entry), isSensitive };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
