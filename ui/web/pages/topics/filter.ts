/** Which topics the list shows. Pure. */
import type { Topic } from "../../data/types.ts";

/** The roles to choose from; the first stands for all but Kafka's own. */
export const ROLES: readonly { readonly value: string; readonly label: string }[] = [
  { value: "", label: "All roles" },
  { value: "input", label: "Inputs" },
  { value: "derived", label: "Derived" },
  { value: "dlq", label: "Dead letters" },
  { value: "other", label: "Others" },
  { value: "internal", label: "Kafka's own" },
];

/** Kafka's own, such as `__consumer_offsets`. */
export const isInternal = ({ name, defined }: Topic): boolean => !defined && name.startsWith("__");

/** The topic's role; told from its name where the server does not tell it. */
export function roleOf(topic: Topic): string {
  if (isInternal(topic)) return "internal";
  return topic.role ?? (topic.name.endsWith(".dlq") ? "dlq" : topic.defined ? "input" : "other");
}

/** Those whose name or description has every word of `text`. */
export function filterTopics(topics: readonly Topic[], text: string, role: string): Topic[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return topics.filter((topic) => {
    const has = `${topic.name} ${topic.description ?? ""}`.toLowerCase();
    const inRole = role === "" ? !isInternal(topic) : roleOf(topic) === role;
    return inRole && words.every((word) => has.includes(word));
  });
}
