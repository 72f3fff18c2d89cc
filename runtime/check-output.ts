/** Is what a handler returned a valid output? A wrong one is the function's fault and never leaves the runtime. */
import { checkValue } from "./check-input.ts";
import type { Batch, BatchOut, Emit, FunctionDefinition, Rec, Tick, TickOut, Topic } from "./define.ts";
import { findNotPlain, isPlainObject, nameOf } from "./plain-data.ts";

export class InvalidOutputError extends Error {
  override readonly name = "InvalidOutputError";
}

const TICK_FIELDS = new Set(["emit", "state"]);
const BATCH_FIELDS = new Set(["emit", "state", "failures"]);
const EMIT_FIELDS = new Set<string>(["topic", "key", "value", "headers"] satisfies (keyof Emit)[]);
const CAUSED_FIELDS = new Set([...EMIT_FIELDS, "cause"]);

/** Returns the output as it is. Throws InvalidOutputError with what was expected, what came, and where. */
export function checkOutput(
  definition: FunctionDefinition,
  input: Tick | Batch,
  output: unknown,
): TickOut | BatchOut {
  if (output instanceof Promise)
    throw new InvalidOutputError("a handler is synchronous: expected an object, got Promise");
  if (!isPlainObject(output)) throw new InvalidOutputError(`expected an object, got ${nameOf(output)}`);
  const isProducer = definition.kind === "producer";
  checkFields(output, isProducer ? TICK_FIELDS : BATCH_FIELDS, () => "");
  const topics = new Map<string, Topic>(definition.emits.map((topic: Topic) => [topic.name, topic]));
  listOf(output.emit, "emit").forEach((one, i) => {
    checkEmit(topics, one, isProducer ? EMIT_FIELDS : CAUSED_FIELDS, i);
  });
  if (isProducer) {
    if (output.state !== undefined) checkPlain(output.state, () => "state");
    return output as TickOut;
  }
  checkBatchOut(input as Batch, output, definition.stateKeys);
  return output as BatchOut;
}

/** Paths are made only when they are needed: this runs for every record that goes out. */
type Path = () => string;

function checkFields(value: Record<string, unknown>, allowed: ReadonlySet<string>, path: Path): void {
  for (const field of Object.keys(value)) {
    if (allowed.has(field)) continue;
    const where = path() && `${path()}: `;
    throw new InvalidOutputError(`${where}expected only ${[...allowed].join(", ")}, got "${field}"`);
  }
}

function checkPlain(value: unknown, path: Path): void {
  const problem = findNotPlain(value, "");
  if (problem !== null) throw new InvalidOutputError(`${path()}${problem}`);
}

function checkEmit(
  topics: ReadonlyMap<string, Topic>,
  one: unknown,
  allowed: ReadonlySet<string>,
  i: number,
): void {
  const path = (): string => `emit[${i}]`;
  if (!isPlainObject(one)) throw new InvalidOutputError(`${path()}: expected an object, got ${nameOf(one)}`);
  checkFields(one, allowed, path);
  const { topic: name, key, value, headers } = one as Record<keyof Emit, unknown>;
  const topic = topics.get(name as string);
  if (!topic) {
    const expected = [...topics.keys()].map((t) => `"${t}"`).join(" or ") || "no emits";
    throw new InvalidOutputError(`${path()}.topic: expected ${expected}, got ${show(name)}`);
  }
  if (key !== null && typeof key !== "string") {
    throw new InvalidOutputError(`${path()}.key: expected a string or null, got ${nameOf(key)}`);
  }
  if (headers !== undefined) checkHeaders(headers, path);
  if (value === undefined)
    throw new InvalidOutputError(`${path()}.value: expected data or null, got undefined`);
  checkPlain(value, () => `${path()}.value`);
  const checked = checkValue(topic, value);
  if ("reason" in checked) throw new InvalidOutputError(`${path()} to ${topic.name}: ${checked.reason}`);
}

function checkHeaders(headers: unknown, path: Path): void {
  if (!isPlainObject(headers)) {
    throw new InvalidOutputError(`${path()}.headers: expected an object, got ${nameOf(headers)}`);
  }
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value === "string") continue;
    throw new InvalidOutputError(`${path()}.headers.${name}: expected a string, got ${nameOf(value)}`);
  }
}

function checkBatchOut(
  batch: Batch,
  output: Record<string, unknown>,
  stateKeys: (record: Rec) => readonly string[],
): void {
  const offsets = new Set(batch.records.map((record) => record.offset));
  const checkOffset = (offset: unknown, path: Path): void => {
    if (typeof offset === "string" && offsets.has(offset)) return;
    throw new InvalidOutputError(`${path()}: expected an offset of the batch, got ${show(offset)}`);
  };
  listOf(output.emit, "emit").forEach((one, i) => {
    checkOffset((one as { cause?: unknown }).cause, () => `emit[${i}].cause`);
  });
  const changes = listOf(output.state, "state");
  const touched = new Set(changes.length > 0 ? batch.records.flatMap((record) => stateKeys(record)) : []);
  changes.forEach((change, i) => {
    if (!isPlainObject(change)) {
      throw new InvalidOutputError(`state[${i}]: expected { key, value }, got ${nameOf(change)}`);
    }
    if (typeof change.key !== "string" || !touched.has(change.key)) {
      throw new InvalidOutputError(
        `state[${i}].key: expected a state key of the batch's records, got ${show(change.key)}`,
      );
    }
    if (change.value === undefined) {
      throw new InvalidOutputError(`state[${i}].value: expected data or null, got undefined`);
    }
    checkPlain(change.value, () => `state[${i}].value`);
  });
  listOf(output.failures, "failures").forEach((failure, i) => {
    if (!isPlainObject(failure) || typeof failure.reason !== "string") {
      throw new InvalidOutputError(`failures[${i}]: expected { offset, reason }, got ${show(failure)}`);
    }
    checkOffset(failure.offset, () => `failures[${i}].offset`);
  });
}

function listOf(value: unknown, path: string): readonly unknown[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw new InvalidOutputError(`${path}: expected a list, got ${nameOf(value)}`);
  return value;
}

/** What came, for an error: plain data as JSON, anything else by its kind. */
const show = (value: unknown): string =>
  findNotPlain(value, "") === null ? JSON.stringify(value) : nameOf(value);
