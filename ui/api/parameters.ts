/** Parameters that several routes take, each with what is expected of it. */
import { type Hook, z } from "@hono/zod-openapi";
import type { ReadView, TopicView } from "../../runtime/view.ts";
import type { ApiEnv } from "./api.ts";
import { Problem, shown, unavailable } from "./problem.ts";

const expected = (what: string) => ({
  error: (i: { input?: unknown }) => `expected ${what}, got ${shown(i.input)}`,
});

const ONE_TO_1000 = /^(?:[1-9]\d{0,2}|1000)$/;

/** `limit`: 1–1000, default 50. */
export const limitQuery = z
  .string(expected("one whole number from 1 to 1000"))
  .regex(ONE_TO_1000, expected("a whole number from 1 to 1000"))
  .transform(Number)
  .optional()
  .openapi({ type: "integer", minimum: 1, maximum: 1000, default: 50 });

export const DEFAULT_LIMIT = 50;

/** An offset in a body: a decimal string, since JSON's numbers end at 2^53 in many languages. */
export const offsetText = z
  .string(expected("an offset as a decimal string"))
  .regex(/^\d{1,19}$/, expected("an offset as a decimal string"));

/** Kafka's own rule for a topic's name. */
export const topicParams = z.object({
  topic: z
    .string()
    .regex(/^(?!\.{1,2}$)[a-zA-Z0-9._-]{1,249}$/, expected("a topic name: 1–249 of a–z A–Z 0–9 . _ -"))
    .openapi({ param: { name: "topic", in: "path" }, example: "user-events" }),
});

export const nameParams = z.object({
  name: z.string().openapi({ param: { name: "name", in: "path" }, example: "analytics-consumer" }),
});

/** A 400 that names every bad parameter. */
export const rejectParameters: Hook<unknown, ApiEnv, string, unknown> = (result) => {
  if (result.success) return;
  const errors = result.error.issues.map((issue) => ({
    parameter: issue.path.join("."),
    detail: issue.message,
  }));
  throw new Problem(400, errors.map((e) => `${e.parameter}: ${e.detail}`).join("; "), { errors });
};

/** The topic, or a 404; a 503 as long as Kafka has not told which topics there are. */
export function requireTopic(view: ReadView, name: string): TopicView {
  const topic = view.topic(name);
  if (topic !== null) return topic;
  requireKafka(view);
  throw unknown(
    "topic",
    name,
    view.topics().map((t) => t.name),
  );
}

export function requireKafka(view: ReadView): void {
  const kafka = view.ready();
  if (kafka.status === "unhealthy") throw unavailable(kafka.reason);
}

/** A 404 that says what there is. */
export function unknown(kind: string, name: string, known: readonly string[]): Problem {
  const some = known.slice(0, 20).join(", ");
  const more = known.length > 20 ? ` and ${known.length - 20} more` : "";
  return new Problem(404, `Expected a ${kind} of ${some || "(none yet)"}${more}; got ${shown(name)}`);
}
