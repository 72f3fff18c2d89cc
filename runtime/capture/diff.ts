/**
 * Compares what a function gave once with what it gives now, and says so by the record that caused it. Pure.
 *
 * What counts: the outcome, the emits of each record in their order, the state that is left, failures, an error's
 * name and message, logs and metrics. What does not: ids, durations, stacks, the order of an object's keys.
 */
import type { BatchOut, Caused, Emit, Rec, StateKey } from "../define.ts";
import type { Invocation, LogEntry, MetricEntry, Outcome } from "../invoke.ts";
import { diffList, type ListChange } from "./diff-list.ts";
import { canonical, diffValue, type FieldChange, toPlain } from "./diff-value.ts";

/** What a run leaves of a state key; a side that is absent left it as it was, null forgot it. */
export interface StateDiff {
  readonly key: StateKey | null;
  readonly before?: unknown;
  readonly after?: unknown;
  /** Where both sides set it. */
  readonly fields: readonly FieldChange[];
}

/** Why a record failed; a side that is absent handled it. */
interface FailureDiff {
  readonly before?: string;
  readonly after?: string;
}

/** Differences that one record caused. */
export interface CauseDiff {
  /** The record's offset; null for a tick. */
  readonly cause: string | null;
  readonly emits: readonly ListChange<Emit>[];
  /** Of the keys of which this record is the last in the batch. */
  readonly state: readonly StateDiff[];
  readonly failure: FailureDiff | null;
}

export interface InvocationDiff {
  readonly same: boolean;
  /** Where the outcomes are of different kinds, or differ as a whole; nothing else is compared then but logs and metrics. */
  readonly outcome: { readonly before: Outcome; readonly after: Outcome } | null;
  readonly causes: readonly CauseDiff[];
  readonly logs: readonly ListChange<LogEntry>[];
  readonly metrics: readonly ListChange<MetricEntry>[];
}

const withoutOffset = ({ offset: _, ...entry }: LogEntry): LogEntry => entry;

type Results = Pick<Invocation, "input" | "outcome" | "logs" | "metrics">;

/** `stateKeys` are the consumer's: state has no cause of its own, and is told at the last record that touches it. */
export function diffInvocations(
  before: Results,
  after: Results,
  stateKeys: (record: Rec) => readonly StateKey[] = () => [],
): InvocationDiff {
  const [was, is] = [toPlain(before.outcome) as Outcome, toPlain(after.outcome) as Outcome];
  const bothOk = was.kind === "ok" && is.kind === "ok";
  const outcome = bothOk || sameOutcome(was, is) ? null : { before: was, after: is };
  const causes = bothOk ? diffOutputs(before.input, was.output, is.output, stateKeys) : [];
  const [said, says] = [toPlain(before.logs) as LogEntry[], toPlain(after.logs) as LogEntry[]];
  // Captures of older releases do not tell which record an entry is about.
  const named = said.some(({ offset }) => offset !== undefined);
  const logs = diffList(said, named ? says : says.map(withoutOffset), [
    (a, b) => a.message === b.message,
    (a, b) => a.level === b.level,
  ]);
  const metrics = diffList(
    toPlain(before.metrics) as MetricEntry[],
    toPlain(after.metrics) as MetricEntry[],
    [(a, b) => a.name === b.name && canonical(a.labels) === canonical(b.labels)],
  );
  const same = !outcome && causes.length === 0 && logs.length === 0 && metrics.length === 0;
  return { same, outcome, causes, logs, metrics };
}

function sameOutcome(was: Outcome, is: Outcome): boolean {
  if (was.kind === "error" && is.kind === "error") {
    return was.error.name === is.error.name && was.error.message === is.error.message;
  }
  return canonical(was) === canonical(is);
}

interface Output {
  readonly emit?: readonly (Emit | Caused)[];
  readonly state?: unknown;
  readonly failures?: BatchOut["failures"];
}

function diffOutputs(
  input: Results["input"],
  was: Output,
  is: Output,
  stateKeys: (record: Rec) => readonly StateKey[],
): readonly CauseDiff[] {
  const emitsWere = byCause(was.emit);
  const emitsAre = byCause(is.emit);
  const failuresWere = new Map((was.failures ?? []).map((f) => [f.offset, f.reason]));
  const failuresAre = new Map((is.failures ?? []).map((f) => [f.offset, f.reason]));
  const state = input.kind === "tick" ? diffTickState(was, is) : diffBatchState(was, is);
  const lastOf = new Map<StateKey, string>();
  if (input.kind === "batch" && state.length > 0) {
    for (const record of input.records) for (const key of stateKeys(record)) lastOf.set(key, record.offset);
  }
  const causeOf = (one: StateDiff): string | null =>
    one.key === null ? null : (lastOf.get(one.key) ?? null);

  const causes = input.kind === "tick" ? [null] : [...input.records.map((record) => record.offset), null];
  return causes
    .map(
      (cause): CauseDiff => ({
        cause,
        emits: diffList(emitsWere.get(cause) ?? [], emitsAre.get(cause) ?? [], [
          (a, b) => a.topic === b.topic && a.key === b.key,
          (a, b) => a.topic === b.topic,
        ]),
        state: state.filter((one) => causeOf(one) === cause),
        failure: cause === null ? null : diffFailure(failuresWere.get(cause), failuresAre.get(cause)),
      }),
    )
    .filter(({ emits, state, failure }) => emits.length > 0 || state.length > 0 || failure !== null);
}

function byCause(emits: readonly (Emit | Caused)[] = []): ReadonlyMap<string | null, readonly Emit[]> {
  const groups = new Map<string | null, Emit[]>();
  for (const one of emits) {
    const { cause = null, ...emit } = one as Emit & { cause?: string };
    const group = groups.get(cause);
    if (group) group.push(emit);
    else groups.set(cause, [emit]);
  }
  return groups;
}

function diffFailure(before: string | undefined, after: string | undefined): FailureDiff | null {
  if (before === after) return null;
  return { ...(before !== undefined && { before }), ...(after !== undefined && { after }) };
}

function diffTickState(was: { state?: unknown }, is: { state?: unknown }): readonly StateDiff[] {
  return diffState(null, was.state, is.state);
}

/** The last change of a key is the one that stands. */
function diffBatchState(was: Output, is: Output): readonly StateDiff[] {
  const toMap = (out: Output): Map<StateKey, unknown> =>
    new Map(((out.state ?? []) as NonNullable<BatchOut["state"]>).map(({ key, value }) => [key, value]));
  const [before, after] = [toMap(was), toMap(is)];
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((key) =>
    diffState(key, before.get(key), after.get(key)),
  );
}

function diffState(key: StateKey | null, before: unknown, after: unknown): readonly StateDiff[] {
  if (canonical(before) === canonical(after)) return [];
  const both = before !== undefined && after !== undefined;
  return [
    {
      key,
      ...(before !== undefined && { before }),
      ...(after !== undefined && { after }),
      fields: both ? diffValue(before, after) : [],
    },
  ];
}
