/** Runs captures again. Pure: what a file holds goes in, what a function makes of it now comes out. */
import { checkValue, describeIssues } from "../check-input.ts";
import type { StateKey } from "../define.ts";
import { type Invocation, invoke, type LoadedFunction } from "../invoke.ts";
import { type SetAside, settle } from "../settle.ts";
import type { CapturedInvocation } from "../view.ts";
import { diffInvocations, type InvocationDiff } from "./diff.ts";
import { type CapturedBatch, CaptureError } from "./format.ts";
import { fillRedacted } from "./redact.ts";

export interface Replayed {
  readonly invocation: Invocation;
  readonly diff: InvocationDiff;
  /** The function's code is not what it was; that alone is no difference. */
  readonly codeChanged: boolean;
}

/** `recorded` is the default: what changed is then the code alone. */
export type ConfigSource = "recorded" | "current";

/**
 * Invokes `fn` as recorded, under the purity guards, with the same now, seed and input, and compares.
 * Throws CaptureError where the recorded config does not fit the function's present schema.
 */
export function replay(
  fn: LoadedFunction,
  recorded: CapturedInvocation,
  source: ConfigSource = "recorded",
): Replayed {
  const invocation = invoke(fn, {
    id: recorded.id,
    trigger: "replay",
    attempt: recorded.attempt,
    input: recorded.input,
    now: recorded.now,
    seed: recorded.seed,
    config: source === "current" ? fn.config : recordedConfig(fn, recorded),
    guard: true,
  });
  const stateKeys = fn.definition.kind === "consumer" ? fn.definition.stateKeys : undefined;
  return {
    invocation,
    diff: diffInvocations(recorded, invocation, stateKeys),
    codeChanged: recorded.codeHash !== fn.codeHash,
  };
}

/** Newer code may have settings that were not recorded: they get their defaults. */
export function recordedConfig(
  fn: LoadedFunction,
  recorded: Pick<CapturedInvocation, "config" | "codeHash">,
): unknown {
  const config = fillRedacted(recorded.config, fn.config);
  if (recorded.codeHash === fn.codeHash) return config;
  const parsed = fn.definition.config.safeParse(config);
  if (parsed.success) return parsed.data;
  throw new CaptureError(
    `the recorded config does not fit ${fn.name} as it is now: ${describeIssues(parsed.error)}; ` +
      "--config current runs it with the present config",
  );
}

/** What a function makes of one batch of a topic capture. */
export interface BatchRun {
  /** Null when no record was left to handle. */
  readonly invocation: Invocation | null;
  /** Records that would be dead-lettered. */
  readonly aside: readonly SetAside[];
}

/**
 * Runs a consumer on a topic's batches as the platform would from the earliest offset on: state starts empty and is
 * threaded from batch to batch, a partition apart. `now` is the stream time, so that each run gives the same.
 */
export function createBatchRunner(fn: LoadedFunction): (captured: CapturedBatch) => BatchRun {
  const { definition } = fn;
  if (definition.kind !== "consumer") {
    throw new CaptureError(`expected a consumer for a topic's batches, got the producer ${fn.name}`);
  }
  const partitions = new Map<number, Map<StateKey, unknown>>();
  let count = 0;
  return ({ input }) => {
    const known = partitions.get(input.partition) ?? new Map<StateKey, unknown>();
    partitions.set(input.partition, known);
    const state: Record<StateKey, unknown> = Object.create(null);
    for (const record of input.records) {
      // What is not valid has no keys that one could rely on, and is set aside below.
      if ("reason" in checkValue(definition.topic, record.value)) continue;
      for (const key of definition.stateKeys(record)) state[key] = known.get(key) ?? null;
    }
    const now = input.records.at(-1)?.streamTimeMs ?? 0;
    const settled = settle({ ...input, state }, (batch, attempt) => {
      count += 1;
      return invoke(fn, {
        id: `replay-${count}`,
        trigger: "replay",
        attempt,
        input: batch,
        now,
        guard: true,
      });
    });
    for (const { key, value } of settled.output.state ?? []) {
      if (value === null) known.delete(key);
      else known.set(key, value);
    }
    return { invocation: settled.invocation, aside: settled.aside };
  };
}
