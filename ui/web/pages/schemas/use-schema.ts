/** The schema of a topic's values as its definition has it. */
import { apiPath } from "../../data/api.ts";
import { useResource } from "../../data/resource.ts";
import type { JsonSchema } from "./fields.ts";

export interface TopicSchema {
  /** Null for a topic without a definition. */
  readonly json_schema: JsonSchema | null;
  /** A value that it accepts; null where none is known. */
  readonly sample: unknown;
}

export const useSchema = (topic: string | null) =>
  useResource<TopicSchema>(topic === null ? null : apiPath("topics", topic, "schema"));
