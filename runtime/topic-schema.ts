/** A topic's schema as JSON Schema, and a value to start from. */
import { z } from "zod";
import type { TopicSchemaView } from "./admin-view.ts";
import type { BatchOut, Emit, Topic } from "./define.ts";
import { invoke, type LoadedFunction } from "./invoke.ts";
import { sampleInput, sampleValueOf } from "./sample.ts";

type JsonSchema = Readonly<Record<string, unknown>>;

/** What JSON Schema cannot say (a check in code, say) is left out of it: the schema itself still has the last word. */
export function toJsonSchema(
  topic: Topic,
  target: "draft-2020-12" | "draft-7" = "draft-2020-12",
): JsonSchema {
  return z.toJSONSchema(topic.schema, {
    target,
    io: "input",
    unrepresentable: "any",
    // zod's readonly() binds TypeScript code; readOnly would tell a form that the field is not to be filled in.
    override: ({ jsonSchema }) => {
      delete jsonSchema.readOnly;
    },
  }) as JsonSchema;
}

export function toTopicSchema(topic: Topic, functions: readonly LoadedFunction[]): TopicSchemaView {
  return { jsonSchema: toJsonSchema(topic), sample: sampleOf(topic, functions) };
}

/** What a consumer makes of its own sample, or what producers emit, or what the schema accepts; null for none. */
function sampleOf(topic: Topic, functions: readonly LoadedFunction[]): unknown {
  for (const fn of functions) {
    if (fn.definition.kind !== "consumer") continue;
    if (!fn.definition.emits.some((to: Topic) => to.name === topic.name)) continue;
    const made = firstEmit(fn, topic, functions);
    if (made) return made.value;
  }
  try {
    return sampleValueOf(topic, functions);
  } catch {
    return null; // that none is known is the answer
  }
}

function firstEmit(fn: LoadedFunction, topic: Topic, functions: readonly LoadedFunction[]): Emit | undefined {
  try {
    const input = sampleInput(fn, functions);
    const { outcome } = invoke(fn, { id: "sample", trigger: "cli", input, now: Date.UTC(2026, 0, 1, 12) });
    if (outcome.kind !== "ok") return undefined;
    return (outcome.output as BatchOut).emit?.find((one) => one.topic === topic.name);
  } catch {
    return undefined; // a function without a sample: another one, or the schema, may do
  }
}
