/** What Kafka has to allow: the least that each part of the platform needs, from the definitions alone. */
import { deadLetterTopic } from "./dead-letters.ts";
import type { FunctionDefinition, Topic } from "./define.ts";

export type AclOperation = "Read" | "Write" | "Describe" | "Create" | "DescribeConfigs";

/** To allow on one resource, by its whole name. */
export interface Acl {
  readonly resource: "topic" | "group" | "cluster";
  /** `kafka-cluster` for the cluster. */
  readonly name: string;
  readonly operations: readonly AclOperation[];
}

export interface AclList {
  /** What one process needs that runs this function alone, without the API. */
  readonly functions: readonly { readonly name: string; readonly acls: readonly Acl[] }[];
  /** For the API and the page: to see topics, records and groups. */
  readonly api: readonly Acl[];
  /** For what the API changes: records written and offsets reset by hand. Not with READ_ONLY. */
  readonly apiWrites: readonly Acl[];
  /** To create the topics that are missing, at a start or by `ksp topics create`. */
  readonly topicCreation: readonly Acl[];
}

interface Named {
  readonly name: string;
  readonly definition: FunctionDefinition;
}

/** Read and Write imply Describe in Kafka; it is listed nevertheless, so that it stays when they are taken away. */
export function aclsOf(topics: readonly Topic[], functions: readonly Named[]): AclList {
  const consumers = functions.flatMap(({ definition }) =>
    definition.kind === "consumer" ? [definition] : [],
  );
  const letters = [...new Set(consumers.map(({ topic }) => deadLetterTopic(topic.name)))];
  const names = [...topics.map(({ name }) => name), ...letters];
  const groups = [...new Set(consumers.map(({ group }) => group))];
  const each = (resource: "topic" | "group", of: readonly string[], ...operations: AclOperation[]): Acl[] =>
    of.map((name) => ({ resource, name, operations }));
  return {
    functions: functions.map(({ name, definition }) => {
      const emitted: string[] = definition.emits.map((topic: Topic) => topic.name);
      if (definition.kind === "producer") return { name, acls: each("topic", emitted, "Write", "Describe") };
      const written = [...emitted, deadLetterTopic(definition.topic.name)];
      return {
        name,
        acls: [
          ...each("topic", [definition.topic.name], "Read", "Describe"),
          ...each("group", [definition.group], "Read", "Describe"),
          ...each("topic", written, "Write", "Describe"),
        ],
      };
    }),
    api: [
      ...each("topic", names, "Read", "Describe", "DescribeConfigs"),
      ...each("group", groups, "Describe"),
      { resource: "cluster", name: "kafka-cluster", operations: ["Describe", "DescribeConfigs"] },
    ],
    apiWrites: [...each("topic", names, "Write"), ...each("group", groups, "Read")],
    topicCreation: each("topic", names, "Create", "Describe"),
  };
}

/** A shell command that adds it by Kafka's own tool. */
export function toKafkaAcls({ resource, name, operations }: Acl, principal: string, tool: string): string {
  const on = resource === "cluster" ? ["--cluster"] : [`--${resource}`, quoted(name)];
  const words = operations.flatMap((operation) => ["--operation", operation]);
  return [tool, "--add", "--allow-principal", quoted(principal), ...words, ...on].join(" ");
}

const quoted = (word: string): string =>
  /^[\w.:=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
