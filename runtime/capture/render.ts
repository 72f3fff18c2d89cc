/** Shows invocations and their differences as text for people. */
import { styleText } from "node:util";
import type { BatchOut, Caused, Emit } from "../define.ts";
import type { Invocation, Outcome } from "../invoke.ts";
import type { SetAside } from "../settle.ts";
import type { CauseDiff, InvocationDiff, StateDiff } from "./diff.ts";
import type { ListChange } from "./diff-list.ts";
import type { FieldChange } from "./diff-value.ts";

export type Paint = (style: "bold" | "dim" | "green" | "red" | "yellow", text: string) => string;

export const plain: Paint = (_style, text) => text;
// The caller has decided; without this newer Nodes would look at stdout again.
export const coloured: Paint = (style, text) => styleText(style, text, { validateStream: false });

const MAX_VALUE_CHARS = 300;

/** Text of others made safe for a terminal: no control character gets through, C1 and direction marks included. */
export function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A value as JSON in one line, shortened where it is long. */
function compact(value: unknown, maxChars = MAX_VALUE_CHARS): string {
  const json = printable(JSON.stringify(value) ?? "undefined");
  return json.length <= maxChars ? json : `${json.slice(0, maxChars)}… (${json.length} characters)`;
}

/** `batch user-events/1, 3 records, offsets 40–42` */
export function describeInput(input: unknown): string {
  const { kind } = (input ?? {}) as { kind?: unknown };
  if (kind === "tick") return `tick ${(input as { seq?: unknown }).seq}`;
  if (kind !== "batch") return "input";
  const { topic, partition, records } = input as Partial<Extract<Invocation["input"], { kind: "batch" }>>;
  const [first, last] = [records?.[0]?.offset, records?.at(-1)?.offset];
  const offsets = first === last ? `offset ${first}` : `offsets ${first}–${last}`;
  return printable(`batch ${topic}/${partition}${records?.length ? `, ${offsets}` : ", no records"}`);
}

/** All about one invocation, over several lines. */
export function renderInvocation(invocation: Invocation, paint: Paint): string {
  const { outcome, logs, metrics } = invocation;
  const took = `${invocation.durationMs.toFixed(1)} ms`;
  const lines = [
    `${paint("bold", printable(invocation.function))} ${describeInput(invocation.input)}: ${renderOutcome(outcome, paint)} in ${took}`,
  ];
  if (outcome.kind === "ok") {
    const { emit = [], state, failures = [] } = outcome.output as BatchOut;
    for (const one of emit as readonly (Emit | Caused)[]) {
      const cause = "cause" in one ? paint("dim", ` ← ${one.cause}`) : "";
      lines.push(`  ${paint("green", "emit")} ${renderEmit(one)}${cause}`);
    }
    if (invocation.input.kind === "batch") {
      for (const { key, value } of state ?? []) lines.push(`  state ${compact(key)} ${compact(value)}`);
    } else if (state !== undefined) lines.push(`  state ${compact(state)}`);
    for (const { offset, reason } of failures) {
      lines.push(`  ${paint("red", "failure")} at ${offset}: ${printable(reason)}`);
    }
  }
  if (outcome.kind === "invalid") {
    for (const { offset, reason } of outcome.records) lines.push(`  at ${offset}: ${printable(reason)}`);
  }
  for (const entry of logs) lines.push(`  ${paint("dim", "log")} ${renderLog(entry)}`);
  for (const entry of metrics) lines.push(`  ${paint("dim", "metric")} ${renderMetric(entry)}`);
  return `${lines.join("\n")}\n`;
}

/** Records of a batch that would be dead-lettered. */
export function renderAside(aside: readonly SetAside[], paint: Paint): string {
  return aside
    .map(
      ({ record, kind, error }) =>
        `  ${paint("red", `dead letter at ${record.offset}`)} (${kind}): ${printable(`${error.name}: ${error.message}`)}\n`,
    )
    .join("");
}

/** The differences of one invocation, by causing record, indented below the caller's heading. */
export function renderDiff(diff: InvocationDiff, paint: Paint): string {
  const lines: string[] = [];
  if (diff.outcome) {
    lines.push("  outcome");
    lines.push(`    ${paint("red", "-")} ${renderOutcome(diff.outcome.before, paint)}`);
    lines.push(`    ${paint("green", "+")} ${renderOutcome(diff.outcome.after, paint)}`);
  }
  for (const cause of diff.causes) lines.push(...renderCause(cause, paint));
  for (const change of diff.logs) lines.push(...renderChange("log", change, renderLog, paint, "  "));
  for (const change of diff.metrics) lines.push(...renderChange("metric", change, renderMetric, paint, "  "));
  return lines.map((line) => `${line}\n`).join("");
}

function renderCause({ cause, emits, state, failure }: CauseDiff, paint: Paint): string[] {
  const lines = [paint("bold", cause === null ? "  as a whole" : `  record ${cause}`)];
  if (failure) {
    const side = (reason: string | undefined) => (reason === undefined ? "handled" : printable(reason));
    lines.push(`    failure ${renderBoth(side(failure.before), side(failure.after), paint)}`);
  }
  for (const change of emits) {
    // What is in a changed one stands in its fields.
    const render = change.kind === "changed" ? renderDestination : renderEmit;
    lines.push(...renderChange("emit", change, render, paint, "    "));
  }
  for (const one of state) lines.push(...renderState(one, paint));
  return lines;
}

function renderChange<T>(
  what: string,
  change: ListChange<T>,
  render: (item: T) => string,
  paint: Paint,
  indent: string,
): string[] {
  const place = `${what} ${change.at + 1}`;
  switch (change.kind) {
    case "added":
      return [`${indent}${paint("green", `+ ${place}`)} ${render(change.item)}`];
    case "removed":
      return [`${indent}${paint("red", `- ${place}`)} ${render(change.item)}`];
    case "moved":
      return [`${indent}${paint("yellow", `> ${place}`)} was ${change.from + 1} ${render(change.item)}`];
    case "changed":
      return [
        `${indent}${paint("yellow", `~ ${place}`)} ${render(change.item)}`,
        ...change.fields.map((field) => `${indent}    ${renderField(field, paint)}`),
      ];
  }
}

function renderState({ key, before, after, fields }: StateDiff, paint: Paint): string[] {
  const name = key === null ? "state" : `state ${compact(key)}`;
  if (fields.length > 0) {
    return [
      `    ${paint("yellow", `~ ${name}`)}`,
      ...fields.map((field) => `        ${renderField(field, paint)}`),
    ];
  }
  const side = (value: unknown) => (value === undefined ? "unchanged" : compact(value));
  return [`    ${paint("yellow", `~ ${name}`)} ${renderBoth(side(before), side(after), paint)}`];
}

function renderField(change: FieldChange, paint: Paint): string {
  const side = (has: boolean, value: unknown) => (has ? compact(value) : "absent");
  const before = side("before" in change, change.before);
  const after = side("after" in change, change.after);
  return `${change.path === "" ? "" : `${printable(change.path)}: `}${renderBoth(before, after, paint)}`;
}

const renderBoth = (before: string, after: string, paint: Paint): string =>
  `${paint("red", before)} → ${paint("green", after)}`;

function renderOutcome(outcome: Outcome, paint: Paint): string {
  if (outcome.kind === "ok") return paint("green", "ok");
  if (outcome.kind === "invalid") return `${paint("red", "invalid input")}: ${printable(outcome.message)}`;
  return `${paint("red", "error")}: ${printable(`${outcome.error.name}: ${outcome.error.message}`)}`;
}

const renderDestination = ({ topic, key }: Pick<Emit, "topic" | "key">): string =>
  `${printable(topic)} ${compact(key)}`;

const renderEmit = ({ topic, key, value, headers }: Emit): string =>
  `${renderDestination({ topic, key })} ${compact(value)}${headers ? ` headers ${compact(headers)}` : ""}`;

const renderLog = ({ level, message, fields, offset }: Invocation["logs"][number]): string =>
  `${level} ${offset === undefined ? "" : `@${offset} `}${printable(message)}${fields ? ` ${compact(fields)}` : ""}`;

const renderMetric = ({ name, value, labels }: Invocation["metrics"][number]): string =>
  `${printable(name)} ${value}${labels ? ` ${compact(labels)}` : ""}`;
