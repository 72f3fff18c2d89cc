/** A replay's differences as the API gives them (runtime/capture/diff.ts), and what to say of them. Pure. */
import { plural } from "../../data/format.ts";
import type { Emit, Invocation, LogEntry, MetricEntry, Outcome } from "./invocation.ts";

/** One difference within a value; a side that has no such field has none. */
export interface FieldChange {
  readonly path: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

export type ListChange<T> =
  | { readonly kind: "removed" | "added"; readonly at: number; readonly item: T }
  | {
      readonly kind: "changed";
      readonly at: number;
      readonly item: T;
      readonly fields: readonly FieldChange[];
    }
  | { readonly kind: "moved"; readonly from: number; readonly at: number; readonly item: T };

export interface StateDiff {
  readonly key: string | null;
  readonly before?: unknown;
  readonly after?: unknown;
  readonly fields: readonly FieldChange[];
}

export interface CauseDiff {
  /** The record's offset; null for a tick. */
  readonly cause: string | null;
  readonly emits: readonly ListChange<Emit>[];
  readonly state: readonly StateDiff[];
  readonly failure: { readonly before?: string; readonly after?: string } | null;
}

export interface InvocationDiff {
  readonly same: boolean;
  readonly outcome: { readonly before: Outcome; readonly after: Outcome } | null;
  readonly causes: readonly CauseDiff[];
  readonly logs: readonly ListChange<LogEntry>[];
  readonly metrics: readonly ListChange<MetricEntry>[];
}

/** One of the results of POST /api/functions/:name/replay. */
export interface ReplayResult {
  readonly id: string;
  readonly same: boolean;
  readonly diff: InvocationDiff;
  readonly code_changed: boolean;
  readonly invocation: Invocation;
}

/** What is different, in a line: `2 records: 3 emits, 1 state change; 1 log entry`. */
export function describeDiff({ same, outcome, causes, logs, metrics }: InvocationDiff): string {
  if (same) return "the same";
  const count = (of: (cause: CauseDiff) => number) => causes.reduce((sum, cause) => sum + of(cause), 0);
  const records = causes.filter(({ cause }) => cause !== null).length;
  const output = some([
    [count(({ emits }) => emits.length), "emit"],
    [count(({ state }) => state.length), "state change"],
    [count(({ failure }) => (failure ? 1 : 0)), "failure"],
  ]);
  return [
    outcome && `${outcome.before.kind} became ${outcome.after.kind}`,
    output !== "" && (records > 0 ? `${plural(records, "record")}: ${output}` : output),
    some([
      [logs.length, "log line"],
      [metrics.length, "metric"],
    ]),
  ]
    .filter(Boolean)
    .join("; ");
}

const some = (counts: readonly (readonly [number, string])[]): string =>
  counts
    .filter(([count]) => count > 0)
    .map(([count, noun]) => plural(count, noun))
    .join(", ");

/** The two sides of changed fields as lines, for a comparison of texts. */
export function fieldLines(fields: readonly FieldChange[]): {
  readonly before: string;
  readonly after: string;
} {
  const side = (name: "before" | "after") =>
    fields
      .filter((field) => Object.hasOwn(field, name))
      .map((field) => `${field.path === "" ? "value" : field.path}: ${JSON.stringify(field[name])}`)
      .join("\n");
  return { before: side("before"), after: side("after") };
}
