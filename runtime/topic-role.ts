/** What part a topic plays, by definitions and not by its name. */

import { deadLetterTopic } from "./dead-letters.ts";
import type { Topic } from "./define.ts";
import type { LoadedFunction } from "./invoke.ts";
import type { TopicRole } from "./view.ts";

export interface Topology {
  role(topic: string): TopicRole;
  /** Names of the functions that write to a topic. */
  producers(topic: string): readonly string[];
  consumers(topic: string): readonly { readonly function: string; readonly group: string }[];
}

/** `functions` are all that there are, whether they run in this process or not. */
export function createTopology(topics: readonly Topic[], functions: readonly LoadedFunction[]): Topology {
  const defined = new Set(topics.map((topic) => topic.name));
  const deadLetters = new Set(topics.map((topic) => deadLetterTopic(topic.name)));
  const writers = (topic: string): readonly LoadedFunction[] =>
    functions.filter(({ definition }) => definition.emits.some((to: Topic) => to.name === topic));
  return {
    role(topic) {
      if (defined.has(topic)) {
        return writers(topic).some(({ definition }) => definition.kind === "consumer") ? "derived" : "input";
      }
      return deadLetters.has(topic) ? "dlq" : "other";
    },
    producers: (topic) => writers(topic).map(({ name }) => name),
    consumers: (topic) =>
      functions.flatMap(({ name, definition }) =>
        definition.kind === "consumer" && definition.topic.name === topic
          ? [{ function: name, group: definition.group }]
          : [],
      ),
  };
}
