/**
 * Runs a consumer on a batch until what is left of it goes through: a pure loop around `invoke`.
 *
 * - Records that are not valid, or that the handler names as failures, are set aside and the others run anew, so
 *   that no output and no state stems from a record that failed.
 * - A throw is tried once more with the same seed. If it stays, the shortest prefix that throws ends with the bad
 *   record: that one is set aside and the survivors run anew. Looking for it is free, since handlers have no
 *   side effects.
 */
import type { Batch, BatchOut, Rec } from "./define.ts";
import type { Invocation, ThrownError } from "./invoke.ts";

/** A record that could not be handled, and why. */
export interface SetAside {
  readonly record: Rec;
  readonly kind: "invalid" | "threw" | "failed";
  readonly error: ThrownError;
}

export interface Settled {
  /** Of the run that went through; empty when no record was left. */
  readonly output: BatchOut;
  readonly aside: readonly SetAside[];
  /** The run that stands, or null when no record was left. */
  readonly invocation: Invocation | null;
  /** Runs that it took. */
  readonly attempts: number;
  /** True when the same input threw once and then did not: the handler is not a pure function. */
  readonly unstable: boolean;
}

/** `run` invokes the function on a batch; `attempt` counts from 1. */
export function settle(batch: Batch, run: (batch: Batch, attempt: number) => Invocation): Settled {
  const aside: SetAside[] = [];
  let attempts = 0;
  let unstable = false;
  const attempt = (records: readonly Rec[]): Invocation => {
    attempts += 1;
    return run(records.length === batch.records.length ? batch : { ...batch, records }, attempts);
  };

  let survivors = batch.records;
  /** How many of the first survivors are known to go through together. */
  let good = 0;
  /** Once a batch has thrown it is felt through from its good part on: more bad records are likely. */
  let feeling = false;
  while (survivors.length > 0) {
    let invocation: Invocation;
    if (feeling) {
      const found = firstThrowing(survivors, good, attempt);
      if ("error" in found) {
        aside.push({ record: survivors[found.index]!, kind: "threw", error: found.error });
        survivors = survivors.filter((_, i) => i !== found.index);
        good = found.index;
        continue;
      }
      invocation = found.whole;
    } else {
      invocation = attempt(survivors);
      if (invocation.outcome.kind === "error") {
        invocation = attempt(survivors);
        if (invocation.outcome.kind !== "error") unstable = true;
      }
    }
    const { outcome } = invocation;
    if (outcome.kind === "ok") {
      const output = outcome.output as BatchOut;
      const failures = new Map((output.failures ?? []).map((f) => [f.offset, f.reason]));
      if (failures.size === 0) return { output, aside: sorted(aside), invocation, attempts, unstable };
      survivors = remove(survivors, failures, (record, reason) => {
        aside.push({ record, kind: "failed", error: { name: "Failure", message: reason } });
      });
      good = 0;
    } else if (outcome.kind === "invalid") {
      const reasons = new Map(outcome.records.map((bad) => [bad.offset, bad.reason]));
      // A batch that is wrong as a whole says nothing of its records: none of them can be handled.
      if (reasons.size === 0) for (const record of survivors) reasons.set(record.offset, outcome.message);
      survivors = remove(survivors, reasons, (record, reason) => {
        aside.push({ record, kind: "invalid", error: { name: "InvalidRecord", message: reason } });
      });
      good = 0;
    } else {
      feeling = true;
    }
  }
  return { output: {}, aside: sorted(aside), invocation: null, attempts, unstable };
}

/**
 * The record that ends the shortest throwing prefix, or the run of them all where none throws. Steps grow from what is
 * known to be good, then halve: bad records that stand close together cost few runs, and a lone one costs about two
 * times log2 of the batch.
 */
function firstThrowing(
  records: readonly Rec[],
  good: number,
  attempt: (records: readonly Rec[]) => Invocation,
): { readonly index: number; readonly error: ThrownError } | { readonly whole: Invocation } {
  let low = good; // a prefix of this length goes through
  for (let step = 1; ; step *= 2) {
    const length = Math.min(low + step, records.length);
    const invocation = attempt(records.slice(0, length));
    if (invocation.outcome.kind === "error")
      return halve(records, low, length, invocation.outcome.error, attempt);
    if (length === records.length) return { whole: invocation };
    low = length;
  }
}

/** A prefix of length `low` goes through, one of length `high` throws `error`. */
function halve(
  records: readonly Rec[],
  low: number,
  high: number,
  error: ThrownError,
  attempt: (records: readonly Rec[]) => Invocation,
): { readonly index: number; readonly error: ThrownError } {
  if (high - low <= 1) return { index: high - 1, error };
  const middle = Math.floor((low + high) / 2);
  const { outcome } = attempt(records.slice(0, middle));
  return outcome.kind === "error"
    ? halve(records, low, middle, outcome.error, attempt)
    : halve(records, middle, high, error, attempt);
}

function remove(
  records: readonly Rec[],
  reasons: ReadonlyMap<string, string>,
  each: (record: Rec, reason: string) => void,
): readonly Rec[] {
  return records.filter((record) => {
    const reason = reasons.get(record.offset);
    if (reason === undefined) return true;
    each(record, reason);
    return false;
  });
}

const sorted = (aside: readonly SetAside[]): readonly SetAside[] =>
  aside.toSorted((a, b) => (BigInt(a.record.offset) < BigInt(b.record.offset) ? -1 : 1));
