/** Is this a valid input for a function? The same check for every trigger. */
import { z } from "zod";
import type { Batch, FunctionDefinition, Rec, Tick, Topic } from "./define.ts";

export interface InvalidRecord {
  readonly offset: string;
  /** What was expected and what came, by path. */
  readonly reason: string;
}

export type CheckedInput =
  | { readonly kind: "ok"; readonly input: Tick | Batch }
  | { readonly kind: "invalid"; readonly message: string; readonly records: readonly InvalidRecord[] };

const tickShape = z.strictObject({
  kind: z.literal("tick"),
  seq: z.int().nonnegative(),
  scheduledAt: z.number(),
  elapsedMs: z.number().nonnegative(),
  instanceId: z.string().min(1),
  state: z.unknown(),
});

const offset = z.string().regex(/^\d{1,19}$/, "expected an offset as a decimal string");

const batchShape = z.strictObject({
  kind: z.literal("batch"),
  topic: z.string(),
  partition: z.int().nonnegative(),
  records: z.array(
    z.strictObject({
      offset,
      timestamp: z.number(),
      streamTimeMs: z.number(),
      key: z.string().nullable(),
      headers: z.record(z.string(), z.string()),
      value: z.unknown(),
    }),
  ),
  state: z.custom<Record<string, unknown>>((v) => typeof v === "object" && v !== null && !Array.isArray(v)),
});

/** `a.b: expected number, got "x"` for each issue that zod found. */
export function describeIssues(error: z.core.$ZodError): string {
  return error.issues
    .map((i) => (i.path.length ? `${i.path.join(".")}: ${i.message}` : i.message))
    .join("; ");
}

/** Parses one value by its topic's schema. */
export function checkValue(topic: Topic, value: unknown): { value: unknown } | { reason: string } {
  const parsed = topic.schema.safeParse(value);
  return parsed.success ? { value: parsed.data } : { reason: describeIssues(parsed.error) };
}

export function checkInput(definition: FunctionDefinition, input: unknown): CheckedInput {
  const shape = definition.kind === "producer" ? tickShape : batchShape;
  const parsed = shape.safeParse(input);
  if (!parsed.success) {
    const message = `expected a ${definition.kind === "producer" ? "tick" : "batch"}: ${describeIssues(parsed.error)}`;
    return { kind: "invalid", message, records: [] };
  }
  return definition.kind === "producer"
    ? { kind: "ok", input: input as Tick }
    : checkBatch(definition.topic, definition.stateKeys, input as Batch);
}

function checkBatch(topic: Topic, stateKeys: (record: Rec) => readonly string[], batch: Batch): CheckedInput {
  const invalid = (message: string, records: InvalidRecord[] = []): CheckedInput => ({
    kind: "invalid",
    message,
    records,
  });
  if (batch.topic !== topic.name) return invalid(`topic: expected "${topic.name}", got "${batch.topic}"`);
  const records: Rec[] = [];
  const bad: InvalidRecord[] = [];
  const state: Record<string, unknown> = Object.assign(Object.create(null), batch.state);
  let previous = -1n;
  for (const record of batch.records) {
    const at = BigInt(record.offset);
    if (at <= previous) return invalid(`records: expected rising offsets, got ${at} after ${previous}`);
    previous = at;
    const checked = checkValue(topic, record.value);
    if ("reason" in checked) {
      bad.push({ offset: record.offset, reason: checked.reason });
      continue;
    }
    const valid = { ...record, value: checked.value };
    for (const key of stateKeys(valid)) state[key] ??= null;
    records.push(valid);
  }
  if (bad.length > 0) {
    const first = bad[0]!;
    return invalid(
      `${bad.length} of ${batch.records.length} records: offset ${first.offset}: ${first.reason}`,
      bad,
    );
  }
  return { kind: "ok", input: { ...batch, records, state } };
}
