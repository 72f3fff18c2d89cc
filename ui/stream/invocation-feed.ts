/** Invocations in short, for all clients that follow the same functions: what went in and what came out, without the data. */
import type { Invocation } from "../../runtime/invoke.ts";
import { toIso } from "../api/time.ts";
import { toEvent } from "./events.ts";
import { Feed } from "./feed.ts";

export class InvocationFeed {
  readonly feed = new Feed<Invocation>({
    event: "invocation",
    keyOf: (invocation) => invocation.function,
    toText: (invocation) => toEvent("invocation", JSON.stringify(toSummary(invocation))),
  });
  readonly #names: "*" | ReadonlySet<string>;

  constructor(names: "*" | ReadonlySet<string>) {
    this.#names = names;
  }

  take(invocation: Invocation): void {
    if (this.#names === "*" || this.#names.has(invocation.function)) this.feed.offer(invocation);
  }
}

function toSummary({ id, function: name, now, trigger, input, outcome, durationMs }: Invocation) {
  const records = input.kind === "batch" ? input.records : [];
  return {
    id,
    function: name,
    at: toIso(now),
    trigger,
    outcome: outcome.kind,
    error: toError(outcome),
    records: records.length,
    first_offset: records[0]?.offset ?? null,
    last_offset: records[records.length - 1]?.offset ?? null,
    partition: input.kind === "batch" ? input.partition : null,
    emits: outcome.kind === "ok" ? (outcome.output.emit?.length ?? 0) : 0,
    duration_ms: durationMs,
  };
}

function toError(outcome: Invocation["outcome"]): string | null {
  if (outcome.kind === "ok") return null;
  return outcome.kind === "error" ? `${outcome.error.name}: ${outcome.error.message}` : outcome.message;
}
